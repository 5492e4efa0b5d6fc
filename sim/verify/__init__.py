"""The self-test: an engine against queueing theory, on the user's own machine.

An engine and a level come in, rows of target, estimate, half-width, z and verdict go out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from itertools import chain
from typing import Final

from sim.log import Engine
from sim.verify.cases import Level, measure
from sim.verify.catalogue import cases_of
from sim.verify.rows import Row, Verdict
from sim.verify.wording import false_alarm
from sim.workers import shared

__all__ = ["DEFAULT_SEED", "Level", "Row", "Verdict", "false_alarm", "verify"]

DEFAULT_SEED: Final = 20230206
"""The same seed gives the same rows; another one gives independent rows."""


def verify(
    run: Engine,
    level: Level = "full",
    seed: int = DEFAULT_SEED,
    on_row: Callable[[Row], None] | None = None,
    jobs: int = 1,
) -> list[Row]:
    """Measure an engine against theory.

    Parameters
    ----------
    run
        The engine; with more than one job it must be a function that another process can import.
    level
        "quick" or "full"; both ask for the same precision.
    seed
        Any whole number of at least 0.
    on_row
        Called with each row as soon as it is known, in the order of the result.
    jobs
        Processes to share the cases among. The rows do not depend on it.

    Returns
    -------
    list of Row
        The engine passes where every row has passed; see `false_alarm` for the odds of a correct engine.
    """
    chosen = cases_of(level)
    rows = []
    with closing(shared(measure, [(case, run, seed) for case in chosen], jobs)) as found:
        for row in chain.from_iterable(found):
            rows.append(row)
            if on_row is not None:
                on_row(row)
    return rows
