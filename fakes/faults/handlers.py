"""The operator's control of faults: list, add, clear, clear all. Every change is in the log and the store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from msgspec.structs import replace

from fakes.endpoints import Endpoint, endpoints_of
from fakes.endpoints.common import ADD_FAULT, CLEAR_FAULT, FAULTS, RESET
from fakes.faults.fault import Fault, FaultError, Window, checked
from fakes.faults.live import LOOK_S, FaultAdded, FaultsCleared, standing
from fakes.faults.plan import Active, FaultPlan
from fakes.messages import faults as m
from fakes.refusals import Code, RefusedError
from fakes.servers import Server
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall

SETTLES_S: Final = 2 * LOOK_S
"""Real seconds after which every process has looked into the store, before the call that it carries out next."""


def fault_handlers(server: Server, plan: FaultPlan, scenario: Iterable[Fault], *, alone: bool) -> Handlers[Any]:
    """Return the handlers for one server.

    Parameters
    ----------
    plan
        Of this process, for its counts.
    scenario
        Faults of the scenario.
    alone
        Whether no other process serves from the same store; else a change is answered after all have seen it.
    """
    rows: dict[str, Endpoint] = {row.name: row for row in endpoints_of(server)}
    handlers: Handlers[Any] = Handlers()
    of_scenario = tuple(scenario)

    @handlers.on(rows[FAULTS])
    def listed(call: WebCall, context: Any) -> Reading:
        counts = {own.fault.id: own for own in plan.listed()}
        now = context.clock.true_micros()
        return Reading(
            lambda view: Decision(
                reply(
                    m.FaultList([_counted(fault, counts.get(fault.id), now) for fault in standing(view, of_scenario)]),
                    call.request.path,
                    call.lang,
                )
            )
        )

    @handlers.on(rows[ADD_FAULT])
    def add(call: WebCall, context: Any) -> Decide:
        given: Fault = call.message
        if given.window.start is None:
            given = replace(given, window=Window(context.clock.true_now(), given.window.end))
        _checked(given)
        call.settles_s = 0.0 if alone else SETTLES_S

        def decide(tx: Transaction) -> Decision:
            fault = replace(given, id=given.id or f"live-{tx.next_seq}", incident="")
            if any(own.id == fault.id for own in standing(tx, of_scenario)):
                raise RefusedError(Code.RULE, reason=FaultError("E-fault-twice", fault=fault.id))
            at = f"/__admin/faults/{fault.id}"
            answer = reply(m.FaultAdded(fault), call.request.path, call.lang, status=201, reference=at)
            return Decision(answer, (Event(fault.id, FaultAdded(fault)),), fault.id)

        return decide

    @handlers.on(rows[CLEAR_FAULT])
    def clear(call: WebCall, _context: Any) -> Decide:
        name = call.values["fault"]
        call.settles_s = 0.0 if alone else SETTLES_S

        def decide(tx: Transaction) -> Decision:
            if all(own.id != name for own in standing(tx, of_scenario)):
                raise RefusedError(Code.NOT_FOUND)
            return _cleared(call, [name], name)

        return decide

    @handlers.on(rows[RESET])
    def reset(call: WebCall, _context: Any) -> Decide:
        call.settles_s = 0.0 if alone else SETTLES_S
        return lambda tx: _cleared(call, [own.id for own in standing(tx, of_scenario)], "")

    return handlers


def _cleared(call: WebCall, ids: list[str], subject: str) -> Decision:
    answer = reply(m.FaultsCleared(ids), call.request.path, call.lang)
    return Decision(answer, (Event(subject, FaultsCleared(ids)),) if ids else (), subject)


def _checked(fault: Fault) -> None:
    """Check that a fault can be.

    Raises
    ------
    RefusedError
        E6000 with the reason.
    """
    try:
        checked(fault)
    except FaultError as problem:
        raise RefusedError(Code.RULE, reason=problem) from None


def _counted(fault: Fault, own: Active | None, now: int) -> m.Counted:
    start, end = fault.window.micros
    fitting, injected = (own.fitting, own.injected) if own is not None else (0, 0)
    return m.Counted(fault, start <= now < end, fitting, injected)
