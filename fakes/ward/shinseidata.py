"""申請データ from 申請管理 to 基幹, in the style of the official API (住登外者宛名番号付番API仕様 第2.0版)."""

from __future__ import annotations

from typing import Final

import msgspec

from fakes.endpoints.ward import SHINSEI
from fakes.identifiers import checked_individual_number, checked_resident_code, person_token
from fakes.messages.register import ShinseiData, ShinseiDataTaken
from fakes.package.application import Member
from fakes.refusals import Code, RefusedError
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.ward.cases import held
from fakes.ward.context import Ward
from fakes.ward.events.applications import DataTaken
from fakes.ward.oauth import live
from fakes.ward.records import by_person, resident
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Ward]] = Handlers()

_encode: Final = msgspec.json.Encoder().encode


@HANDLERS.on(SHINSEI)
def take(call: WebCall, ward: Ward) -> Decide:
    """Take the data of an application that the town has; the answer names everybody's 宛名番号, one row each."""
    message: ShinseiData = call.message
    town = call.identity.municipality
    if message.municipality != town:
        raise RefusedError(Code.MISMATCH, "municipality")
    _check_numbers(message)
    content = _encode(message)

    def decide(tx: Transaction) -> Decision:
        live(tx, call, ward)
        own = held(tx, town, message.reference_number)
        if message.procedure not in own.filed:
            raise RefusedError(Code.MISMATCH, "procedures")
        if message.address_number and resident(tx, town, message.address_number) is None:
            raise RefusedError(Code.MISMATCH, "address_number")
        rows = [
            ShinseiDataTaken(own.reference, _number_of(tx, ward, town, member), member.name, "")
            for member in message.members
        ]
        if not rows and message.applicant is not None:
            rows = [ShinseiDataTaken(own.reference, message.address_number or "", message.applicant.name, "")]
        event = Event(own.reference, DataTaken(message.procedure), town, own.owner, content)
        return Decision(reply(rows, call.request.path, call.lang), (event,), own.reference)

    return decide


def _number_of(tx: Transaction, ward: Ward, town: str, member: Member) -> str:
    """Return the 宛名番号 of somebody by the resident-record code; empty if it is nobody's."""
    code = member.resident_code
    found = by_person(tx, town, person_token(ward.seed, code)) if code else None
    return found.address_number if found is not None else ""


def _check_numbers(message: ShinseiData) -> None:
    """Check that no number could have been issued.

    Raises
    ------
    RefusedError
        E2002, E2003 and those of a form that is wrong.
    """
    for number in (message.individual_number, *(member.individual_number for member in message.members)):
        if number:
            checked_individual_number(number)
    for member in message.members:
        if member.resident_code:
            checked_resident_code(member.resident_code)
