"""The relay's side towards the towns: login, list, one application with its lease, acknowledgement, state."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import bindparam, select

from fakes.clock import micros_of, moment_of
from fakes.endpoints.jlis_first import ACKNOWLEDGE, FETCH, RECEIVE_LOGIN, REPORT, SEARCH
from fakes.jlis.context import Jlis
from fakes.jlis.events import ApplicationDelivered, DeliveryAcknowledged, StaffTried, StateReported
from fakes.jlis.tables import RELAYED, STAFF_TRIES
from fakes.messages.jlis_first import (
    Acknowledge,
    Acknowledged,
    Applications,
    ApplicationSearch,
    Listed,
    Reported,
    ReportState,
    StaffLogin,
    StaffToken,
)
from fakes.refusals import Code, RefusedError
from fakes.states.application import MOVE_OUT_APPLICATION, ApplicationEvent, ApplicationState
from fakes.states.lease import Lease
from fakes.states.machine import Actor
from fakes.store.statements import Statement
from fakes.store.tables import DOCUMENT
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.web.answers import document, reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall
from fakes.web.rules import allowed
from fakes.web.tokens import Token, ends

HANDLERS: Final[Handlers[Jlis]] = Handlers()

STAFF_LOCKED_AFTER: Final = 5
"""Wrong passwords in a row after which an account is locked (several, says the standard; the number is assumed)."""

_C = RELAYED.c
_TRIES = Statement(select(STAFF_TRIES.c.failures).where(STAFF_TRIES.c.account == bindparam("who")))
_ONE = Statement(
    select(_C.seq, _C.state, _C.owner, _C.digest, _C.deliveries, _C.lease_until, _C.acknowledged).where(
        _C.reference == bindparam("number"), _C.municipality == bindparam("town")
    )
)
_CONTENT = Statement(select(DOCUMENT.c.content).where(DOCUMENT.c.seq == bindparam("number")))


_ALWAYS: Final = 2**62
"""Later than any moment."""

_REPORTS: Final = {
    ApplicationState.IN_REVIEW: ApplicationEvent.BEGIN_REVIEW,
    ApplicationState.NOTICE_ACCEPTED: ApplicationEvent.ACCEPT_NOTICE,
    ApplicationState.COMPLETED: ApplicationEvent.COMPLETE,
    ApplicationState.NEEDS_RESUBMIT: ApplicationEvent.RETURN,
    ApplicationState.REJECTED: ApplicationEvent.REJECT,
}


@cache
def _list(*, by_state: bool, by_service: bool) -> Statement:
    """Return the question for a list, with the conditions that are asked for."""
    conditions = [_C.municipality == bindparam("town"), _C.seq > bindparam("after")]
    conditions += [_C.arrived_at >= bindparam("since"), _C.arrived_at <= bindparam("until")]
    conditions += [_C.state == bindparam("wanted")] if by_state else []
    conditions += [_C.city_service_code == bindparam("service")] if by_service else []
    columns = (_C.seq, _C.reference, _C.city_service_code, _C.state, _C.arrived_at, _C.size, _C.deliveries, _C.owner)
    listed = select(*columns).where(*conditions).order_by(_C.seq)
    return Statement(listed.limit(bindparam("limit")).offset(bindparam("offset")))


@HANDLERS.on(RECEIVE_LOGIN)
async def login(call: WebCall, jlis: Jlis) -> Decide:
    """Give a token to a town's staff or link server, under the town's own certificate."""
    message: StaffLogin = call.message
    if message.municipality != call.identity.municipality:
        raise RefusedError(Code.NOT_ALLOWED)
    account = jlis.staff.find(message.municipality, message.staff_id)
    right = account is not None and await asyncio.to_thread(account.opens, message.password)
    who = f"{message.municipality}/{message.staff_id}"

    def decide(tx: Transaction) -> Decision:
        if account is None:
            raise RefusedError(Code.WRONG_STAFF_PASSWORD)
        row = tx.one(_TRIES, who=who)
        failures = row[0] if row else 0
        if failures >= STAFF_LOCKED_AFTER:
            return Decision(call.refuse(RefusedError(Code.STAFF_LOCKED)), subject=who)
        if not right:
            failed = Event(who, StaffTried(failures + 1), message.municipality)
            return Decision(call.refuse(RefusedError(Code.WRONG_STAFF_PASSWORD)), (failed,), who)
        counted = (Event(who, StaffTried(0), message.municipality),) if failures else ()
        until, number = ends(call.at, jlis.token_s), f"{call.at}-{tx.next_seq}"
        said = Token("staff", account.id, account.municipality, (account.section.value,), until, number)
        result = StaffToken(jlis.tokens.issue(said), jlis.token_s)
        return Decision(reply(result, call.request.path, call.lang), counted, who)

    return decide


@HANDLERS.on(SEARCH)
def search(call: WebCall, _jlis: Jlis) -> Reading:
    """List the town's applications in the order of their arrival."""
    message: ApplicationSearch = call.message
    conditions = {
        "town": call.identity.municipality,
        "after": message.after,
        "since": _micros(message.arrived_from, 0),
        "until": _micros(message.arrived_to, _ALWAYS),
        "wanted": message.state,
        "service": message.city_service_code,
        "limit": message.per_page + 1,
        "offset": (message.page - 1) * message.per_page,
    }
    statement = _list(by_state=message.state is not None, by_service=message.city_service_code is not None)

    def ask(view: View) -> Decision:
        rows = view.all(statement, **conditions)
        page = rows[: message.per_page]
        listed = [
            Listed(
                *(seq, reference, service, ApplicationState(state), moment_of(arrived_at).isoformat()),
                *(size, deliveries, owner),
            )
            for seq, reference, service, state, arrived_at, size, deliveries, owner in page
        ]
        cursor = page[-1][0] if page else message.after
        result = Applications(listed, message.page, len(rows) > len(page), cursor)
        return Decision(reply(result, call.request.path, call.lang))

    return Reading(ask)


