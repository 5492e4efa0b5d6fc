"""Telegrams that come to a town: kept, and acknowledged by the outbox; only then do they count.

A planned move-in (転入予定) is shown once jlis has the acknowledgement, because with it jlis revokes the signing
certificate; a removed record (除票) becomes final the same way.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select

from fakes.endpoints.ward import RECEIVE
from fakes.identifiers import checked_individual_number, checked_resident_code, person_token
from fakes.messages.linking import AckTelegram, ReceivedTelegram, TelegramKept
from fakes.messages.telegrams import CertificateData, DeliveredTelegram, FamilyRegisterNotice, MoveInNotice
from fakes.refusals import Code, RefusedError
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event, EventBody
from fakes.ward import saying
from fakes.ward.context import Ward
from fakes.ward.events.telegrams import CertificateDataCame, NoticeCame, TelegramCameAgain
from fakes.ward.oauth import live
from fakes.ward.records import by_person
from fakes.ward.tables import NOTICE, PLANNED
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Ward]] = Handlers()

_encode: Final = msgspec.json.Encoder().encode
_PLANNED = Statement(
    select(PLANNED.c.edition).where(
        PLANNED.c.municipality == bindparam("town"), PLANNED.c.telegram == bindparam("name")
    )
)
_NOTICE = Statement(
    select(NOTICE.c.edition).where(NOTICE.c.municipality == bindparam("town"), NOTICE.c.telegram == bindparam("name"))
)


@HANDLERS.on(RECEIVE)
def receive(call: WebCall, ward: Ward) -> Decide:
    """Keep a telegram for the town; the newest edition counts, and one that is here is acknowledged again."""
    message: ReceivedTelegram = call.message
    telegram, town = message.telegram, call.identity.municipality
    body = _came(ward, telegram, town)
    content = _encode(telegram)
    digest = hashlib.sha256(_encode(telegram.body)).digest()  # of what its sender wrote, which J-LIS digests too
    ward.wake(town)

    def decide(tx: Transaction) -> Decision:
        live(tx, call, ward)
        if isinstance(body, NoticeCame) and by_person(tx, town, body.person) is None:
            raise RefusedError(Code.MISMATCH, "resident_code")
        known = _known(tx, town, telegram)
        repeated = known >= telegram.edition
        kept: EventBody = TelegramCameAgain(telegram.edition, telegram.delivery) if repeated else body
        events: list[Event[Any]] = [
            Event(telegram.telegram, kept, town, telegram.owner_token, None if repeated else content, digest)
        ]
        ack = AckTelegram(telegram.telegram, telegram.edition)
        if not saying.waits(tx, town, saying.telegram_line(telegram.telegram), ack):
            events.append(saying.acknowledge_telegram(town, telegram.telegram, telegram.edition, telegram.owner_token))
        result = TelegramKept(telegram.telegram, telegram.edition, repeated, telegram.owner_token)
        answer = reply(result, call.request.path, call.lang, status=202)
        return Decision(answer, tuple(events), telegram.telegram)

    return decide


def _known(view: View, town: str, telegram: DeliveredTelegram) -> int:
    """Return the newest edition that is kept; 0 for none."""
    row = view.one(_NOTICE if isinstance(telegram.body, MoveInNotice) else _PLANNED, town=town, name=telegram.telegram)
    return row[0] if row is not None else 0


def _came(ward: Ward, telegram: DeliveredTelegram, town: str) -> CertificateDataCame | NoticeCame:
    """Return what a telegram says, without numbers of people.

    Raises
    ------
    RefusedError
        E0004 for a telegram that should be elsewhere or is of a kind that no town here keeps; E2002, E2003 for numbers.
    """
    body = telegram.body
    if isinstance(body, FamilyRegisterNotice):
        raise RefusedError(Code.MISMATCH, "telegram_id")
    if isinstance(body, MoveInNotice):
        person = person_token(ward.seed, checked_resident_code(body.resident_code))
        facts = (telegram.sender, telegram.edition, telegram.delivery, telegram.redelivered)
        return NoticeCame(*facts, person)
    if body.new_address.municipality != town:
        raise RefusedError(Code.MISMATCH, "new_address")
    return _data(ward, telegram, body)


def _data(ward: Ward, telegram: DeliveredTelegram, body: CertificateData) -> CertificateDataCame:
    who = body.person
    checked_individual_number(who.individual_number)
    return CertificateDataCame(
        telegram.sender,
        telegram.number,
        telegram.edition,
        telegram.delivery,
        telegram.redelivered,
        person_token(ward.seed, checked_resident_code(who.resident_code)),
        who.name,
        who.kana,
        who.birth_date.isoformat(),
        who.sex,
        who.relationship,
        body.household.position,
        body.household.members,
        body.planned_move_out.isoformat(),
        _encode(body.old_address).decode(),
        who.signing_serial,
        telegram.reference_number,
    )
