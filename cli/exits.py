"""How a command ends: the one table of exit codes. `hikkoshi explain 12` says one of them in words."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Exit(IntEnum):
    """Exit codes, for people who call the program from a script."""

    FINE = 0
    """Done, and nothing to complain about."""
    INTERNAL = 1
    """The program itself failed; or replications did, and what is left was kept."""
    USAGE = 2
    """The command line cannot be carried out: an option, a name, a folder that cannot be written to."""
    SCENARIO = 3
    """A scenario cannot be used; every problem was told with its file and line."""
    MISSED = 10
    """It ran, and a target is not met: a row of the self-test is off its theory, a load test is NOT ENOUGH."""
    FAULTY = 11
    """Data are faulty: a law of queueing does not hold, a run folder or audit records were changed or are incomplete, a
    load test is FAULTY."""
    CANNOT_SAY = 12
    """It ran, and what was asked cannot be said: the precision was not reached, a load test proves nothing. Results
    were kept."""
    INTERRUPTED = 130
    """Ended from outside (Ctrl-C). A run that was not finished leaves nothing behind."""


OF_VERDICT: Final = {
    "enough": Exit.FINE,
    "not_enough": Exit.MISSED,
    "faulty": Exit.FAULTY,
    "cannot_say": Exit.CANNOT_SAY,
}
"""How a load test ends, by the word of its outcome (`loadtests.verdict.Outcome.word`, too heavy to import here)."""
