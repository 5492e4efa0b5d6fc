"""What an engine returns: when each step was entered and left. Everything else is computed from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sim.program import Bools, Floats, Program


@dataclass(frozen=True, slots=True)
class Log:
    """The truth about one replication: one row per step of the program.

    Attributes
    ----------
    enter, leave
        Shape (rows,), minutes. NaN where the step was never entered, or entered and never left.
    gone
        Shape (rows,): True where patience ran out at this SEIZE. `leave` is then the time of giving up.
    """

    enter: Floats
    leave: Floats
    gone: Bools


class Engine(Protocol):
    """Anything that can run a program to its end."""

    def __call__(self, program: Program) -> Log:
        """Run until nothing more can happen."""
        ...
