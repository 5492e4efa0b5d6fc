"""Telegrams as the staff sees them: planned move-ins that came, what was sent, and sending it again."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, func, select

from fakes.clock import moment_of
from fakes.endpoints.ward import PLANNED as PLANNED_ROW
from fakes.endpoints.ward import RESEND, SENT
from fakes.messages.register import (
    FindPlanned,
    FindSent,
    Planned,
    PlannedList,
    SentTelegrams,
    TelegramSent,
)
from fakes.messages.telegrams import CERTIFICATE_DATA as CERTIFICATE_DATA_ID
from fakes.messages.telegrams import SendTelegram
from fakes.refusals import Code, RefusedError
from fakes.states.machine import Actor, Refusal, Refused
from fakes.states.register import PlannedState
from fakes.states.telegram import CERTIFICATE_DATA, MOVE_IN_NOTICE, TelegramEvent, TelegramState
from fakes.store.statements import Statement
from fakes.store.transaction import Row, Transaction, View
from fakes.store.unit import Decide, Decision
from fakes.ward import saying
from fakes.ward.context import Ward
from fakes.ward.moves_in import Expected
from fakes.ward.records import document_of
from fakes.ward.staff import at_work
from fakes.ward.tables import PLANNED, TELEGRAM
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall
from fakes.web.rules import allowed, refused_by_rule

HANDLERS: Final[Handlers[Ward]] = Handlers()

_P, _T = PLANNED.c, TELEGRAM.c
_VISIBLE = Statement(
    select(PLANNED)
    .where(
        _P.municipality == bindparam("town"),
        _P.seq > bindparam("after"),
        _P.state == PlannedState.VISIBLE.value,
        _P.moved_in == 0,
        func.substr(_P.kana, 1, bindparam("kana_length")) == bindparam("kana"),
    )
    .order_by(_P.seq)
    .limit(bindparam("limit"))
)
_SENT = Statement(
    select(TELEGRAM)
    .where(_T.municipality == bindparam("town"), _T.seq > bindparam("after"), _T.state != "replaced")
    .order_by(_T.seq)
    .limit(bindparam("limit"))
)
_ONE = Statement(select(TELEGRAM).where(_T.municipality == bindparam("town"), _T.seq == bindparam("number")))
_telegram: Final = msgspec.json.Decoder(SendTelegram).decode


@HANDLERS.on(PLANNED_ROW)
def planned(call: WebCall, _ward: Ward) -> Reading:
    """List who is planned to move in, and has not yet."""
    message: FindPlanned = call.message
    town = call.identity.municipality

    def ask(view: View) -> Decision:
        at_work(view, call)
        rows = [
            Expected(*row)
            for row in view.all(
                _VISIBLE,
                town=town,
                after=message.after,
                kana=message.kana,
                kana_length=len(message.kana),
                limit=message.per_page + 1,
            )
        ]
        page = rows[: message.per_page]
        listed = [_listed(one) for one in page]
        result = PlannedList(listed, page[-1].seq if page else message.after, len(rows) > len(page))
        return Decision(reply(result, call.request.path, call.lang))

    return Reading(ask)


def _listed(one: Expected) -> Planned:
    return Planned(
        one.telegram,
        one.sender,
        one.edition,
        one.name,
        one.kana,
        one.relationship,
        one.members,
        one.position,
        one.moves_out,
        PlannedState(one.state),
        bool(one.moved_in),
        one.reference,
        one.owner,
    )


@HANDLERS.on(SENT)
def sent(call: WebCall, _ward: Ward) -> Reading:
    """List the telegrams that the town sends, the newest edition of each."""
    message: FindSent = call.message
    town = call.identity.municipality

    def ask(view: View) -> Decision:
        at_work(view, call)
        rows = view.all(_SENT, town=town, after=message.after, limit=message.per_page + 1)
        page = rows[: message.per_page]
        result = SentTelegrams(
            [_shown(row) for row in page], page[-1][0] if page else message.after, len(rows) > len(page)
        )
        return Decision(reply(result, call.request.path, call.lang))

    return Reading(ask)


def _shown(row: Row) -> TelegramSent:
    seq, _, kind, destination, _, number, edition, _, state, code, reference, *_ = row
    return TelegramSent(str(seq), kind, destination, number, edition, state, code, reference)


@HANDLERS.on(RESEND)
def resend(call: WebCall, ward: Ward) -> Decide:
    """Send a telegram again, as the supervisor decides: with the same number, newer, in the place of the old one."""
    town, number = call.identity.municipality, call.values["id"]
    ward.wake(town)

    def decide(tx: Transaction) -> Decision:
        at_work(tx, call)
        row = tx.one(_ONE, town=town, number=int(number)) if number.isascii() and number.isdigit() else None
        if row is None:
            raise RefusedError(Code.NOT_FOUND)
        again = _again(row, _telegram(document_of(tx, row[0])), call.at)
        event = saying.telegram_event(town, row[4], again, call.at, row[11], replaces=row[0])
        result = TelegramSent(str(tx.next_seq), row[2], row[3], row[5], 0, "waiting", "", row[10])
        answer = reply(result, call.request.path, call.lang, status=202)
        events: tuple[Any, ...] = (event,)
        return Decision(answer, events, str(row[0]))

    return decide


def _again(row: Row, sent: SendTelegram, at: int) -> SendTelegram:
    """Return the new edition of a telegram; one that jlis never took goes out as it was, only later."""
    kind, state = row[2], row[8]
    created = moment_of(at).isoformat()
    if state == "refused":
        return msgspec.structs.replace(sent, created_at=created)
    if state not in set(TelegramState):
        raise refused_by_rule(Refused(Refusal.NOT_YET, "telegram", TelegramState.UNSENT, TelegramEvent.RESEND))
    of_data = kind == CERTIFICATE_DATA_ID
    machine = CERTIFICATE_DATA if of_data else MOVE_IN_NOTICE
    actor = Actor.ORIGIN_SUPERVISOR if of_data else Actor.DESTINATION_SUPERVISOR
    allowed(machine.step(TelegramState(state), TelegramEvent.RESEND, actor))
    return msgspec.structs.replace(sent, created_at=created, resend=True)
