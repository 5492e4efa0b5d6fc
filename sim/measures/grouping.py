"""Groups over which measures are taken: who belongs to which, and sums, means and quantiles of all groups at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sim.program import Bools, Floats, Ints

ALL = "all"
DIMENSIONS = ("kind", "users", "site", "weekday", "hour")
ALL_ROWS = (ALL,) * len(DIMENSIONS)


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


@dataclass(frozen=True, slots=True)
class Groups:
    """The combinations of a breakdown that occur, and to which of them each row belongs.

    Attributes
    ----------
    labels
        Of each group, in the order of `DIMENSIONS`; "all" for what is not broken down.
    of_row
        Shape (rows,): place of the row's group in `labels`.
    """

    labels: tuple[tuple[str, ...], ...]
    of_row: Ints

    def count(self, among: Bools | None = None) -> Ints:
        """Return how many rows each group has, or how many of the chosen ones."""
        return np.bincount(self.of_row if among is None else self.of_row[among], minlength=len(self.labels))

    def sum(self, values: Floats, among: Bools | None = None) -> Floats:
        """Return the sum of each group, over all rows or the chosen ones. `values` has shape (rows,)."""
        group, values = (self.of_row, values) if among is None else (self.of_row[among], values[among])
        return np.bincount(group, weights=values, minlength=len(self.labels)).astype(np.float64)

    def ordered(self, values: Floats, ascending: Ints) -> Ordered:
        """Return the values of each group from the least to the greatest.

        Parameters
        ----------
        values
            Shape (rows,).
        ascending
            Rows in the order of their values; the others are left out.
        """
        group = self.of_row[ascending]
        few = len(self.labels) <= 2**16
        order = ascending[np.argsort(group.astype(np.uint16) if few else group, kind="stable")]
        number = np.bincount(group, minlength=len(self.labels))
        return Ordered(values[order], np.concatenate([[0], np.cumsum(number)]))


@dataclass(frozen=True, slots=True)
class Ordered:
    """Sorted values, group after group.

    Attributes
    ----------
    values
        Shape (rows,).
    start
        Shape (groups + 1,): where those of each group begin.
    """

    values: Floats
    start: Ints

    def quantile(self, share: float) -> Floats:
        """Return a quantile of each group, by linear interpolation as NumPy has it; NaN of nothing. Shape (groups,)."""
        number = np.diff(self.start)
        found, some = np.full(len(number), np.nan), number > 0
        first, last = self.start[:-1][some], self.start[1:][some] - 1
        place = share * (number[some] - 1)
        below = np.floor(place).astype(np.int64)
        low, high = self.values[first + below], self.values[np.minimum(first + below + 1, last)]
        part, step = place - below, high - low
        found[some] = np.where(part < 0.5, low + step * part, high - step * (1 - part))
        return found

    def greatest(self) -> Floats:
        """Return the greatest value of each group; NaN of nothing. Shape (groups,)."""
        found, some = np.full(len(self.start) - 1, np.nan), np.diff(self.start) > 0
        found[some] = self.values[self.start[1:][some] - 1]
        return found


def groups(columns: Mapping[str, Labels], *breakdowns: Iterable[str]) -> Iterator[Groups]:
    """Share out all rows by each breakdown (names of columns); no names make one group of all, even of no rows.

    Combinations come in the order of the names.
    """
    for breakdown in breakdowns:
        names = list(breakdown)
        if not names:
            yield Groups((ALL_ROWS,), np.zeros(len(next(iter(columns.values())).codes), np.int64))
            continue
        sizes = tuple(len(columns[name].names) for name in names)
        code = np.ravel_multi_index(tuple(columns[name].codes for name in names), sizes)
        occurs = np.flatnonzero(np.bincount(code, minlength=int(np.prod(sizes))))
        place = np.zeros(int(np.prod(sizes)), np.int64)
        place[occurs] = np.arange(len(occurs))
        which = np.array(np.unravel_index(occurs, sizes)).T.tolist()
        yield Groups(tuple(_labels(columns, dict(zip(names, own, strict=True))) for own in which), place[code])


def _labels(columns: Mapping[str, Labels], group: dict[str, int]) -> tuple[str, ...]:
    return tuple(columns[name].names[group[name]] if name in group else ALL for name in DIMENSIONS)


def per(totals: Floats | Ints, numbers: Ints) -> Floats:
    """Return means out of sums and numbers; NaN of nothing."""
    means: Floats = np.divide(totals, numbers, out=np.full(len(totals), np.nan), where=numbers > 0)
    return means
