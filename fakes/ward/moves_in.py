"""Moves into a town on the card (特例転入), at the counter; applied, they send the notice back (転入通知)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.endpoints.ward import IN
from fakes.messages.register import Alert, EnterIn
from fakes.messages.telegrams import MoveInNotice
from fakes.refusals import Code, RefusedError
from fakes.states.machine import Actor
from fakes.states.moving import BETWEEN, Part
from fakes.states.register import PlannedState, TransactionEvent
from fakes.states.rules import MoveDays
from fakes.states.visit import VisitEvent, VisitState
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.ward import saying
from fakes.ward.cases import Held, case_with, checked_day, find, held
from fakes.ward.changes import Change, Comer, InEntry, entered, first_answer
from fakes.ward.context import Ward
from fakes.ward.counter import Shown
from fakes.ward.events.register import MovedIn, NewResident
from fakes.ward.records import alike, by_person, check_free, new_number, of_household, telegram_of
from fakes.ward.staff import at_work
from fakes.ward.tables import PLANNED
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed

HANDLERS: Final[Handlers[Ward]] = Handlers()


class Expected(Struct, frozen=True):
    """Certificate data that have arrived, in the order of the table's columns."""

    seq: int
    municipality: str
    telegram: str
    sender: str
    number: int
    edition: int
    person: str
    name: str
    kana: str
    birth_date: str
    sex: str
    relationship: str
    position: int
    members: int
    moves_out: str
    old_address: str
    state: str
    moved_in: int
    signing_serial: int
    reference: str
    owner: str
    source: int


_ONE = Statement(
    select(PLANNED).where(PLANNED.c.municipality == bindparam("town"), PLANNED.c.telegram == bindparam("name"))
)


@HANDLERS.on(IN)
def enter_in(call: WebCall, ward: Ward) -> Decide:
    """Enter the move-in of people who are here, with a card of one of them, for whom the certificate data are here."""
    message: EnterIn = call.message
    town = call.identity.municipality
    day = checked_day(ward, message.event_date, "event_date")
    if message.new_address.municipality != town:
        raise RefusedError(Code.MISMATCH, "new_address")
    card = Shown(ward, message.card_serial, message.card_pin)

    def enter(tx: Transaction) -> Decision:
        own = held(tx, town, message.reference_number) if message.reference_number else None
        coming = _expected(tx, town, [member.telegram for member in message.members])
        if card.person not in {one.person for one in coming}:
            raise RefusedError(Code.MISMATCH, "card_serial")
        visit = _may_enter(call, ward, own, coming, day)
        persons = [one.person for one in coming]
        check_free(tx, town, persons, call.at)
        known = [_known(tx, town, one, reentry=message.reentry) for one in coming]
        _check_joins(tx, town, message.joins or "")
        comers = [
            Comer(one.telegram, one.person, member.relationship, number, one.person == card.person)
            for one, member, number in zip(coming, message.members, known, strict=True)
        ]
        entry = InEntry(comers, message.new_address, message.card_serial, message.joins or "")
        reference = own.reference if own is not None else ""
        event = entered(call, ward, "in", day, entry, persons, reference, coming[0].owner)
        visited = (own.after("visited", visit=visit),) if own is not None else ()
        answer = first_answer(call, tx.next_seq, "in", event, _alerts(tx, town, coming))
        return Decision(answer, (event, *visited), reference or coming[0].telegram)

    def decide(tx: Transaction) -> Decision:
        at_work(tx, call)
        return card.then(tx, call, enter)

    return decide


def _expected(view: View, town: str, telegrams: list[str]) -> list[Expected]:
    """Return the certificate data of these people.

    Raises
    ------
    RefusedError
        404 when the town has none of that name; E0004 for one person twice, or who is here already.
    """
    rows = [view.one(_ONE, town=town, name=name) for name in telegrams]
    found = [Expected(*row) for row in rows if row is not None]
    if len(found) < len(rows):
        raise RefusedError(Code.NOT_FOUND)
    if len({one.person for one in found}) < len(found) or any(one.moved_in for one in found):
        raise RefusedError(Code.MISMATCH, "members")
    return found


