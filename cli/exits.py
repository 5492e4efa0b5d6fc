"""How a command ends: the one table of exit codes. `hikkoshi explain 12` says one of them in words."""

from __future__ import annotations

from enum import IntEnum


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
    """It ran, and a target is not met: a row of the self-test is off its theoretical value."""
    FAULTY = 11
    """Data are faulty: a law of queueing does not hold, a run folder or audit records were changed or are incomplete."""
    CANNOT_SAY = 12
    """It ran, and what was asked cannot be said: the precision was not reached. Results were kept."""
    INTERRUPTED = 130
    """Ended from outside (Ctrl-C). A run that was not finished leaves nothing behind."""
