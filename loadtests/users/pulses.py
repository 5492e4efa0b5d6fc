"""Pulses: every arrival asks the portal once whether it is there. For calibration: what generator and server can do."""

from __future__ import annotations

from typing import Any

from locust import task
from locust.exception import StopUser

from fakes.endpoints.common import endpoints
from fakes.servers import Server
from loadtests.generator.asking import Letter
from loadtests.users.honest import HonestUser

HEALTH = Letter(endpoint=endpoints(Server.PORTAL)[0])


class Pulse(HonestUser):
    """One question; started by the scheduler of arrivals."""

    abstract = True

    def __init__(self, environment: Any, due: int) -> None:
        super().__init__(environment)
        self.due = due

    @task
    def ask(self) -> None:
        """Ask once."""
        run = self.worker
        run.record.lag.record(run.now() - self.due)
        run.way.applicant().ask(HEALTH, self.due)
        raise StopUser