def _may_enter(call: WebCall, ward: Ward, own: Held | None, coming: list[Expected], day: date) -> VisitState:
    """Return the state of the visit now that they are here; everybody's data must be visible, and in time."""
    at = moment_of(call.at)
    visit = own.visit if own is not None else VisitState.NONE
    for one in coming:
        days = MoveDays(day, checked_day(ward, date.fromisoformat(one.moves_out), "planned_move_out"))
        states = {Part.VISIT: visit, Part.PLANNED: PlannedState(one.state)}
        case = case_with(BETWEEN, days, states)
        here = allowed(case.step(Part.VISIT, VisitEvent.VISIT, Actor.DESTINATION_STAFF, at, ward.rules))
        allowed(here.step(Part.IN, TransactionEvent.ENTER, Actor.DESTINATION_STAFF, at, ward.rules))
    return VisitState.VISITED


def _known(view: View, town: str, one: Expected, *, reentry: bool) -> str:
    """Return the 宛名番号 that somebody had who has lived here before; empty for none (再転入の確認).

    Raises
    ------
    RefusedError
        409 when they live here now, or when nobody has looked at their old record.
    """
    before = by_person(view, town, one.person)
    if before is None:
        return ""
    if before.present or not reentry:
        raise RefusedError(Code.REENTRY, number=before.address_number, state=before.state)
    return before.address_number


def _alerts(view: View, town: str, coming: list[Expected]) -> list[Alert]:
    """Return who else is of the same name, sex and date of birth; it is for the staff to see whether it is they."""
    return [
        Alert(other.address_number, "same_person" if other.person == one.person else "same_name_sex_birth")
        for one in coming
        for other in alike(view, town, one.name, one.sex, one.birth_date)
    ]


def _check_joins(view: View, town: str, household: str) -> None:
    if household and not any(one.present for one in of_household(view, town, household)):
        raise RefusedError(Code.MISMATCH, "joins")


def apply_in(tx: Transaction, call: WebCall, _ward: Ward, change: Change) -> tuple[Event[Any], ...]:
    """Return what follows when a move-in is applied: new records, the notice to the old town, a new certificate."""
    entry: InEntry = change.entered()
    town = change.municipality
    coming = _expected(tx, town, [member.telegram for member in entry.members])
    own = find(tx, town, change.reference) if change.reference else None
    taken = [member.known or new_number(tx, town, place) for place, member in enumerate(entry.members)]
    for member in entry.members:
        before = by_person(tx, town, member.person)
        if before is not None and (before.present or before.address_number != member.known):
            raise RefusedError(Code.REENTRY, number=before.address_number, state=before.state)
    residents = tuple(
        _resident(one, member, number, entry) for one, member, number in zip(coming, entry.members, taken, strict=True)
    )
    household = entry.joins or new_number(tx, town, len(coming))
    moved = MovedIn(change.seq, household, entry.new_address, change.event_date, residents)
    notices = [
        saying.telegram(
            tx, town, one.sender, one.person, _notice(tx, call, change, one, entry), call.at, change.seq, own
        )
        for one in coming
    ]
    certificate = [
        saying.issue(town, entry.card_serial, entry.new_address, one.owner)
        for one, member in zip(coming, entry.members, strict=True)
        if member.holder and one.signing_serial
    ]
    return (Event(change.reference, moved, town, change.owner), *notices, *certificate)


def _resident(one: Expected, member: Comer, number: str, entry: InEntry) -> NewResident:
    return NewResident(
        number,
        one.person,
        one.name,
        one.kana,
        one.birth_date,
        one.sex,
        member.relationship,
        entry.card_serial if member.holder else "",
        0,  # the old signing certificate is revoked; the new one is linked when it is issued
        one.telegram,
        one.source,
        one.sender,
        -1,
    )


def _notice(view: View, call: WebCall, change: Change, one: Expected, entry: InEntry) -> MoveInNotice:
    """Return the notice of the move-in (転入通知) to the town that was left."""
    body = telegram_of(view, one.source).body
    code = body.person.resident_code  # type: ignore[union-attr] # what is planned came with certificate data
    return MoveInNotice(code, one.name, change.day, moment_of(call.at).date(), entry.new_address)
