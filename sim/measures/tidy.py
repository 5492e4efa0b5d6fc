"""Rows of the tidy tables, as they are collected: tuples first, and one table of all replications at the end.

A table of texts costs far more to make than the numbers in it, so it is made once for an experiment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sim.measures.grouping import ALL, ALL_ROWS, DIMENSIONS
from sim.program import Floats, Ints

Run = tuple[str, int]
"""An arm and the number of a replication."""

RUN = ("arm", "replication")
MEASURES = ("measure", "unit", *DIMENSIONS, "value", "count")
DAILY = ("date", "measure", "unit", "site", "value")
QUANTILES = ("kind", "users", "q", "minutes")
COLUMNS = (*RUN, *MEASURES)
_TYPES = {"value": "float64", "minutes": "float64", "count": "int64", "q": "int64"}


@dataclass(slots=True)
class TidyRows:
    """Rows of `MEASURES`."""

    rows: list[tuple[object, ...]] = field(default_factory=list)

    def put(self, measure: str, unit: str, value: float, count: int, **group: str) -> None:
        """Add one value; what is not broken down is "all". No observation gives NaN, never 0."""
        labels = ALL_ROWS if not group else tuple(group.get(name, ALL) for name in DIMENSIONS)
        self.rows.append((measure, unit, *labels, value if count else np.nan, count))

    def put_each(
        self, measure: str, unit: str, values: Floats | Ints, counts: Ints, groups: Sequence[tuple[str, ...]]
    ) -> None:
        """Add one value of each group, as `put` would. `values` and `counts` have shape (groups,)."""
        seen = np.where(counts > 0, values, np.nan).tolist()
        self.rows += [
            (measure, unit, *labels, value, count)
            for labels, value, count in zip(groups, seen, counts.tolist(), strict=True)
        ]

    def table(self, arm: str, replication: int) -> pd.DataFrame:
        """All rows as a table."""
        return frame(MEASURES, [((arm, replication), self.rows)])


def frame(columns: tuple[str, ...], parts: Iterable[tuple[Run, Sequence[tuple[object, ...]]]]) -> pd.DataFrame:
    """Make one table out of the rows of several runs: the columns of `RUN`, then those given."""
    parts = list(parts)
    lengths = [len(rows) for _, rows in parts]
    rows = [row for _, own in parts for row in own]
    values = zip(*rows, strict=True) if rows else [()] * len(columns)
    arms = pd.array([arm for (arm, _), _ in parts], dtype="str")
    table = {
        "arm": arms.take(np.repeat(np.arange(len(parts)), lengths)),
        "replication": np.repeat(np.array([number for (_, number), _ in parts], dtype=np.int64), lengths),
    }
    for name, own in zip(columns, values, strict=True):
        table[name] = np.array(own, dtype=_TYPES[name]) if name in _TYPES else pd.array(list(own), dtype="str")
    return pd.DataFrame(table)


def mean(values: Floats) -> float:
    """Arithmetic mean; NaN of nothing."""
    return float(values.mean()) if len(values) else float("nan")
