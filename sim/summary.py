"""The tables of an experiment: each arm over its replications, and two arms compared replication by replication.

Measures come in as one row per arm, replication, measure and group, and go out as one row per group, with an interval
where the data carry one. The intervals hold row by row, not for all rows at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isinf, isnan

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.program import Bools, Floats, Ints
from sim.statistics import (
    Intervals,
    StatisticsError,
    differences,
    mean_intervals,
    median_intervals,
    observations_needed,
    variance_ratio,
)

GROUP = ["measure", "unit", "kind", "users", "site", "weekday", "hour"]
"""The columns that together name one quantity; an arm and a replication have at most one value of it."""

T = "t over replications"
ORDER_STATISTICS = "order statistics over replications"
ONE_REPLICATION = "one replication: no interval"
REFUSED = "refused: too few observations"
METHOD_TEXTS = {
    T: "statistics_method_t",
    ORDER_STATISTICS: "statistics_method_order_statistics",
    ONE_REPLICATION: "statistics_method_one_replication",
    REFUSED: "statistics_method_refused",
}

LOWER, HIGHER, CANNOT_SAY = "lower", "higher", "cannot say"
SURE_TEXTS = {
    LOWER: "statistics_sure_lower",
    HIGHER: "statistics_sure_higher",
    CANNOT_SAY: "statistics_sure_cannot_say",
}

_PERCENTILE = re.compile(r"_p(0[1-9]|[1-9]\d)$")


def quantile_of(measure: str) -> float | None:
    """Which quantile of the observations a measure is, by its name: `_median` or `_p<NN>` at the end; else None."""
    if measure.endswith("_median"):
        return 0.5
    found = _PERCENTILE.search(measure)
    return int(found[1]) / 100 if found else None


def variance_ratio_key(ratio: float) -> str:
    """Name the text that says a variance ratio; it takes `ratio` and `inverse` (1 / ratio)."""
    if isnan(ratio):
        return "statistics_variance_ratio_unknown"
    if isinf(ratio):
        return "statistics_variance_ratio_infinite"
    return "statistics_variance_ratio" if ratio >= 1 else "statistics_variance_ratio_worse"


def summarise(measures: pd.DataFrame) -> pd.DataFrame:
    """Estimate every measure of every arm from its replications.

    Means (and shares, counts, maxima) are averaged over replications, with a t-interval. A percentile is the median
    of the replications' percentiles, with its order-statistic interval: one replication's observations depend on one
    another, replications do not. It is refused where the typical replication has too few observations for an interval
    of its own (`observations_needed`), or where there are too few replications.

    Parameters
    ----------
    measures
        Columns arm, replication, the columns of `GROUP`, value (NaN where nothing was observed) and count (how many
        observations are behind it). Rows in any order; a missing row is a replication without observations.

    Returns
    -------
    pd.DataFrame
        arm, the columns of `GROUP`, estimate, lo95, hi95, n (replications with a value), count (median observations a
        replication, rounded down) and method (a key of `METHOD_TEXTS`), sorted by arm and group.

    Raises
    ------
    StatisticsError
        Where columns are missing, or two rows are about the same thing.
    """
    _require_columns(measures)
    arms = sorted(measures["arm"].unique())
    parts = [_summarise_arm(str(arm), measures[measures["arm"] == arm]) for arm in arms]
    return pd.concat(parts, ignore_index=True) if parts else _summarise_arm("", measures)


def compare(measures: pd.DataFrame, before_arm: str, after_arm: str) -> pd.DataFrame:
    """Compare two arms replication by replication: what `after` has more than `before`.

    The interval is about the paired differences: a t-interval for means; for percentiles the median of the differences
    of the replications' percentiles, with its order-statistic interval (so `difference` need not be `after - before`).
    It is refused where either arm's percentile would be.

    Parameters
    ----------
    measures
        As for `summarise`.

    Returns
    -------
    pd.DataFrame
        The columns of `GROUP`, before, after, difference, lo95, hi95, n (pairs with both values), method (a key of
        `METHOD_TEXTS`), variance_ratio (what common random numbers achieved, see `sim.statistics.variance_ratio`) and
        sure (a key of `SURE_TEXTS`: 'lower' or 'higher' where the interval excludes 0), sorted by group. `before` and
        `after` are over the pairs; where there is no pair, each over what it has.

    Raises
    ------
    StatisticsError
        As for `summarise`; also where an arm is missing, or the arms have different replications.
    """
    _require_columns(measures)
    parts = [_rows_of(measures, arm) for arm in (before_arm, after_arm)]
    before_numbers, after_numbers = (set(part["replication"].unique()) for part in parts)
    _require_same_replications(before_arm, before_numbers, after_arm, after_numbers)
    table = _tabulate([before_arm, after_arm], parts)
    before, after = table.value
    paired = differences(before, after)
    unpaired = np.isnan(paired).all(axis=1, keepdims=True)
    arms = [np.where(np.isnan(paired) & ~unpaired, np.nan, values) for values in (before, after)]
    counts = _typical(table.count)
    estimates = [_estimate(values, count, table.needed)[0].estimate for values, count in zip(arms, counts, strict=True)]
    found, method = _estimate(paired, counts.min(axis=0), table.needed)
    result = table.groups
    result["before"], result["after"] = estimates
    result["difference"], result["lo95"], result["hi95"], result["n"] = found.estimate, found.lo, found.hi, found.n
    result["method"] = pd.array(method, dtype="str")
    result["variance_ratio"] = np.where(method == REFUSED, np.nan, variance_ratio(before, after))
    sure = np.select([found.hi < 0, found.lo > 0], [LOWER, HIGHER], CANNOT_SAY)
    result["sure"] = pd.array(sure.astype(object), dtype="str")
    return result


@dataclass(frozen=True, slots=True)
class _Table:
    """Measures as arrays: arms x groups x replications, and the groups that name the rows."""

    groups: pd.DataFrame
    value: Floats
    count: Floats
    needed: Ints
    """Observations that a percentile needs for an interval; 0 for every other measure."""


def _summarise_arm(arm: str, rows: pd.DataFrame) -> pd.DataFrame:
    table = _tabulate([arm], [rows])
    counts = _typical(table.count[0])
    found, method = _estimate(table.value[0], counts, table.needed)
    result = table.groups
    result.insert(0, "arm", pd.Series([arm] * len(result), dtype="str"))
    result["estimate"], result["lo95"], result["hi95"], result["n"] = found.estimate, found.lo, found.hi, found.n
    result["count"] = counts
    result["method"] = pd.array(method, dtype="str")
    return result


def _estimate(values: Floats, counts: Ints, needed: Ints) -> tuple[Intervals, npt.NDArray[np.object_]]:
    """Intervals of rows of replications, by the method that each row's measure asks for, and its name."""
    percentile = needed > 0
    mean, median = mean_intervals(values), median_intervals(values)
    refused: Bools = (mean.n == 0) | percentile & ((counts < needed) | np.isnan(median.lo))
    method = np.select(
        [refused, percentile, mean.n == 1], np.array([REFUSED, ORDER_STATISTICS, ONE_REPLICATION], dtype=object), T
    )

    def chosen(of_mean: Floats, of_median: Floats) -> Floats:
        return np.where(refused, np.nan, np.where(percentile, of_median, of_mean))

    return Intervals(
        chosen(mean.estimate, median.estimate), chosen(mean.lo, median.lo), chosen(mean.hi, median.hi), mean.n
    ), method


