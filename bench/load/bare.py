"""Locust as it comes: users of its own client, each asking again at once. The measure for what our notes cost.

BENCH_PAUSE_S makes them wait between calls, as closed models do; BENCH_CLIENT=http takes the client of `requests`.
"""

from __future__ import annotations

import os

from locust import FastHttpUser, HttpUser, constant, task

from bench.load.timing import tell

_PAUSE_S = float(os.environ.get("BENCH_PAUSE_S", "0"))
_HTTP = os.environ.get("BENCH_CLIENT") == "http"


class Bare(FastHttpUser):
    """FastHttpUser."""

    abstract = _HTTP
    wait_time = constant(_PAUSE_S)

    @task
    def ask(self) -> None:
        """Ask."""
        self.client.get("/healthz", name="pulse")


class Plain(HttpUser):
    """HttpUser."""

    abstract = not _HTTP
    wait_time = constant(_PAUSE_S)

    @task
    def ask(self) -> None:
        """Ask."""
        self.client.get("/healthz", name="pulse")


tell()
