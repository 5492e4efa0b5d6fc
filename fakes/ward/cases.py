"""An application as a town has it, and the move that it belongs to, as far as the town knows it.

What may happen is asked of `fakes.states.moving`; each town fills in the parts that it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from sqlalchemy import bindparam, select

from fakes.procedures import Procedure
from fakes.refusals import Code, RefusedError
from fakes.states.application import MOVE_OUT_APPLICATION, VISIT_APPLICATION, ApplicationEvent, ApplicationState
from fakes.states.machine import Actor, Machine
from fakes.states.moving import BETWEEN, WITHIN, MoveCase, MoveKind, Part
from fakes.states.register import TransactionState
from fakes.states.rules import MoveDays
from fakes.states.visit import VisitState
from fakes.store.statements import Statement
from fakes.store.transaction import View
from fakes.store.unit import Event
from fakes.ward.context import Ward
from fakes.ward.events.applications import ApplicationReviewed
from fakes.ward.tables import APPLICATION, CHANGE


class Held(Struct, frozen=True):
    """An application that a town has, in the order of the table's columns."""

    seq: int
    municipality: str
    reference: str
    procedures: str
    state: ApplicationState
    told: ApplicationState
    visit: VisitState
    formal: str
    substantive: str
    applicant: str
    moving_date: str
    visit_date: str
    old_town: str
    new_town: str
    owner: str
    digest: bytes
    signing_serial: int
    arrived_at: int
    delivery: int
    replaces: str
    message: str
    members: int

    @property
    def filed(self) -> list[Procedure]:
        """The procedures for which the town has it."""
        return [Procedure(name) for name in self.procedures.split(",")]

    @property
    def decides(self) -> bool:
        """Whether the town decides on it: on a move-out, and on a visit notice for a move within it."""
        return self.filed != [Procedure.MOVE_IN_VISIT]

    @property
    def within(self) -> bool:
        """Whether it is a move within the town."""
        return Procedure.MOVE_WITHIN_VISIT in self.filed

    @property
    def machine(self) -> Machine[ApplicationState, ApplicationEvent]:
        """Its life."""
        return VISIT_APPLICATION if self.within else MOVE_OUT_APPLICATION

    @property
    def actor(self) -> Actor:
        """Who the town's staff is in it."""
        leaving = Procedure.MOVE_OUT in self.filed
        return Actor.ORIGIN_STAFF if leaving else Actor.DESTINATION_STAFF

    @property
    def days(self) -> MoveDays:
        """The days that it names."""
        return MoveDays(date.fromisoformat(self.moving_date))

    def after(
        self,
        event: str,
        *,
        state: ApplicationState | None = None,
        visit: VisitState | None = None,
        formal: str | None = None,
        substantive: str | None = None,
        message: str | None = None,
    ) -> Event[ApplicationReviewed]:
        """Return the event after which it is like this; what is not given stays."""
        body = ApplicationReviewed(
            state or self.state,
            visit or self.visit,
            self.formal if formal is None else formal,
            self.substantive if substantive is None else substantive,
            self.message if message is None else message,
            event,
        )
        return Event(self.reference, body, self.municipality, self.owner, digest=self.digest)


_A = APPLICATION.c
_ONE: Final = Statement(
    select(APPLICATION).where(_A.municipality == bindparam("town"), _A.reference == bindparam("number"))
)
_CHANGES: Final = Statement(
    select(CHANGE.c.kind, CHANGE.c.state)
    .where(CHANGE.c.municipality == bindparam("town"), CHANGE.c.reference == bindparam("number"))
    .order_by(CHANGE.c.seq)
)


def held(view: View, town: str, reference: str) -> Held:
    """Return an application of a town.

    Raises
    ------
    RefusedError
        404 when the town has none of that number, whoever else may have it.
    """
    found = find(view, town, reference)
    if found is None:
        raise RefusedError(Code.NOT_FOUND)
    return found


def find(view: View, town: str, reference: str) -> Held | None:
    """Return an application of a town; None if it has none of that number."""
    row = view.one(_ONE, town=town, number=reference)
    return row_of(row) if row is not None else None


def row_of(row: tuple[object, ...]) -> Held:
    """Return a row of the table as an application."""
    values = list(row)
    values[4], values[5] = ApplicationState(str(row[4])), ApplicationState(str(row[5]))
    values[6] = VisitState(str(row[6]))
    return Held(*values)  # type: ignore[arg-type] # the order of the columns is that of the fields, which a test holds


def case_of(view: View, own: Held) -> MoveCase:
    """Return the move of an application, as far as the town knows it."""
    kind = WITHIN if own.within else BETWEEN
    states: dict[Part, StrEnum] = {Part.APPLICATION: own.state, Part.VISIT: own.visit}
    for name, state in view.all(_CHANGES, town=own.municipality, number=own.reference):
        part = Part.OUT if name == "out" else Part.IN
        if part in kind.parts:
            states[part] = TransactionState(state)
    return case_with(kind, own.days, states)


def case_with(kind: MoveKind, days: MoveDays, states: Mapping[Part, StrEnum]) -> MoveCase:
    """Return a move of which some parts are known."""
    case = MoveCase.begin(kind, days)
    return MoveCase(kind, days, MappingProxyType({**case.states, **states}))


def checked_day(ward: Ward, day: date, item: str) -> date:
    """Return a day for which the calendar of the offices is known, with room for every deadline.

    Raises
    ------
    RefusedError
        E0004 for another one.
    """
    calendar = ward.rules.calendar
    if not calendar.first_year < day.year < calendar.last_year:
        raise RefusedError(Code.MISMATCH, item)
    return day