def _tabulate(arms: list[str], parts: list[pd.DataFrame]) -> _Table:
    """Spread the rows of each arm over groups and replications, both in sorted order."""
    rows = pd.concat(parts, ignore_index=True)
    arm = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    group, groups = _number_groups(rows)
    replications, replication = np.unique(rows["replication"].to_numpy(), return_inverse=True)
    shape = (len(parts), len(groups), len(replications))
    cell = np.ravel_multi_index((arm, group, replication), shape) if len(rows) else np.zeros(0, dtype=np.int64)
    uses = np.bincount(cell, minlength=int(np.prod(shape)))
    if len(rows) and uses.max() > 1:
        row = int(np.flatnonzero(uses[cell] > 1)[0])
        raise StatisticsError(
            "E-measures-repeated",
            measure=", ".join(str(part) for part in rows[GROUP].iloc[row]),
            arm=arms[arm[row]],
            replication=rows["replication"].iloc[row],
        )
    values, counts = np.full(shape, np.nan), np.zeros(shape)
    values.reshape(-1)[cell] = rows["value"].to_numpy(dtype=np.float64)
    counts.reshape(-1)[cell] = rows["count"].to_numpy(dtype=np.float64)
    quantiles = [quantile_of(str(name)) for name in groups["measure"]]
    needed = np.array([observations_needed(p) if p else 0 for p in quantiles], dtype=np.int64)
    return _Table(groups, values, counts, needed)


def _number_groups(rows: pd.DataFrame) -> tuple[Ints, pd.DataFrame]:
    """Number the distinct groups in sorted order: the number of each row's group, and the groups as a table."""
    number = np.zeros(len(rows), dtype=np.int64)
    for column in GROUP:
        codes, names = pd.factorize(rows[column], sort=True, use_na_sentinel=False)
        number = number * len(names) + codes
    _, first, group = np.unique(number, return_index=True, return_inverse=True)
    return group.astype(np.int64), rows[GROUP].iloc[first].reset_index(drop=True)


def _typical(counts: Floats) -> Ints:
    """Median observations a replication, along the last axis, rounded down."""
    typical = np.median(counts, axis=-1) if counts.shape[-1] else np.zeros(counts.shape[:-1])
    return np.asarray(np.floor(typical), dtype=np.int64)


def _rows_of(measures: pd.DataFrame, arm: str) -> pd.DataFrame:
    rows = measures[measures["arm"] == arm]
    if rows.empty:
        present = ", ".join(sorted(str(name) for name in measures["arm"].unique()))
        raise StatisticsError("E-compare-arm", arm=arm, arms=present or "-")
    return rows


def _require_columns(measures: pd.DataFrame) -> None:
    missing = [name for name in ("arm", "replication", *GROUP, "value", "count") if name not in measures]
    if missing:
        raise StatisticsError("E-measures-columns", columns=", ".join(missing))


def _require_same_replications(before_arm: str, before: set[int], after_arm: str, after: set[int]) -> None:
    def some(numbers: set[int]) -> str:
        shown = [str(number) for number in sorted(numbers)]
        return ", ".join(shown[:5]) + (" …" if len(shown) > 5 else "") or "-"

    if before != after:
        raise StatisticsError(
            "E-compare-replications",
            before=before_arm,
            after=after_arm,
            only_before=some(before - after),
            only_after=some(after - before),
        )
