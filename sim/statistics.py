"""Intervals over replications: means and paired differences by Student's t, quantiles by order statistics.

Arrays hold replications along their last axis; NaN marks a replication that has no value, and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, log

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, stdtrit

from sim.program import Floats, Ints
from texts import Lang, say

ROUNDING = 4 * float(np.finfo(np.float64).eps)
"""A difference smaller than this share of its operands is rounding, not a difference."""


class StatisticsError(ValueError):
    """Input that no statistic can be made from.

    Attributes
    ----------
    key, fields
        The permanent code, which is also the key of its sentence in the catalogue of texts; and what fills that in.
    """

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(f"{key}: {say(key, 'en', **fields)}")
        self.key = key
        self.fields = fields

    def say(self, lang: Lang) -> str:
        """Say what is wrong in one language."""
        return say(self.key, lang, **self.fields)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its two-sided confidence interval.

    Attributes
    ----------
    estimate, lo, hi
        In the unit of the values; NaN where they do not exist (an interval needs two values, an estimate one).
    n
        How many values were used.
    """

    estimate: float
    lo: float
    hi: float
    n: int


@dataclass(frozen=True, slots=True)
class Intervals:
    """Many intervals at once; see `Interval`. All arrays have the shape of the values without their last axis."""

    estimate: Floats
    lo: Floats
    hi: Floats
    n: Ints


@dataclass(frozen=True, slots=True)
class Ranks:
    """Which order statistics bound a quantile (1 is the smallest value), and with what exact probability."""

    lower: int
    upper: int
    coverage: float


@dataclass(frozen=True, slots=True)
class QuantileInterval:
    """A sample quantile (linear interpolation, NumPy's default) between two order statistics; see `ranks`."""

    estimate: float
    lo: float
    hi: float
    n: int
    ranks: Ranks


def mean_intervals(values: npt.ArrayLike, level: float = 0.95) -> Intervals:
    """Mean and t-interval of each row (Law, Simulation Modeling and Analysis, 5th ed., section 4.5).

    Parameters
    ----------
    values
        Shape (..., replications). Replications are independent and alike; their values roughly normal, or many.
    """
    tail = (1 - _level(level)) / 2
    array = np.asarray(values, dtype=np.float64)
    n, mean, variance = _moments(array)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = -stdtrit(np.where(n > 1, n - 1, np.nan), tail) * np.sqrt(variance / n)
    return Intervals(mean, mean - half, mean + half, n)


