"""Rows of the tidy table of measures, and the groups over which they are taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sim.program import Bools, Floats

ALL = "all"
DIMENSIONS = ("kind", "users", "site", "weekday", "hour")
COLUMNS = ("arm", "replication", "measure", "unit", *DIMENSIONS, "value", "count")


@dataclass(slots=True)
class TidyRows:
    """Rows as they are collected, one list per column."""

    columns: dict[str, list[object]] = field(default_factory=lambda: {name: [] for name in COLUMNS[2:]})

    def put(self, measure: str, unit: str, value: float, count: int, **group: str) -> None:
        """Add one value; what is not broken down is "all". No observation gives NaN, never 0."""
        row = {"measure": measure, "unit": unit, "value": value if count else np.nan, "count": count}
        for name, values in self.columns.items():
            values.append(row[name] if name in row else group.get(name, ALL))

    def table(self, arm: str, replication: int) -> pd.DataFrame:
        """All rows as a table."""
        table = pd.DataFrame(self.columns)
        table.insert(0, "replication", np.full(len(table), replication, dtype=np.int64))
        table.insert(0, "arm", arm)
        return table.astype({"value": "float64", "count": "int64"})


def groups(columns: Mapping[str, pd.Series[str]], *breakdowns: Iterable[str]) -> Iterator[tuple[dict[str, str], Bools]]:
    """For each breakdown (names of columns) every combination that occurs, with the rows that belong to it."""
    frame = pd.DataFrame(columns)
    for breakdown in breakdowns:
        names = list(breakdown)
        if not names:
            yield {}, np.ones(len(frame), dtype=bool)
            continue
        for key, rows in frame.groupby(names, sort=True, observed=True).indices.items():
            chosen = np.zeros(len(frame), dtype=bool)
            chosen[rows] = True
            keys = key if isinstance(key, tuple) else (key,)
            yield dict(zip(names, map(str, keys), strict=True)), chosen


def mean(values: Floats) -> float:
    """Arithmetic mean; NaN of nothing."""
    return float(values.mean()) if len(values) else float("nan")
