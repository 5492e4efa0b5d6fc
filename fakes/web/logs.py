"""The operator's look into a server's logs, page by page beside the writer: events, and audit records."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select

from fakes.endpoints import Endpoint, Server, endpoints_of
from fakes.endpoints.common import AUDIT_LOG, EVENT_LOG
from fakes.messages.logs import LoggedCall, LoggedCalls, LoggedEvent, LoggedEvents, LogWanted
from fakes.store.statements import Statement
from fakes.store.tables import AUDIT, EVENT
from fakes.store.transaction import Row, View
from fakes.store.unit import Decision
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall

_EVENTS = Statement(
    select(EVENT).where(EVENT.c.seq > bindparam("after")).order_by(EVENT.c.seq).limit(bindparam("limit"))
)
_CALLS = Statement(
    select(AUDIT.c.record).where(AUDIT.c.seq > bindparam("after")).order_by(AUDIT.c.seq).limit(bindparam("limit"))
)
_record: Final = msgspec.json.Decoder(list[Any]).decode


def log_handlers(server: Server) -> Handlers[Any]:
    """Return the handlers for one server."""
    rows: dict[str, Endpoint] = {row.name: row for row in endpoints_of(server)}
    handlers: Handlers[Any] = Handlers()

    @handlers.on(rows[EVENT_LOG])
    def events(call: WebCall, _context: Any) -> Reading:
        wanted: LogWanted = call.message

        def ask(view: View) -> Decision:
            found = view.all(_EVENTS, after=wanted.after, limit=wanted.per_page + 1)
            page = [_logged(row) for row in found[: wanted.per_page]]
            cursor = page[-1].seq if page else wanted.after
            result = LoggedEvents(page, cursor, len(found) > len(page))
            return Decision(reply(result, call.request.path, call.lang))

        return Reading(ask)

    @handlers.on(rows[AUDIT_LOG])
    def calls(call: WebCall, _context: Any) -> Reading:
        wanted: LogWanted = call.message

        def ask(view: View) -> Decision:
            found = view.all(_CALLS, after=wanted.after, limit=wanted.per_page + 1)
            page = [LoggedCall(*_record(record)) for (record,) in found[: wanted.per_page]]
            cursor = page[-1].seq if page else wanted.after
            result = LoggedCalls(page, cursor, len(found) > len(page))
            return Decision(reply(result, call.request.path, call.lang))

        return Reading(ask)

    return handlers


def _logged(row: Row) -> LoggedEvent:
    seq, at, kind, subject, municipality, actor, request_id, attempt, owner, digest, fault_id, body = row
    return LoggedEvent(
        *(seq, at, kind, subject, municipality, actor, request_id, attempt, owner, digest.hex(), fault_id),
        msgspec.Raw(body),
    )
