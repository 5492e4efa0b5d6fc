"""Clerks of a town: what is new is reviewed, what was accepted is entered, visits are prepared, people are served.

Each is a user class of its own, so that each is there once in a run. A fixed number of people at desks is the truth, so
they are closed loops: when answers are slow, less is done.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any, ClassVar, Final

from locust import task
from locust.exception import StopUser

from fakes.endpoints import ward as w
from fakes.messages.register import EnterIn, EnterOut, EnterWithin, Newcomer, Planned, PlannedList
from fakes.messages.ward import ApplicationDetails, FoundApplication, ReviewStep
from fakes.people import Household
from fakes.procedures import Procedure
from fakes.states.application import ApplicationState
from fakes.states.visit import VisitState
from fakes.towns import TOWNS
from loadtests.users.entrance import ward_staff
from loadtests.users.honest import MICRO, HonestUser
from loadtests.users.staff.desk import Desk
from texts import say

NAMES: Final = ("clerk01", "clerk02")
LOOK_S: Final = 120
"""Seconds of the scenario between two looks at the lists (assumption)."""
LOOK_FLOOR_S: Final = 1.0
"""Real seconds between them at least."""
_AT_A_TIME: Final = 20
"""So many of a list are worked on before the next list."""


class Clerk(HonestUser):
    """One member of a town's staff."""

    abstract = True
    plays: ClassVar[str] = "staff"
    town: ClassVar[str] = ""
    number: ClassVar[int] = 0

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        entrance = ward_staff(self, self.town, NAMES[self.number])
        self.desk = Desk(self, self.town, entrance, self.number, len(NAMES))
        self._done: set[tuple[str, str]] = set()
        self._due = 0

    @task
    def look(self) -> None:
        """Go through the lists once; at the end of the run go home."""
        self._due = max(self._due, self.worker.now())
        self.wait_for(self._due)
        if self.worker.draining:
            raise StopUser
        try:
            self._review()
            self._register()
            self._prepare()
            self._serve()
        except StopUser:
            raise
        except Exception as problem:
            self.broke(problem)
        self._due += round(max(self.worker.plan.real_s(LOOK_S), LOOK_FLOOR_S) * MICRO)

    def _some(self, query: dict[str, str], step: str) -> list[FoundApplication]:
        """Return some of this member's applications of a list that a step was not tried on before."""
        found: list[FoundApplication] = []
        for one in self.desk.mine(query):
            if (one.reference_number, step) not in self._done:
                found.append(one)
            if len(found) == _AT_A_TIME:
                break
        return found

    def _tried(self, reference: str, step: str) -> bool:
        """Note that a step is tried on an application; return whether the day is over."""
        self._done.add((reference, step))
        return self.worker.draining

    def _review(self) -> None:
        """Review what was brought: what has a mistake goes back, who is not in the register is refused."""
        desk = self.desk
        for one in self._some({"state": ApplicationState.DOWNLOADED.value}, "review"):
            number = one.reference_number
            if not self._decides(one) or self._tried(number, "review"):
                continue
            if not desk.ask(w.REVIEW, ReviewStep("begin_review"), reference=number).done:
                continue
            details = desk.details(number)
            if details is None:
                continue
            desk.take_time()
            known = all(person.address_number for person in details.people)
            right = known and not any(person.differences for person in details.people)
            desk.ask(w.REVIEW, ReviewStep("formal_check", "passed"), reference=number)
            desk.take_time()
            result: Any = "passed" if right else "failed"
            desk.ask(w.REVIEW, ReviewStep("substantive_check", result), reference=number)
            desk.ask(w.REVIEW, _decision(known=known, right=right), reference=number)

    @staticmethod
    def _decides(one: FoundApplication) -> bool:
        return Procedure.MOVE_IN_VISIT not in one.procedures

    def _register(self) -> None:
        """Enter moves whose notices were accepted, once the relay knows it; one within the town is only completed."""
        desk = self.desk
        for one in self._some({"state": ApplicationState.NOTICE_ACCEPTED.value}, "register"):
            number = one.reference_number
            details = desk.details(number) if self._decides(one) else None
            if details is None or details.told is not ApplicationState.NOTICE_ACCEPTED or details.transactions:
                continue
            if self._tried(number, "register"):
                return
            if Procedure.MOVE_OUT in details.procedures:
                self._enter_out(details)
            elif desk.ask(w.REVIEW, ReviewStep("complete"), reference=number).done:
                self._enter_within(details)

    def _enter_out(self, details: ApplicationDetails) -> None:
        household = self._head_of(details)
        if household is None:
            return
        number = details.reference_number
        message = EnterOut(
            number,
            date.fromisoformat(details.moving_date),
            [person.address_number for person in details.people],
            self.desk.new_address(household, details.new_municipality),
        )
        self.desk.approve(self.desk.ask(w.OUT, message, reference=number), number)

    def _head_of(self, details: ApplicationDetails) -> Household | None:
        """Return the household of an application; None when nobody is known here, or nobody was taken in."""
        return self.desk.household_of(details.people[0].name) if details.people else None

    def _enter_within(self, details: ApplicationDetails) -> None:
        """Serve people who have moved within the town, if the day has come."""
        moved = date.fromisoformat(details.moving_date)
        household = self._head_of(details)
        card = household.head.card if household is not None else None
        if household is None or card is None or moved > self.worker.scenario_now().date():
            return
        number = details.reference_number
        members = [person.address_number for person in details.people]
        address = self.desk.new_address(household, self.town)
        message = EnterWithin(members, moved, address, card.serial, card.pin, number)
        self.desk.take_time()
        self.desk.approve(self.desk.ask(w.WITHIN, message, reference=number), number)

    def _prepare(self) -> None:
        """Prepare announced visits."""
        for one in self._some({"visit": VisitState.RECEIVED.value}, "prepare"):
            number = one.reference_number
            if self._tried(number, "prepare"):
                return
            if self.desk.ask(w.REVIEW, ReviewStep("begin_preparation"), reference=number).done:
                self.desk.take_time()
                self.desk.ask(w.REVIEW, ReviewStep("finish_preparation"), reference=number)

    def _serve(self) -> None:
        """Take in households all of whom are planned and whose day has come; the last of the clerks has the counter."""
        if self.number != len(NAMES) - 1:
            return
        today = self.worker.scenario_now().date().isoformat()
        for reference, group in groupby(self._planned(), key=lambda one: one.reference_number):
            coming = list(group)
            whole = len(coming) == coming[0].household_members
            if not whole or coming[0].planned_move_out > today or (reference, "serve") in self._done:
                continue
            if self._tried(reference, "serve"):
                return
            self._take_in(reference, coming)

    def _planned(self) -> list[Planned]:
        """Return who is expected, household by household."""
        found: list[Planned] = []
        after = 0
        while True:
            told = self.desk.ask(w.PLANNED, query={"after": str(after), "per_page": "100"})
            if not told.done:
                break
            page: PlannedList = told.result
            found += [one for one in page.planned if one.reference_number]
            if not page.more:
                break
            after = page.cursor
        return sorted(found, key=lambda one: (one.reference_number, one.position))

    def _take_in(self, reference: str, coming: list[Planned]) -> None:
        household = self.desk.household_of(coming[0].name)
        card = household.head.card if household is not None else None
        if household is None or card is None:
            return
        message = EnterIn(
            [Newcomer(one.telegram, one.relationship) for one in coming],
            date.fromisoformat(coming[0].planned_move_out),
            self.desk.new_address(household, self.town),
            card.serial,
            card.pin,
            reference,
        )
        self.desk.take_time()
        self.desk.approve(self.desk.ask(w.IN, message, reference=reference), reference)


def _decision(*, known: bool, right: bool) -> ReviewStep:
    if right:
        return ReviewStep("accept_notice")
    action, note = ("return", "load.note.returned") if known else ("reject", "load.note.rejected")
    return ReviewStep(action, message=say(note, "ja"))  # type: ignore[arg-type] # two of its actions


def clerks() -> dict[str, type[Clerk]]:
    """Return a user class for each clerk of each town, by name."""
    made = {}
    for code in TOWNS:
        for number in range(len(NAMES)):
            name = f"Clerk{code}n{number + 1}"
            made[name] = type(name, (Clerk,), {"abstract": False, "fixed_count": 1, "town": code, "number": number})
    return made
