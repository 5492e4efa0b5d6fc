"""Changes of the register (異動): what was entered, and who has the people in hand meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, select

from fakes.clock import micros_of, moment_of
from fakes.endpoints.ward import TRANSACTION
from fakes.messages.answer import Answer
from fakes.messages.register import Alert, Transaction
from fakes.package.application import Address
from fakes.refusals import Code, RefusedError
from fakes.states.register import TransactionState
from fakes.store.statements import Statement
from fakes.store.transaction import View
from fakes.store.unit import Decision, Event
from fakes.ward.context import Ward
from fakes.ward.events.register import ChangeEntered
from fakes.ward.staff import at_work
from fakes.ward.tables import CHANGE
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Ward]] = Handlers()

Kind = Literal["out", "in", "within"]
PATH: Final = "/juki/v1/transactions/"


class OutEntry(Struct):
    """転出: 宛名番号 of who moves."""

    members: list[str]
    new_address: Address


class Comer(Struct):
    """転入: one of those who come; `known` is the 宛名番号 of somebody who has lived here before."""

    telegram: str
    person: str
    relationship: str
    known: str
    holder: bool
    """Whether it is they who came with their card."""


class InEntry(Struct):
    """転入, without the PIN."""

    members: list[Comer]
    new_address: Address
    card_serial: str
    joins: str


class WithinEntry(Struct):
    """転居, without the PIN."""

    members: list[str]
    new_address: Address
    card_serial: str


Entry = OutEntry | InEntry | WithinEntry
_KINDS: Final[dict[str, type[Any]]] = {"out": OutEntry, "in": InEntry, "within": WithinEntry}


class Change(Struct, frozen=True):
    """A change, in the order of the table's columns."""

    seq: int
    municipality: str
    kind: Kind
    state: TransactionState
    reference: str
    event_date: str
    entry: str
    owner: str
    changed_at: int

    @property
    def day(self) -> date:
        """異動年月日."""
        return date.fromisoformat(self.event_date)

    def entered(self) -> Any:
        """Return what was entered, as the type of its kind."""
        return msgspec.json.decode(self.entry, type=_KINDS[self.kind])


_ONE = Statement(select(CHANGE).where(CHANGE.c.municipality == bindparam("town"), CHANGE.c.seq == bindparam("number")))


def change_of(view: View, town: str, number: str) -> Change:
    """Return a change of a town.

    Raises
    ------
    RefusedError
        404 when it has none of that number.
    """
    row = view.one(_ONE, town=town, number=int(number)) if number.isascii() and number.isdigit() else None
    if row is None:
        raise RefusedError(Code.NOT_FOUND)
    return Change(row[0], row[1], row[2], TransactionState(row[3]), *row[4:])


def entered(
    call: WebCall, ward: Ward, kind: Kind, day: date, entry: Entry, persons: list[str], reference: str, owner: str
) -> Event[ChangeEntered]:
    """Return a change as it is entered, with its people in hand of whoever enters it."""
    until = micros_of(moment_of(call.at) + ward.lock)
    text = msgspec.json.encode(entry).decode()
    body = ChangeEntered(kind, TransactionState.DRAFT, reference, day.isoformat(), text, tuple(persons), until)
    return Event(reference, body, call.identity.municipality, owner)


def shown(own: Change, alerts: list[Alert]) -> Transaction:
    """Return a change as an answer."""
    entry = own.entered()
    members = [one.telegram if isinstance(one, Comer) else one for one in entry.members]
    return Transaction(str(own.seq), own.kind, own.state, own.reference, members, own.event_date, alerts, own.owner)


def first_answer(call: WebCall, seq: int, kind: Kind, event: Event[ChangeEntered], alerts: list[Alert]) -> Answer:
    """Return the answer to an entry."""
    body = event.body
    own = Change(
        seq,
        event.municipality,
        kind,
        body.state,
        body.reference,
        body.event_date,
        body.entry,
        event.owner,
        call.at,
    )
    return reply(shown(own, alerts), call.request.path, call.lang, status=201, reference=f"{PATH}{seq}")


@HANDLERS.on(TRANSACTION)
def transaction(call: WebCall, _ward: Ward) -> Reading:
    """Show a change of the town."""
    town, number = call.identity.municipality, call.values["id"]

    def ask(view: View) -> Decision:
        at_work(view, call)
        own = change_of(view, town, number)
        return Decision(reply(shown(own, []), call.request.path, call.lang), subject=number)

    return Reading(ask)
