"""Moves out of a town (転出): entered from an accepted notice; applied, they send the certificate data."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from fakes.clock import moment_of
from fakes.endpoints.ward import OUT
from fakes.messages.register import EnterOut
from fakes.messages.telegrams import CertificateData, HouseholdOfTelegram, PersonOfTelegram
from fakes.procedures import Procedure
from fakes.refusals import Code, RefusedError
from fakes.states.application import ApplicationEvent, ApplicationState
from fakes.states.machine import Actor, Refusal, Refused
from fakes.states.moving import Part
from fakes.states.register import TransactionEvent
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.towns import town as town_of
from fakes.ward import saying
from fakes.ward.cases import Held, case_of, checked_day, held
from fakes.ward.changes import Change, OutEntry, entered, first_answer
from fakes.ward.context import Ward
from fakes.ward.events.register import MovedOut
from fakes.ward.records import Resident, check_free, numbers_of, resident
from fakes.ward.staff import at_work
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed, refused_by_rule

HANDLERS: Final[Handlers[Ward]] = Handlers()

HEAD: Final = "世帯主"


@HANDLERS.on(OUT)
def enter_out(call: WebCall, ward: Ward) -> Decide:
    """Enter the move-out of an application that the town has accepted, and of which the relay knows that."""
    message: EnterOut = call.message
    town = call.identity.municipality
    day = checked_day(ward, message.event_date, "event_date")
    destination = town_of(message.new_address.municipality, "new_address").code

    def decide(tx: Transaction) -> Decision:
        at_work(tx, call)
        own = held(tx, town, message.reference_number)
        if Procedure.MOVE_OUT not in own.filed or destination != own.new_town:
            raise RefusedError(Code.MISMATCH, "new_address")
        allowed(
            case_of(tx, own).step(Part.OUT, TransactionEvent.ENTER, Actor.ORIGIN_STAFF, moment_of(call.at), ward.rules)
        )
        if own.told is not ApplicationState.NOTICE_ACCEPTED:
            # until the relay has it the applicant may still take the application back
            raise refused_by_rule(Refused(Refusal.NOT_YET, "application", own.told, TransactionEvent.ENTER))
        leaving = leavers(tx, town, message.members)
        persons = [one.person for one in leaving]
        check_free(tx, town, persons, call.at)
        entry = OutEntry(message.members, message.new_address)
        event = entered(call, ward, "out", day, entry, persons, own.reference, own.owner)
        return Decision(first_answer(call, tx.next_seq, "out", event, []), (event,), own.reference)

    return decide


def leavers(view: View, town: str, numbers: list[str]) -> list[Resident]:
    """Return the residents of these numbers; each once, and all of one household.

    Raises
    ------
    RefusedError
        E0004 when somebody does not live here, or not with the others.
    """
    found = [resident(view, town, number) for number in numbers]
    own = [one for one in found if one is not None and one.present]
    if len(own) != len(numbers) or len(set(numbers)) != len(numbers) or len({one.household for one in own}) > 1:
        raise RefusedError(Code.MISMATCH, "members")
    return own


def apply_out(tx: Transaction, call: WebCall, ward: Ward, change: Change) -> tuple[Event[Any], ...]:
    """Return what follows when a move-out is applied: records removed, certificate data sent, the applicant told."""
    entry: OutEntry = change.entered()
    town = change.municipality
    own = held(tx, town, change.reference)
    leaving = leavers(tx, town, entry.members)
    destination = entry.new_address.municipality
    moved = MovedOut(change.seq, tuple(entry.members), change.event_date, destination)
    telegrams = [
        saying.telegram(
            tx, town, destination, one.person, _data(tx, call, ward, change, leaving, place), call.at, change.seq, own
        )
        for place, one in enumerate(leaving, start=1)
    ]
    return (
        Event(change.reference, moved, town, own.owner),
        *telegrams,
        *_completed(own),
    )


def _completed(own: Held) -> tuple[Event[Any], ...]:
    """The notice is carried out: the applicant sees 完了."""
    state = allowed(own.machine.step(own.state, ApplicationEvent.COMPLETE, own.actor))
    return own.after("completed", state=state), saying.tell(own, state)


def _data(
    view: View, call: WebCall, ward: Ward, change: Change, leaving: list[Resident], place: int
) -> CertificateData:
    """Return the certificate data (転出証明書情報) of one of those who leave."""
    entry: OutEntry = change.entered()
    one = leaving[place - 1]
    code, number = numbers_of(view, ward, one)
    head = next((own.name for own in leaving if own.relationship == HEAD), leaving[0].name)
    return CertificateData(
        planned_move_out=change.day,
        notified_on=moment_of(call.at).date(),
        old_address=one.lives_at(),
        new_address=entry.new_address,
        household=HouseholdOfTelegram(len(leaving), place, head),
        person=PersonOfTelegram(
            resident_code=code,
            individual_number=number,
            name=one.name,
            kana=one.kana,
            birth_date=date.fromisoformat(one.birth_date),
            sex=one.sex,
            relationship=one.relationship,
            card_valid="1" if one.card_serial else "0",
            signing_serial=one.signing_serial,
        ),
    )
