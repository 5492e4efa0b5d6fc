"""The same loop with what the load test does for a call: an id, the ledger, three clocks, whose answer it is.

BENCH_PLAN names the plan.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from locust import constant, events, task

from bench.load.timing import tell
from loadtests.generator.run import Run
from loadtests.plan import Plan
from loadtests.users.honest import HonestUser
from loadtests.users.pulses import HEALTH


class Noted(HonestUser):
    """Our own."""

    abstract = False
    wait_time = constant(0)

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self._caller = self.worker.way.applicant()

    @task
    def ask(self) -> None:
        """Ask."""
        self._caller.ask(HEALTH)


def _begin(environment: Any, **_: Any) -> None:
    stats = environment.stats

    def serviced(method: str, name: str, milliseconds: float, size: int) -> None:
        stats.get(name, method).log(milliseconds, size)

    plan = Plan.read(Path(os.environ["BENCH_PLAN"]))
    HonestUser.run_of_worker = Run(plan, 0, environment.events.request.fire, serviced)


_bus: Any = events
_bus.test_start.add_listener(_begin)
tell()
