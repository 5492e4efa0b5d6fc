"""Withdrawal: decided where the state is, at J-LIS once an application was handed over, because the towns see that.

What J-LIS does not have yet is handed over first, so that there is one place that decides, whatever happens meanwhile.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from sqlalchemy import bindparam, select

from fakes.endpoints.portal import WITHDRAW
from fakes.links import Link, UnreachableError
from fakes.messages import jlis
from fakes.messages.portal import Withdraw, Withdrawn
from fakes.portal.context import Portal
from fakes.portal.events import ApplicationChanged, ApplicationRelayed
from fakes.portal.relaying import push, waits_for_relay
from fakes.portal.tables import APPLICATION
from fakes.refusals import Code, RefusedError
from fakes.states.application import MOVE_OUT_APPLICATION, ApplicationEvent, ApplicationState
from fakes.states.machine import Actor, Refusal, Refused
from fakes.store.statements import Statement
from fakes.store.transaction import Row, Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed, refused_by_rule

HANDLERS: Final[Handlers[Portal]] = Handlers()

PATH: Final = "/relay/v1/applications/{number}/withdrawal"
_PATIENCE_S: Final = 10.0
_NO_LONGER: Final = 409

_C = APPLICATION.c
_FOUND = Statement(
    select(_C.applicant, _C.state, _C.municipality, _C.owner, _C.last_change).where(_C.reference == bindparam("number"))
)


@HANDLERS.on(WITHDRAW)
async def withdraw(call: WebCall, portal: Portal) -> Decide:
    """Take an application back, as long as the town has not accepted the notice."""
    message: Withdraw = call.message
    number, asker = call.values["reference_number"], call.identity.subject
    _, state, _, _, change = await portal.store.read(lambda view: _own(view, number, asker))
    wrong: RefusedError | None = None
    try:
        _step(state)
        if portal.jlis is not None:
            await _at_relay(portal, portal.jlis, number, message.reason, change)
    except RefusedError as problem:
        wrong = problem

    def decide(tx: Transaction) -> Decision:
        _, state, municipality, owner, _ = _own(tx, number, asker)
        if wrong is not None:
            raise wrong
        bodies: list[Any] = []
        if portal.jlis is not None and waits_for_relay(tx, number):
            bodies.append(ApplicationRelayed())
        withdrawn = ApplicationState.WITHDRAWN
        if state != withdrawn or portal.jlis is None:  # else the link has learned it meanwhile
            # what J-LIS has taken back is so, whatever this portal knew of it
            withdrawn = withdrawn if portal.jlis is not None else _step(state)
            bodies.append(ApplicationChanged(withdrawn, message.reason))
        label = MOVE_OUT_APPLICATION.label(withdrawn, call.lang)
        answer = reply(Withdrawn(number, "withdrawn", "003", label, owner), call.request.path, call.lang)
        return Decision(answer, tuple(Event(number, body, municipality, owner) for body in bodies), number)

    return decide


async def _at_relay(portal: Portal, link: Link, number: str, reason: str, change: int) -> None:
    """Take an application back at J-LIS; asked again after a crash, it answers as before.

    Until the next change, that is: what was refused because the town had accepted the notice may be in time again.

    Raises
    ------
    RefusedError
        409 when the town has accepted the notice, or the application has ended; 503 when J-LIS does not answer.
    """
    key = f"withdraw-{number}-{change}-{hashlib.sha256(reason.encode()).hexdigest()[:16]}"
    try:
        if await portal.store.read(lambda view: waits_for_relay(view, number)):
            await push(portal, link, number)
        path = PATH.format(number=number)
        answer = await link.call("POST", path, jlis.Withdrawal(reason), key=key, patience_s=_PATIENCE_S)
    except UnreachableError:
        raise RefusedError(Code.BUSY) from None
    if answer.status == _NO_LONGER:
        state = ApplicationState.NOTICE_ACCEPTED
        refused = Refused(Refusal.ALREADY_PROCESSED, MOVE_OUT_APPLICATION.name, state, ApplicationEvent.WITHDRAW)
        raise refused_by_rule(refused)
    if not answer.done:
        raise RefusedError(Code.BUSY)


def _step(state: str) -> ApplicationState:
    """Return the state after a withdrawal; what an applicant can do is the same for notices of both kinds."""
    return allowed(MOVE_OUT_APPLICATION.step(ApplicationState(state), ApplicationEvent.WITHDRAW, Actor.APPLICANT))


def _own(view: View, number: str, asker: str) -> Row:
    row = view.one(_FOUND, number=number)
    if row is None or row[0] != asker:
        raise RefusedError(Code.NOT_FOUND)
    return row
