"""A town changes the state of an application (申請処理状況更新); the portal tells the applicant."""

from __future__ import annotations

from typing import Final

from fakes.endpoints.jlis import SET_STATUS
from fakes.jlis.context import Jlis
from fakes.jlis.events.relay import StateChanged
from fakes.jlis.items import machine_of, own_item
from fakes.jlis.results import status_set
from fakes.messages.jlis import SetStatus
from fakes.refusals import Code, RefusedError
from fakes.states.application import ApplicationEvent, ApplicationState
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed

HANDLERS: Final[Handlers[Jlis]] = Handlers()

_S, _E = ApplicationState, ApplicationEvent
_EVENTS: Final = {
    _S.IN_REVIEW: _E.BEGIN_REVIEW,
    _S.NOTICE_ACCEPTED: _E.ACCEPT_NOTICE,
    _S.COMPLETED: _E.COMPLETE,
    _S.NEEDS_RESUBMIT: _E.RETURN,
    _S.REJECTED: _E.REJECT,
}
_WITH_MESSAGE: Final = (_S.NEEDS_RESUBMIT, _S.REJECTED)


@HANDLERS.on(SET_STATUS)
def set_status(call: WebCall, _jlis: Jlis) -> Decide:
    """Take the state that a town reports, if the town decides and the state can follow the present one."""
    message: SetStatus = call.message
    wanted = ApplicationState(message.state)
    number = call.values["reference_number"]
    if wanted in _WITH_MESSAGE and not message.message.strip():
        raise RefusedError(Code.MISMATCH, "message")

    def decide(tx: Transaction) -> Decision:
        item = own_item(tx, number, call.identity)
        reopens = wanted is _S.IN_REVIEW and item.state is _S.NOTICE_ACCEPTED
        event = _E.REOPEN if reopens else _EVENTS[wanted]
        new = allowed(machine_of(item.procedure).step(item.state, event, item.actor))
        changed = Event(number, StateChanged(new, message.message, True), item.municipality, item.owner)
        return Decision(status_set(call, item, new, call.at), (changed,), number)

    return decide
