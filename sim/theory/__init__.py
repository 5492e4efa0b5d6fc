"""Closed forms of queueing theory, each with its source and the range in which it holds.

In go rates and moments, out come means and probabilities. The self-test in `sim.verify` measures engines against them.
"""

from __future__ import annotations


class TheoryError(ValueError):
    """Parameters outside the range in which a formula holds, such as a queue that grows for ever."""


def require(holds: bool, message: str) -> None:
    """Raise `TheoryError` with the message unless the condition holds."""
    if not holds:
        raise TheoryError(message)