@HANDLERS.on(FETCH)
def fetch(call: WebCall, jlis: Jlis) -> Decide:
    """Deliver an application and lease it to the town; a repetition says that it is one."""
    number, municipality = call.values["reference_number"], call.identity.municipality

    def decide(tx: Transaction) -> Decision:
        seq, _, owner, digest, lease = _found(tx, number, municipality)
        taken = allowed(lease.take(moment_of(call.at), jlis.lease))
        assert taken.until is not None
        content = tx.one(_CONTENT, number=seq)
        assert content is not None, "an application arrived with its package"
        body = ApplicationDelivered(taken.deliveries, micros_of(taken.until), taken.redelivered)
        headers = (
            (b"x-delivery", b"%d" % taken.deliveries),
            (b"x-redelivery", b"true" if taken.redelivered else b"false"),
            (b"x-owner-token", owner.encode()),
            (b"x-digest", digest.hex().encode()),
        )
        answer = document(content[0], "application/zip", headers=headers)
        return Decision(answer, (Event(number, body, municipality, owner, digest=digest),), number)

    return decide


@HANDLERS.on(ACKNOWLEDGE)
def acknowledge(call: WebCall, _jlis: Jlis) -> Decide:
    """Note that the town has stored a delivery; the newest one only."""
    message: Acknowledge = call.message
    number, municipality = call.values["reference_number"], call.identity.municipality

    def decide(tx: Transaction) -> Decision:
        _, _, owner, digest, lease = _found(tx, number, municipality)
        after = allowed(lease.acknowledge(message.delivery, moment_of(call.at)))
        body = DeliveryAcknowledged(message.delivery)
        events = () if after == lease else (Event(number, body, municipality, owner, digest=digest),)
        result = Acknowledged(number, message.delivery)
        return Decision(reply(result, call.request.path, call.lang), events, number)

    return decide


@HANDLERS.on(REPORT)
def report(call: WebCall, _jlis: Jlis) -> Decide:
    """Take the state that a town reports, if it can follow the present one."""
    message: ReportState = call.message
    wanted = ApplicationState(message.state)
    number, municipality = call.values["reference_number"], call.identity.municipality

    def decide(tx: Transaction) -> Decision:
        _, state, owner, _, _ = _found(tx, number, municipality)
        allowed(MOVE_OUT_APPLICATION.step(state, _REPORTS[wanted], Actor.ORIGIN_STAFF))
        event = Event(number, StateReported(wanted, message.message), municipality, owner)
        return Decision(reply(Reported(number, wanted), call.request.path, call.lang), (event,), number)

    return decide


def _found(tx: Transaction, number: str, municipality: str) -> tuple[int, ApplicationState, str, bytes, Lease]:
    """Return an application of the town: event, state, owner, digest, lease.

    Raises
    ------
    RefusedError
        404 for another town's as for none at all.
    """
    row = tx.one(_ONE, number=number, town=municipality)
    if row is None:
        raise RefusedError(Code.NOT_FOUND)
    seq, state, owner, digest, deliveries, until, acknowledged = row
    lease = Lease(deliveries, moment_of(until) if until is not None else None, acknowledged)
    return seq, ApplicationState(state), owner, digest, lease


def _micros(text: str | None, missing: int) -> int:
    if text is None:
        return missing
    try:
        return micros_of(datetime.fromisoformat(text))
    except ValueError:
        raise RefusedError(Code.CHARACTERS, "arrived_from") from None
