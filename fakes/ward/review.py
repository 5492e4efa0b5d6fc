"""What the staff does with an application: checks, acceptance, return, rejection; preparation of an expected visit.

The state machine decides; here is what a town asks besides: both checks before it accepts, words with a refusal.
"""

from __future__ import annotations

from typing import Any, Final

from fakes.clock import moment_of
from fakes.endpoints.ward import REVIEW
from fakes.messages.ward import ReviewDone, ReviewStep
from fakes.refusals import Code, RefusedError
from fakes.states.application import ApplicationEvent, ApplicationState
from fakes.states.machine import Actor, Refusal, Refused
from fakes.states.moving import Part
from fakes.states.visit import VISIT, VisitEvent
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.ward import saying
from fakes.ward.cases import Held, case_of, held
from fakes.ward.context import Ward
from fakes.ward.events.applications import ApplicationReviewed
from fakes.ward.staff import at_work, handled_by
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed, refused_by_rule

HANDLERS: Final[Handlers[Ward]] = Handlers()

_DECISIONS: Final = {
    "begin_review": ApplicationEvent.BEGIN_REVIEW,
    "accept_notice": ApplicationEvent.ACCEPT_NOTICE,
    "reopen": ApplicationEvent.REOPEN,
    "return": ApplicationEvent.RETURN,
    "reject": ApplicationEvent.REJECT,
    "complete": ApplicationEvent.COMPLETE,
}
_PREPARATIONS: Final = {
    "begin_preparation": VisitEvent.BEGIN_PREPARATION,
    "finish_preparation": VisitEvent.FINISH_PREPARATION,
}
_PASSED: Final = "passed"


@HANDLERS.on(REVIEW)
def review(call: WebCall, ward: Ward) -> Decide:
    """Take one step with an application of the town."""
    message: ReviewStep = call.message
    town, number = call.identity.municipality, call.values["reference_number"]
    handled = handled_by(call.identity)
    if message.action in {"return", "reject"} and not message.message.strip():
        raise RefusedError(Code.REQUIRED, "message")
    if message.action.endswith("_check") != bool(message.result):
        raise RefusedError(Code.MISMATCH, "result")
    ward.wake(town)

    def decide(tx: Transaction) -> Decision:
        at_work(tx, call)
        own = held(tx, town, number)
        if not set(own.filed) <= set(handled):
            raise RefusedError(Code.NOT_ALLOWED)
        if message.action in _PREPARATIONS:
            step = _PREPARATIONS[message.action]
            visit = allowed(VISIT.step(own.visit, step, Actor.DESTINATION_STAFF))
            events: tuple[Event[Any], ...] = (own.after(message.action, visit=visit),)
        elif message.action in _DECISIONS:
            events = _decided(tx, call, ward, own, message)
        else:
            events = (_checked(own, message),)
        after: ApplicationReviewed = events[0].body
        result = ReviewDone(number, after.state, after.visit, after.formal, after.substantive, own.owner)
        return Decision(reply(result, call.request.path, call.lang), events, number)

    return decide


def _decided(tx: Transaction, call: WebCall, ward: Ward, own: Held, message: ReviewStep) -> tuple[Event[Any], ...]:
    """Return a decision as events: the state here, and the word to the applicant."""
    actor = own.actor if own.decides else Actor.DESTINATION_STAFF
    event = _DECISIONS[message.action]
    case = allowed(case_of(tx, own).step(Part.APPLICATION, event, actor, moment_of(call.at), ward.rules))
    state = ApplicationState(case.states[Part.APPLICATION])
    if event is ApplicationEvent.ACCEPT_NOTICE and (own.formal, own.substantive) != (_PASSED, _PASSED):
        raise refused_by_rule(Refused(Refusal.NOT_YET, "application", own.state, event))
    reopened = event is ApplicationEvent.REOPEN
    decided = own.after(message.action, state=state, message=message.message, substantive="" if reopened else None)
    return decided, saying.tell(own, state, message.message)


def _checked(own: Held, message: ReviewStep) -> Event[ApplicationReviewed]:
    """Return the result of a check, which belongs into the review.

    Raises
    ------
    RefusedError
        When the application is not under review, or another town's to decide on.
    """
    if not own.decides:
        raise refused_by_rule(Refused(Refusal.WRONG_ACTOR, "application", own.state, message.action))
    if own.state is not ApplicationState.IN_REVIEW:
        late = own.state in own.machine.finished
        code = Refusal.ALREADY_PROCESSED if late else Refusal.ILLEGAL_TRANSITION
        raise refused_by_rule(Refused(code, "application", own.state, message.action))
    if message.action == "formal_check":
        return own.after(message.action, formal=message.result)
    return own.after(message.action, substantive=message.result)
