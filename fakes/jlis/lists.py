"""Lists for the towns: applications that have arrived, and states that have changed. Answered beside the writer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from sqlalchemy import ColumnElement, bindparam, or_, select

from fakes.clock import moment_of
from fakes.endpoints.jlis import SEARCH, SEARCH_STATUSES
from fakes.jlis.context import Jlis
from fakes.jlis.events.relay import bits, procedures_of
from fakes.jlis.items import GONE, entitled, lease_of, machine_of
from fakes.jlis.results import iso, micros
from fakes.jlis.tables import APPLICATION, ITEM
from fakes.jlis.troubles import place, reordering
from fakes.messages.jlis import (
    ApplicationRow,
    ApplicationRows,
    SearchApplications,
    SearchStatuses,
    StatusRow,
    StatusRows,
)
from fakes.procedures import Procedure
from fakes.states.application import ApplicationState, status_code
from fakes.store.statements import Statement
from fakes.store.transaction import Row, View
from fakes.store.unit import Decision
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Jlis]] = Handlers()

ALWAYS: Final = 2**62
"""Later than any moment."""

_I, _A = ITEM.c, APPLICATION.c
_MINE = (_I.municipality == bindparam("town"), _I.procedures.bitwise_and(bindparam("mask")) != 0)
_LISTED = (
    *(_I.reference, _I.procedures, _A.city_service_code, _A.arrived_at, _A.files, _A.size, _A.digest, _A.owner),
    *(_I.state, _I.deliveries, _I.lease_until, _I.acknowledged, _A.signing_serial, _A.resubmission_of, _I.seq),
)
_STATUS = (
    *(_I.reference, _I.procedures, _I.decides, _A.procedure, _I.state, _I.message, _I.changed_at, _A.owner),
    _I.changed_seq,
)


def _in_states(count: int) -> list[ColumnElement[bool]]:
    """Return the condition for `count` states, whose values are named `state0`, `state1`, …; none for all states."""
    return [or_(*(_I.state == bindparam(f"state{at}") for at in range(count)))] if count else []


def _states(states: Sequence[ApplicationState]) -> dict[str, str]:
    return {f"state{at}": state.value for at, state in enumerate(states)}


@cache
def _applications(*, waiting: bool, states: int) -> Statement:
    conditions = [*_MINE, _I.seq > bindparam("after"), *_in_states(states)]
    conditions += [_A.arrived_at >= bindparam("since"), _A.arrived_at <= bindparam("until")]
    conditions += [_I.acknowledged.is_(None), *(_I.state != state for state in GONE)] if waiting else []
    listed = select(*_LISTED).join(APPLICATION, _A.reference == _I.reference).where(*conditions)
    return Statement(listed.order_by(_I.seq).limit(bindparam("limit")))


@cache
def _changed(*, named: int, states: int) -> Statement:
    conditions = [*_MINE, _I.changed_seq > bindparam("after"), *_in_states(states)]
    conditions += [or_(*(_I.reference == bindparam(f"number{at}") for at in range(named)))] if named else []
    listed = select(*_STATUS).join(APPLICATION, _A.reference == _I.reference).where(*conditions)
    return Statement(listed.order_by(_I.changed_seq).limit(bindparam("limit")))


@HANDLERS.on(SEARCH)
def search(call: WebCall, _jlis: Jlis) -> Reading:
    """List the town's applications in the order of their arrival (申請データ一覧取得API)."""
    message: SearchApplications = call.message
    ordered = reordering(call)
    wanted = bits(list(dict.fromkeys(message.procedures or Procedure)))
    conditions = {
        "town": call.identity.municipality,
        "mask": wanted & entitled(call.identity),
        "after": place(call, message.after),
        "since": micros(message.arrived_from, "arrived_from") if message.arrived_from else 0,
        "until": micros(message.arrived_to, "arrived_to") if message.arrived_to else ALWAYS,
        "limit": message.per_page + 1,
        **_states(message.states),
    }
    statement = _applications(waiting=message.waiting, states=len(message.states))

    def ask(view: View) -> Decision:
        rows = view.all(statement, **conditions)
        page = [_application(row, call.at) for row in rows[: message.per_page]]
        cursor = page[-1].cursor if page else message.after
        page = ordered(page, lambda row: row.reference_number)
        return Decision(reply(ApplicationRows(page, cursor, len(rows) > len(page)), call.request.path, call.lang))

    return Reading(ask)


def _application(row: Row, at: int) -> ApplicationRow:
    number, mask, service, arrived_at, files, size, digest, owner, state, *lease, serial, returned, seq = row
    held = lease_of(*lease)
    return ApplicationRow(
        *(number, procedures_of(mask), service, iso(arrived_at), files, size, digest.hex(), owner),
        *(ApplicationState(state), held.state_at(moment_of(at)), held.deliveries, serial, returned, seq),
    )


@HANDLERS.on(SEARCH_STATUSES)
def search_statuses(call: WebCall, _jlis: Jlis) -> Reading:
    """List states in the order in which they changed (申請処理状況一覧取得API); withdrawals are among them."""
    message: SearchStatuses = call.message
    conditions = {
        "town": call.identity.municipality,
        "mask": entitled(call.identity),
        "after": place(call, message.after),
        "limit": message.per_page + 1,
        **_states(message.states),
        **{f"number{at}": number for at, number in enumerate(message.reference_numbers)},
    }
    statement = _changed(named=len(message.reference_numbers), states=len(message.states))

    def ask(view: View) -> Decision:
        rows = view.all(statement, **conditions)
        page = [_status(row, call) for row in rows[: message.per_page]]
        cursor = page[-1].cursor if page else message.after
        return Decision(reply(StatusRows(page, cursor, len(rows) > len(page)), call.request.path, call.lang))

    return Reading(ask)


def _status(row: Row, call: WebCall) -> StatusRow:
    number, mask, decides, procedure, name, text, changed_at, owner, seq = row
    state = ApplicationState(name)
    code = status_code(state)
    label = machine_of(Procedure(procedure)).label(state, call.lang)
    return StatusRow(
        *(number, procedures_of(mask), bool(decides), state, "" if code is None else code.value, label),
        *(text if decides else "", iso(changed_at), owner, seq),
    )
