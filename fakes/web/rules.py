"""Refusals of states and of rules of time (`fakes.states`) as refusals of a call."""

from __future__ import annotations

from typing import Final, TypeVar

from fakes.refusals import Code, RefusedError
from fakes.states.machine import Refused

T = TypeVar("T")

_CODES: Final = {
    400: Code.RULE,
    403: Code.RULE_AUTHORITY,
    409: Code.RULE_STATE,
    410: Code.RULE_GONE,
    423: Code.RULE_LOCKED,
    503: Code.RULE_CLOSED,
}


def refused_by_rule(refused: Refused) -> RefusedError:
    """Return the refusal of the call that a rule refuses."""
    return RefusedError(_CODES[refused.code.status], reason=refused)


def allowed(step: T | Refused) -> T:
    """Return what a rule gives.

    Raises
    ------
    RefusedError
        When it refuses.
    """
    if isinstance(step, Refused):
        raise refused_by_rule(step)
    return step
