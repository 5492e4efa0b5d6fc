"""Small parts of answers and questions: moments, results of acknowledgements, the state of an application."""

from __future__ import annotations

from datetime import datetime

from fakes.clock import micros_of, moment_of
from fakes.jlis.items import Item
from fakes.messages.answer import Answer
from fakes.messages.jlis import AcknowledgementResult, StatusSet
from fakes.refusals import Code, RefusedError
from fakes.states.application import ApplicationState
from fakes.web.answers import reply
from fakes.web.request import WebCall
from texts import Lang


def iso(at: int) -> str:
    """Return a moment as messages write it."""
    return moment_of(at).isoformat()


def micros(text: str, item: str) -> int:
    """Return the moment of a message, microseconds since 1970.

    Raises
    ------
    RefusedError
        E0002 for a day or time of day that does not exist.
    """
    try:
        return micros_of(datetime.fromisoformat(text))
    except ValueError:
        raise RefusedError(Code.CHARACTERS, item) from None


def acknowledgement(subject: str, problem: RefusedError | None, lang: Lang) -> AcknowledgementResult:
    """Return what came of one acknowledgement."""
    if problem is None:
        return AcknowledgementResult(subject, "", "")
    return AcknowledgementResult(subject, problem.code.value, problem.message(lang))


def status_set(call: WebCall, item: Item, state: ApplicationState, at: int) -> Answer:
    """Return the answer that tells the state of an application."""
    result = StatusSet(item.reference, state, iso(at), item.owner)
    return reply(result, call.request.path, call.lang)
