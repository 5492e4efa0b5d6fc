"""Rows of the tidy table of measures, and the groups over which they are taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sim.program import Floats, Ints

ALL = "all"
DIMENSIONS = ("kind", "users", "site", "weekday", "hour")
COLUMNS = ("arm", "replication", "measure", "unit", *DIMENSIONS, "value", "count")


@dataclass(slots=True)
class TidyRows:
    """Rows as they are collected: the columns behind `arm` and `replication`."""

    rows: list[tuple[object, ...]] = field(default_factory=list)

    def put(self, measure: str, unit: str, value: float, count: int, **group: str) -> None:
        """Add one value; what is not broken down is "all". No observation gives NaN, never 0."""
        labels = _ALL_ROWS if not group else tuple(group.get(name, ALL) for name in DIMENSIONS)
        self.rows.append((measure, unit, *labels, value if count else np.nan, count))

    def table(self, arm: str, replication: int) -> pd.DataFrame:
        """All rows as a table."""
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(COLUMNS[2:])
        table = pd.DataFrame(dict(zip(COLUMNS[2:], columns, strict=True)))
        table.insert(0, "replication", np.full(len(table), replication, dtype=np.int64))
        table.insert(0, "arm", arm)
        return table.astype({"value": "float64", "count": "int64"})


_ALL_ROWS = (ALL,) * len(DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Labels:
    """One group column: a name for each row, as an index into the names.

    Attributes
    ----------
    names, codes
        The names, and for each row which of them it has.
    """

    names: tuple[str, ...]
    codes: Ints


def groups(columns: Mapping[str, Labels], *breakdowns: Iterable[str]) -> Iterator[tuple[dict[str, str], Ints]]:
    """For each breakdown (names of columns) every combination that occurs, with the rows that belong to it.

    Combinations come in the order of the names, rows ascending.
    """
    for breakdown in breakdowns:
        names = list(breakdown)
        if not names:
            yield {}, np.arange(len(next(iter(columns.values())).codes))
            continue
        sizes = tuple(len(columns[name].names) for name in names)
        code = np.ravel_multi_index(tuple(columns[name].codes for name in names), sizes)
        number = np.bincount(code, minlength=int(np.prod(sizes)))
        order = np.argsort(code.astype(np.uint16 if len(number) <= 2**16 else code.dtype), kind="stable")
        end = np.cumsum(number)
        for combination in np.flatnonzero(number):
            which = np.unravel_index(combination, sizes)
            rows = order[end[combination] - number[combination] : end[combination]]
            yield {name: columns[name].names[own] for name, own in zip(names, which, strict=True)}, rows


def mean(values: Floats) -> float:
    """Arithmetic mean; NaN of nothing."""
    return float(values.mean()) if len(values) else float("nan")
