"""A town that amends certificate data at once: two telegrams about one person wait together, and keep their order.

Moves alone make one telegram about a person and sender, so whether the resident network keeps the order would not show.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from locust import task
from locust.exception import StopUser

from fakes.endpoints import jlis as j
from fakes.refusals import Code
from loadtests.amending import MOST, SENDER, first_of, telegram_about
from loadtests.generator.asking import Letter
from loadtests.users.entrance import Entrance
from loadtests.users.honest import HonestUser

_BETWEEN_S: Final = 300
_BETWEEN_FLOOR_S: Final = 2.0
_CLOSED: Final = frozenset({Code.RULE_CLOSED.value})


class Amender(HonestUser):
    """Sends the data of somebody who does not file, and right after them the same with another day of the move."""

    abstract = False
    fixed_count = 1
    plays: ClassVar[str] = "probes"

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self._network = Entrance.open(self, self.worker.way.jlis(SENDER))
        self._sent = 0

    @task
    def send(self) -> None:
        """Wait a while, and send two; nobody waits between them."""
        run = self.worker
        self.wait_for(0)  # what came before the first arrival is not of the run
        self.pause(_BETWEEN_S, _BETWEEN_FLOOR_S)
        if run.ending or run.draining or self._sent == MOST:
            raise StopUser
        try:
            self._send(first_of(run.plan.run) + self._sent)
        except StopUser:
            raise
        except Exception as problem:
            self.broke(problem)
        self._sent += 1

    def _send(self, household: int) -> None:
        run = self.worker
        for number in (1, 2):
            letter = Letter(
                endpoint=j.SEND_TELEGRAM,
                message=telegram_about(run.people, household, number, run.scenario_now()),
                application=f"m{household}",
                allowed=_CLOSED,
            )
            if not self._network.ask(letter).done:
                return  # the network is closed, or nobody answers: the second would have no first
