"""Moves within a town (転居), at the counter, with the visit notice or without one."""

from __future__ import annotations

from typing import Any, Final

from fakes.clock import moment_of
from fakes.endpoints.ward import WITHIN as WITHIN_ROW
from fakes.messages.register import EnterWithin
from fakes.refusals import Code, RefusedError
from fakes.states.machine import Actor
from fakes.states.moving import WITHIN, Part
from fakes.states.register import TransactionEvent
from fakes.states.rules import MoveDays
from fakes.states.visit import VisitEvent, VisitState
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.ward import saying
from fakes.ward.cases import case_with, checked_day, held
from fakes.ward.changes import Change, WithinEntry, entered, first_answer
from fakes.ward.context import Ward
from fakes.ward.counter import Shown
from fakes.ward.events.register import CertificateLinked, MovedWithin
from fakes.ward.moves_out import leavers
from fakes.ward.records import check_free, owner_of
from fakes.ward.staff import at_work
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed

HANDLERS: Final[Handlers[Ward]] = Handlers()


@HANDLERS.on(WITHIN_ROW)
def enter_within(call: WebCall, ward: Ward) -> Decide:
    """Enter the move of residents who are here, with a card of one of them."""
    message: EnterWithin = call.message
    town = call.identity.municipality
    day = checked_day(ward, message.event_date, "event_date")
    if message.new_address.municipality != town:
        raise RefusedError(Code.MISMATCH, "new_address")
    card = Shown(ward, message.card_serial, message.card_pin)

    def enter(tx: Transaction) -> Decision:
        own = held(tx, town, message.reference_number) if message.reference_number else None
        if own is not None and not own.within:
            raise RefusedError(Code.MISMATCH, "reference_number")
        moving = leavers(tx, town, message.members)
        persons = [one.person for one in moving]
        if card.person not in persons:
            raise RefusedError(Code.MISMATCH, "card_serial")
        at = moment_of(call.at)
        case = case_with(WITHIN, MoveDays(day), {Part.VISIT: own.visit if own is not None else VisitState.NONE})
        here = allowed(case.step(Part.VISIT, VisitEvent.VISIT, Actor.DESTINATION_STAFF, at, ward.rules))
        allowed(here.step(Part.IN, TransactionEvent.ENTER, Actor.DESTINATION_STAFF, at, ward.rules))
        check_free(tx, town, persons, call.at)
        entry = WithinEntry(message.members, message.new_address, message.card_serial)
        reference = own.reference if own is not None else ""
        owner = own.owner if own is not None else owner_of(ward, moving[0])
        event = entered(call, ward, "within", day, entry, persons, reference, owner)
        visited = (own.after("visited", visit=VisitState.VISITED),) if own is not None else ()
        answer = first_answer(call, tx.next_seq, "within", event, [])
        return Decision(answer, (event, *visited), reference or message.members[0])

    def decide(tx: Transaction) -> Decision:
        at_work(tx, call)
        return card.then(tx, call, enter)

    return decide


def apply_within(tx: Transaction, _call: WebCall, _ward: Ward, change: Change) -> tuple[Event[Any], ...]:
    """Return what follows when a move within the town is applied: addresses, and signing certificates for them."""
    entry: WithinEntry = change.entered()
    town = change.municipality
    moving = leavers(tx, town, entry.members)
    moved = MovedWithin(change.seq, tuple(entry.members), entry.new_address, change.event_date)
    events: list[Event[Any]] = [Event(change.reference, moved, town, change.owner)]
    for one in moving:
        if one.signing_serial:
            events.append(saying.revoke(town, one.card_serial, one.signing_serial, change.owner))
            events.append(Event(one.address_number, CertificateLinked(0), town, change.owner))
        if one.card_serial == entry.card_serial and one.signing_serial:
            events.append(saying.issue(town, entry.card_serial, entry.new_address, change.owner))
    return tuple(events)