def mean_interval(values: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Mean and t-interval of one series, shape (replications,)."""
    return _single(mean_intervals(np.ravel(np.asarray(values, dtype=np.float64)), level))


def differences(before: npt.ArrayLike, after: npt.ArrayLike) -> Floats:
    """Return `after - before` for each pair; NaN where one is missing, 0 where they differ by rounding alone."""
    b, a = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    difference = a - b
    return np.where(np.abs(difference) <= ROUNDING * np.maximum(np.abs(a), np.abs(b)), 0.0, difference)


def paired_difference(before: npt.ArrayLike, after: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Mean of `after - before` with the paired t-interval (Law, 5th ed., section 10.2.1), shapes (replications,).

    Valid whether or not the pairs are correlated; narrower when common random numbers make them so.
    """
    return mean_interval(differences(np.ravel(before), np.ravel(after)), level)


def variance_ratio(before: npt.ArrayLike, after: npt.ArrayLike) -> Floats:
    """How many times common random numbers reduced the variance of the difference, for each row of pairs.

    (var(before) + var(after)) / var(after - before), over the pairs that have both values. 1 is what independent
    runs give on average (Law, 5th ed., section 11.2).

    Returns
    -------
    Floats
        Shape (...,). Infinite where both arms vary and the difference does not; NaN where nothing varies, or where
        there are fewer than two pairs.
    """
    b, a = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    paired = ~np.isnan(a - b)
    b, a = np.where(paired, b, np.nan), np.where(paired, a, np.nan)
    noise = ROUNDING * np.where(paired, np.maximum(np.abs(a), np.abs(b)), 0.0).max(axis=-1, initial=0.0)
    arms, difference = _moments(b)[2] + _moments(a)[2], _moments(differences(b, a))[2]
    arms, difference = (np.where(variance <= noise**2, 0.0, variance) for variance in (arms, difference))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(arms / difference, dtype=np.float64)


def observations_needed(p: float, level: float = 0.95) -> int:
    """Return the smallest sample in which some two order statistics bound the p-quantile at the given level.

    The smallest and the largest value miss it with probability p^n + (1 - p)^n. So 6 for the median at 95 %, 29 for
    the 90th and 59 for the 95th percentile (Hahn & Meeker, Statistical Intervals, Wiley 1991, section 5.2).
    """
    miss = 1 - _level(level)
    outer = max(_probability(p), 1 - p)
    n = max(2, ceil(log(miss) / log(outer)) - 1)
    while p**n + (1 - p) ** n > miss * (1 + 1e-12):
        n += 1
    return n


@lru_cache(maxsize=4096)
def ranks(n: int, p: float, level: float = 0.95) -> Ranks | None:
    """Choose the order statistics that bound the p-quantile, for any distribution; None where none do.

    The number of values below the quantile is binomial (n, p), so the l-th and u-th smallest value hold it between
    them with probability P(l <= B <= u - 1), exactly for continuous distributions, at least that for others, bounds
    included (David & Nagaraja, Order Statistics, 3rd ed., Wiley 2003, section 7.1; Hahn & Meeker 1991, section 5.2).

    Of the many pairs we take equal tails: the highest l and the lowest u that miss on their own side with
    probability (1 - level) / 2 at most. Such a pair is mirrored when the values are, and each bound alone holds at
    (1 + level) / 2. Where even the outermost value misses more often than that on one side, it is taken, and the
    other side keeps what is left of 1 - level; so a pair exists from `observations_needed` on.
    """
    if n < observations_needed(p, level):
        return None
    miss = 1 - level
    least_low, least_high = float(bdtr(0, n, p)), float(bdtr(0, n, 1 - p))
    low = max(min(miss / 2, miss - least_high), least_low)
    high = max(min(miss / 2, miss - least_low), least_high)
    lower, upper = _highest_rank(n, p, low), n + 1 - _highest_rank(n, 1 - p, high)
    return Ranks(lower, upper, float(bdtr(upper - 1, n, p) - bdtr(lower - 1, n, p)))


def quantile_interval(values: npt.ArrayLike, p: float, level: float = 0.95) -> QuantileInterval | None:
    """Sample quantile with its distribution-free interval; None with fewer than `observations_needed(p, level)`.

    Parameters
    ----------
    values
        Shape (n,), independent and alike, in any order. Waits of one day are *not* independent of one another: give
        one value per replication.
    """
    array = np.sort(np.ravel(np.asarray(values, dtype=np.float64)))
    array = array[~np.isnan(array)]
    chosen = ranks(array.size, p, level)
    if chosen is None:
        return None
    lo, hi = array[chosen.lower - 1], array[chosen.upper - 1]
    return QuantileInterval(float(np.quantile(array, p)), float(lo), float(hi), array.size, chosen)


def median_interval(values: npt.ArrayLike, level: float = 0.95) -> QuantileInterval | None:
    """Median over replications with its order-statistic interval; None below 6 replications at 95 %."""
    return quantile_interval(values, 0.5, level)


def median_intervals(values: npt.ArrayLike, level: float = 0.95) -> Intervals:
    """Median and order-statistic interval of each row, shape (..., replications); NaN bounds where there is none."""
    ordered = np.sort(np.asarray(values, dtype=np.float64), axis=-1)  # NaN goes to the end
    n = np.asarray((~np.isnan(ordered)).sum(axis=-1), dtype=np.int64)
    found = {int(size): ranks(int(size), 0.5, level) for size in np.unique(n)}
    ordered = np.concatenate([ordered, np.full((*ordered.shape[:-1], 1), np.nan)], axis=-1)  # where "none" points to

    def at(rank: npt.ArrayLike) -> Floats:
        index = np.asarray(rank, dtype=np.int64)[..., np.newaxis] - 1
        return np.asarray(np.take_along_axis(ordered, index, axis=-1)[..., 0], dtype=np.float64)

    lower, upper = np.zeros_like(n), np.zeros_like(n)
    for size, chosen in found.items():
        if chosen is not None:
            lower[n == size], upper[n == size] = chosen.lower, chosen.upper
    middle = (at((n + 1) // 2) + at(n // 2 + 1)) / 2
    return Intervals(middle, at(lower), at(upper), n)


def _moments(array: Floats) -> tuple[Ints, Floats, Floats]:
    """Count, mean and sample variance of each row without its NaN; NaN where there are too few values."""
    seen = ~np.isnan(array)
    n = np.asarray(seen.sum(axis=-1), dtype=np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.asarray(np.where(seen, array, 0.0).sum(axis=-1) / n)
        deviation = np.where(seen, array - mean[..., np.newaxis], 0.0)
        variance = np.where(n > 1, (deviation**2).sum(axis=-1) / (n - 1), np.nan)
    return n, mean, variance


def _highest_rank(n: int, p: float, tail: float) -> int:
    """Return the highest rank l with P(B <= l - 1) <= tail, where B is binomial (n, p)."""
    at_most = bdtr(np.arange(n + 1), n, p)
    return max(1, int(np.searchsorted(at_most, tail * (1 + 1e-12), side="right")))


def _single(many: Intervals) -> Interval:
    return Interval(float(many.estimate), float(many.lo), float(many.hi), int(many.n))


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise StatisticsError("E-statistics-level", found=level)
    return level


def _probability(p: float) -> float:
    if not 0 < p < 1:
        raise StatisticsError("E-statistics-quantile", found=p)
    return p
