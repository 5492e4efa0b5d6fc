"""Latencies as log-linear counts: any percentile to a thousandth, merged across workers without loss.

Values are whole microseconds. Below 2048 each has a cell of its own; above, a cell spans less than a thousandth of its
value (ten significant bits), as in HdrHistogram with three digits (https://hdrhistogram.github.io/HdrHistogram/). A
dict of counts takes about half a microsecond a value, and merging is adding.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import Struct, field
from scipy.special import bdtr, bdtrik

_BITS: Final = 11
_FINE: Final = 1 << _BITS
_HALF: Final = _FINE >> 1
DIGITS: Final = 1 / _HALF
"""Largest width of a cell, as a part of the values in it."""


class Percentile(NamedTuple):
    """A percentile and its bounds.

    Attributes
    ----------
    value
        Never below the true one of what was recorded, and over it by less than a thousandth.
    low, high
        What the percentile of endless such traffic lies between, with the confidence that was asked for.
    """

    value: int
    low: int
    high: int


class Histogram(Struct):
    """How often which latency was seen.

    Attributes
    ----------
    counts
        Occurrences by cell.
    number, total, least, most
        Of all values: how many, their sum, the smallest and the largest, exactly; `least` is -1 without any.
    """

    counts: dict[int, int] = field(default_factory=dict)
    number: int = 0
    total: int = 0
    least: int = -1
    most: int = -1

    def record(self, value: int) -> None:
        """Count one value, whole microseconds; a negative one, which a clock may give, is 0."""
        if value < _FINE:
            cell = value = max(value, 0)
        else:
            shift = value.bit_length() - _BITS
            cell = (shift << (_BITS - 1)) + (value >> shift)
        counts = self.counts
        counts[cell] = counts.get(cell, 0) + 1
        self.number += 1
        self.total += value
        self.most = max(self.most, value)
        if value < self.least or self.least < 0:
            self.least = value

    def add(self, other: Histogram) -> None:
        """Count everything that another one counted."""
        for cell, count in other.counts.items():
            self.counts[cell] = self.counts.get(cell, 0) + count
        self.number += other.number
        self.total += other.total
        self.most = max(self.most, other.most)
        seen = [least for least in (self.least, other.least) if least >= 0]
        self.least = min(seen, default=-1)

    @property
    def mean(self) -> float:
        """Mean of all values, microseconds.

        Raises
        ------
        ValueError
            When nothing was recorded.
        """
        self._need()
        return self.total / self.number

    def percentile(self, percent: float, confidence: float = 0.95) -> Percentile:
        """Return the smallest recorded value that `percent` of the values do not exceed.

        The bounds are order statistics whose ranks a binomial number gives; they take the values as independent.

        Raises
        ------
        ValueError
            When nothing was recorded, or for a percentage that is not within 0 to 100.
        """
        self._need()
        if not 0 <= percent <= 100:
            raise ValueError(f"not a percentage: {percent}")
        share = percent / 100
        tail = (1 - confidence) / 2
        rank = _rank(share, self.number)
        low, high = (_binomial_quantile(part, self.number, share) for part in (tail, 1 - tail))
        ranks = (rank, max(1, min(low, rank)), min(self.number, max(high + 1, rank)))
        return Percentile(*self._at(ranks))

    def share_above(self, value: int) -> float:
        """Return the share of values whose cell lies above that of a value."""
        self._need()
        limit = cell_of(value)
        return sum(count for cell, count in self.counts.items() if cell > limit) / self.number

    def _at(self, ranks: tuple[int, ...]) -> list[int]:
        """Return upper ends of the cells in which values of some ranks lie, counted from 1."""
        found: dict[int, int] = {}
        wanted = sorted(set(ranks), reverse=True)
        passed = 0
        for cell in sorted(self.counts):
            passed += self.counts[cell]
            while wanted and wanted[-1] <= passed:
                found[wanted.pop()] = max(self.least, min(upper_end(cell), self.most))
        return [found[rank] for rank in ranks]

    def _need(self) -> None:
        if not self.number:
            raise ValueError("nothing was recorded")


def _binomial_quantile(q: float, n: int, p: float) -> int:
    """Return the smallest k with P(X <= k) >= q for a binomial X, 0 < q < 1; as `scipy.stats.binom.ppf`.

    That module takes a second to import, which every worker of a generator would have to wait for.
    """
    if p in (0.0, 1.0):
        return round(n * p)
    if bdtr(0, n, p) >= q:
        return 0
    if bdtr(n - 1, n, p) < q:
        return n
    k = math.ceil(bdtrik(q, n, p))  # a zero of a smooth function, so it may be one too far
    return k - 1 if bdtr(k - 1, n, p) >= q else k


def _rank(share: float, number: int) -> int:
    """Rank, from 1, of the smallest value that a share of all do not exceed."""
    return max(1, min(number, math.ceil(share * number - 1e-9 * number)))


def cell_of(value: int) -> int:
    """Return the cell of a value; larger values have the same or a larger one."""
    if value < _FINE:
        return max(value, 0)
    shift = value.bit_length() - _BITS
    return (shift << (_BITS - 1)) + (value >> shift)


def upper_end(cell: int) -> int:
    """Return the largest value of a cell."""
    if cell < _FINE:
        return cell
    shift = (cell >> (_BITS - 1)) - 1
    return (((cell - (shift << (_BITS - 1))) + 1) << shift) - 1


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """Return one histogram of all that several counted."""
    whole = Histogram()
    for one in histograms:
        whole.add(one)
    return whole
