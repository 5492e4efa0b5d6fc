"""What all of a town's desks share: lists that are gone through page by page, steps with the time that they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fakes.endpoints import Endpoint
from fakes.endpoints import ward as w
from fakes.messages.register import Approval
from fakes.messages.ward import ApplicationDetails, FoundApplication, FoundApplications
from fakes.package.application import Address
from fakes.people import Household
from fakes.population import home_of
from fakes.refusals import Code
from fakes.streams import Stream
from loadtests.generator.asking import Letter, Told
from loadtests.users.entrance import Entrance
from loadtests.users.honest import HonestUser

STEP_S: Final = (20, 90)
"""Seconds of the scenario that a step takes, at least and at most (assumption)."""
STEP_FLOOR_S: Final = 0.05
"""Real seconds of a step at least."""
RULES: Final = frozenset(
    code.value for code in (Code.RULE, Code.RULE_STATE, Code.RULE_AUTHORITY, Code.IN_HAND, Code.REENTRY, Code.MISMATCH)
)
"""Right answers to a step that came too late: withdrawn meanwhile, filed twice, in somebody else's hand."""
_PAGE: Final = 20
_NARROW: Final = str.maketrans("０１２３４５６７８９", "0123456789")


class Desk:
    """One member of staff of one town.

    Parameters
    ----------
    number, of
        Which of how many who share the work: who has which application follows from its import.
    """

    def __init__(self, user: HonestUser, place: str, entrance: Entrance, number: int, of: int) -> None:
        self.user = user
        self.place = place
        self.run = user.worker
        self._entrance = entrance
        self._number = number
        self._of = of
        self._steps = Stream(user.worker.plan.people_seed, f"load/desk/{place}/{number}")
        self._taken = 0

    def mine(self, query: Mapping[str, str]) -> Iterator[FoundApplication]:
        """Yield this member's applications that meet conditions, page by page."""
        after = 0
        while True:
            asked = {**query, "after": str(after), "per_page": str(_PAGE)}
            told = self._entrance.ask(Letter(endpoint=w.APPLICATIONS, query=asked))
            if not told.done:
                return
            page: FoundApplications = told.result
            yield from (one for one in page.applications if one.import_id % self._of == self._number)
            if not page.more:
                return
            after = page.cursor

    def details(self, number: str) -> ApplicationDetails | None:
        """Return an application as the staff sees it; None when it is not to be had."""
        told = self.ask(w.APPLICATION, reference=number)
        return told.result if told.done else None

    def ask(
        self, endpoint: Endpoint, message: Any = None, *, reference: str = "", query: Mapping[str, str] | None = None
    ) -> Told:
        """Ask, about an application if one is named."""
        values = {"reference_number": reference} if "{reference_number}" in endpoint.path else {}
        return self._entrance.ask(
            Letter(
                endpoint=endpoint,
                values=values,
                query=query or {},
                message=message,
                reference=reference,
                allowed=RULES,
            )
        )

    def approve(self, told: Told, reference: str) -> bool:
        """Let a change that was entered be applied, after another look at it."""
        if not told.done:
            return False
        self.take_time()
        letter = Letter(
            endpoint=w.APPROVE,
            values={"id": told.result.transaction},
            message=Approval(),
            reference=reference,
            allowed=RULES,
        )
        return self._entrance.ask(letter).done

    def take_time(self) -> None:
        """Let a step take its time."""
        least, most = STEP_S
        self._taken += 1
        self.user.pause(least + self._steps.below(self._taken, most - least + 1), STEP_FLOOR_S)

    def household_of(self, name: str) -> Household | None:
        """Return the household that somebody is of, whose name ends in its number; None if it is no such name."""
        digits = name.translate(_NARROW)
        number = digits[len(digits.rstrip("0123456789")) :]
        if not number:
            return None
        index = int(number) - 1
        home = home_of(index)
        return self.run.people.household(index, home) if home is not None else None

    def new_address(self, household: Household, municipality: str) -> Address:
        """Return the address that a household filed, as it stands on the form."""
        return self.run.people.address(household.index, municipality, 1)
