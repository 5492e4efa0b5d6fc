"""The audit trail for the town's auditor: who did what, when, about whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select

from fakes.clock import micros_of, moment_of
from fakes.endpoints.ward import EVENTS
from fakes.messages.register import AuditEvent, AuditEvents, FindEvents
from fakes.refusals import Code, RefusedError
from fakes.store.statements import Statement
from fakes.store.tables import AUDIT
from fakes.store.transaction import View
from fakes.store.unit import Decision
from fakes.ward.context import Ward
from fakes.ward.staff import at_work
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Ward]] = Handlers()

_SCANNED: Final = 20_000
"""Records that one page looks through at most; the cursor says how far it came, and the next page goes on there."""
_STEP: Final = 1000
_ALWAYS: Final = 2**62

_NEXT = Statement(
    select(AUDIT.c.seq, AUDIT.c.record)
    .where(AUDIT.c.seq > bindparam("after"))
    .order_by(AUDIT.c.seq)
    .limit(bindparam("limit"))
)
_decode: Final = msgspec.json.Decoder(list[Any]).decode


@HANDLERS.on(EVENTS)
def events(call: WebCall, _ward: Ward) -> Reading:
    """List the records of the auditor's own town that meet the conditions, oldest first."""
    message: FindEvents = call.message
    town = call.identity.municipality
    since, until = _micros(message.since, 0, "since"), _micros(message.until, _ALWAYS, "until")

    def wanted(record: list[Any]) -> bool:
        _, at, actor, municipality, _, _, _, subject, *_ = record
        return (
            municipality == town
            and since <= at <= until
            and (not message.user or message.user in {actor, actor.rpartition(":")[2]})
            and (not message.resident or message.resident == subject)
        )

    def ask(view: View) -> Decision:
        at_work(view, call)
        found, cursor, more = _scan(view, message, wanted)
        result = AuditEvents([_shown(record) for record in found], cursor, more)
        return Decision(reply(result, call.request.path, call.lang))

    return Reading(ask)


def _scan(view: View, message: FindEvents, wanted: Any) -> tuple[list[list[Any]], int, bool]:
    found: list[list[Any]] = []
    cursor = message.after
    for _ in range(_SCANNED // _STEP):
        rows = view.all(_NEXT, after=cursor, limit=_STEP)
        for seq, content in rows:
            record = _decode(content)
            if wanted(record):
                if len(found) == message.per_page:
                    return found, cursor, True
                found.append(record)
            cursor = seq
        if len(rows) < _STEP:
            return found, cursor, False
    return found, cursor, True


def _shown(record: list[Any]) -> AuditEvent:
    seq, at, actor, _, source, method, endpoint, subject, status, code, request_id, attempt, _ = record
    return AuditEvent(
        *(seq, moment_of(at).isoformat(), actor, source, method, endpoint, subject, status, code, request_id, attempt)
    )


def _micros(text: str, missing: int, item: str) -> int:
    if not text:
        return missing
    try:
        return micros_of(datetime.fromisoformat(text))
    except ValueError:
        raise RefusedError(Code.CHARACTERS, item) from None
