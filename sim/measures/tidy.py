"""Rows of the tidy tables, as they are collected: tuples first, and one table of all replications at the end.

A table of texts costs far more to make than the numbers in it, so it is made once for an experiment (`sim.frames`), and
workers do without pandas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.measures.grouping import ALL, ALL_ROWS, DIMENSIONS
from sim.program import Floats, Ints

Run = tuple[str, int]
"""An arm and the number of a replication."""

RUN = ("arm", "replication")
MEASURES = ("measure", "unit", *DIMENSIONS, "value", "count")
DAILY = ("date", "measure", "unit", "site", "value")
QUANTILES = ("kind", "users", "q", "minutes")
COLUMNS = (*RUN, *MEASURES)


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


def mean(values: Floats) -> float:
    """Arithmetic mean; NaN of nothing."""
    return float(values.mean()) if len(values) else float("nan")
