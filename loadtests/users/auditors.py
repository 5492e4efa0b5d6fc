"""Auditors (情報システム課): they read the trail of their town, and nothing else."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from locust import task
from locust.exception import StopUser

from fakes.endpoints import ward as w
from fakes.messages.register import AuditEvents
from fakes.towns import TOWNS
from loadtests.generator.asking import Letter
from loadtests.users.entrance import ward_staff
from loadtests.users.honest import MICRO, HonestUser

NAME: Final = "audit01"
LOOK_S: Final = 600
"""Seconds of the scenario between two looks (assumption)."""
LOOK_FLOOR_S: Final = 2.0
"""Real seconds between them at least."""
_PAGE: Final = 100


class Auditor(HonestUser):
    """The auditor of one town."""

    abstract = True
    plays: ClassVar[str] = "auditors"
    town: ClassVar[str] = ""

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self._entrance = ward_staff(self, self.town, NAME)
        self._after = 0
        self._due = 0

    @task
    def look(self) -> None:
        """Read what is new, page by page."""
        self._due = max(self._due, self.worker.now())
        self.wait_for(self._due)
        try:
            self._read(self._due)
        except StopUser:
            raise
        except Exception as problem:
            self.broke(problem)
        self._due += round(max(self.worker.plan.real_s(LOOK_S), LOOK_FLOOR_S) * MICRO)

    def _read(self, due: int) -> None:
        while True:
            query = {"after": str(self._after), "per_page": str(_PAGE)}
            told = self._entrance.ask(Letter(endpoint=w.EVENTS, query=query), due)
            if not told.done:
                return
            page: AuditEvents = told.result
            self._after = page.cursor
            if not page.more:
                return
            due = self.worker.now()


def auditors() -> dict[str, type[Auditor]]:
    """Return a user class for the auditor of each town, by name."""
    made = {}
    for code in TOWNS:
        name = f"Auditor{code}"
        made[name] = type(name, (Auditor,), {"abstract": False, "fixed_count": 1, "town": code})
    return made
