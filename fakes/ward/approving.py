"""Review of a change, and its approval, which applies it to the register with everything that follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import bindparam, select

from fakes.endpoints.ward import APPROVE
from fakes.messages.register import Approval
from fakes.refusals import Code, RefusedError
from fakes.states.machine import Actor
from fakes.states.register import IN_TRANSACTION, OUT_TRANSACTION, TransactionEvent, TransactionState
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.ward.changes import Change, change_of, shown
from fakes.ward.context import Ward
from fakes.ward.events.register import ChangeMoved
from fakes.ward.moves_in import apply_in
from fakes.ward.moves_out import apply_out
from fakes.ward.moves_within import apply_within
from fakes.ward.staff import at_work
from fakes.ward.tables import LOCK
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed

HANDLERS: Final[Handlers[Ward]] = Handlers()

Apply = Callable[[Transaction, WebCall, Ward, Change], tuple[Event[Any], ...]]
_APPLY: Final[dict[str, Apply]] = {"out": apply_out, "in": apply_in, "within": apply_within}
_STEPS: Final = {
    "submit": (TransactionEvent.SUBMIT,),
    "send_back": (TransactionEvent.SEND_BACK,),
    "cancel": (TransactionEvent.CANCEL,),
}
_TO_APPLIED: Final = {
    TransactionState.DRAFT: (TransactionEvent.SUBMIT, TransactionEvent.APPROVE, TransactionEvent.APPLY),
    TransactionState.REVIEW: (TransactionEvent.APPROVE, TransactionEvent.APPLY),
}
_MINE = Statement(
    select(LOCK.c.person).where(LOCK.c.municipality == bindparam("town"), LOCK.c.change == bindparam("number"))
)


@HANDLERS.on(APPROVE)
def approve(call: WebCall, ward: Ward) -> Decide:
    """Take a change of the town on: to review, back, into the register, or away."""
    message: Approval = call.message
    town, number = call.identity.municipality, call.values["id"]
    ward.wake(town)

    def decide(tx: Transaction) -> Decision:
        at_work(tx, call)
        change = change_of(tx, town, number)
        state = _after(change, message.action)
        if state is TransactionState.APPLIED:
            _check_in_hand(tx, change)
            events = _APPLY[change.kind](tx, call, ward, change)
        else:
            events = (Event(change.reference, ChangeMoved(change.seq, state), town, change.owner),)
        after = Change(
            change.seq,
            town,
            change.kind,
            state,
            change.reference,
            change.event_date,
            change.entry,
            change.owner,
            call.at,
        )
        return Decision(reply(shown(after, []), call.request.path, call.lang), events, change.reference or number)

    return decide


def _after(change: Change, action: str) -> TransactionState:
    """Return the state after an action; an approval goes all the way."""
    machine, actor = OUT_TRANSACTION, Actor.ORIGIN_STAFF
    if change.kind != "out":
        machine, actor = IN_TRANSACTION, Actor.DESTINATION_STAFF
    state = change.state
    for event in _STEPS.get(action) or _TO_APPLIED.get(state, (TransactionEvent.APPROVE,)):
        state = allowed(machine.step(state, event, actor))
    return state


def _check_in_hand(tx: Transaction, change: Change) -> None:
    """Check that nobody has taken the people over since: a change that lay too long lets them go.

    Raises
    ------
    RefusedError
        409 when somebody has.
    """
    entry = change.entered()
    if len(tx.all(_MINE, town=change.municipality, number=change.seq)) < len(entry.members):
        raise RefusedError(Code.IN_HAND, change="–")
