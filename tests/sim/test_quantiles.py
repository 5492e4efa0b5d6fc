from __future__ import annotations

from fractions import Fraction
from math import comb
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.statistics import median_interval, median_intervals, observations_needed, quantile_interval, ranks

NUMBERS = st.integers(-(10**6), 10**6).map(lambda number: number / 64)  # exact sums and differences


def coverage_of(n: int, p: Fraction, lower: int, upper: int) -> Fraction:
    """P(lower <= B <= upper - 1) for B binomial (n, p), in whole numbers."""
    return sum((comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(lower, upper)), Fraction(0))


@pytest.mark.parametrize(
    ("n", "pair", "percent"),
    [
        (6, (1, 6), 96.9), (7, (1, 7), 98.4), (8, (1, 8), 99.2), (9, (2, 8), 96.1), (10, (2, 9), 97.9),
        (11, (2, 10), 98.8), (12, (3, 10), 96.1), (13, (3, 11), 97.8), (14, (3, 12), 98.7), (15, (4, 12), 96.5),
        (16, (4, 13), 97.9), (17, (5, 13), 95.1), (18, (5, 14), 96.9), (19, (5, 15), 98.1), (20, (6, 15), 95.9),
    ],
)  # fmt: skip
def test_the_ranks_for_a_median_are_those_of_the_printed_tables(n: int, pair: tuple[int, int], percent: float) -> None:
    found = ranks(n, 0.5)
    assert found is not None
    assert (found.lower, found.upper) == pair
    assert 100 * found.coverage == pytest.approx(percent, abs=0.06)


@pytest.mark.parametrize("p", [Fraction(1, 2), Fraction(1, 10), Fraction(9, 10), Fraction(19, 20), Fraction(3, 4)])
def test_the_ranks_cover_at_least_as_they_say_in_whole_numbers(p: Fraction) -> None:
    level, miss = Fraction(19, 20), Fraction(1, 20)
    needed = observations_needed(float(p))
    for n in range(2, 130):
        found = ranks(n, float(p))
        assert (found is not None) == (n >= needed)
        if found is None:
            assert coverage_of(n, p, 1, n) < level
            continue
        exact = coverage_of(n, p, found.lower, found.upper)
        assert exact >= level
        assert found.coverage == pytest.approx(float(exact), abs=1e-12)
        low, high = coverage_of(n, p, 0, found.lower), coverage_of(n, p, found.upper, n + 1)
        assert low <= miss / 2 or found.lower == 1
        assert high <= miss / 2 or found.upper == n
        # one rank further in would break its tail's allowance
        assert coverage_of(n, p, 0, found.lower + 1) > min(miss / 2, miss - high)
        assert coverage_of(n, p, found.upper - 1, n + 1) > min(miss / 2, miss - low)


def test_the_interval_is_that_of_the_quantile_test_where_both_tails_exist() -> None:
    compared = 0
    for p in (0.5, 0.25, 0.9, 0.95, 0.05):
        for n in (6, 11, 29, 36, 59, 72, 100, 1000):
            values = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))
            tested: Any = stats.quantile_test(values, p=p)
            low, high = tested.confidence_interval(0.95)
            if not np.isnan([low, high]).any():
                found = quantile_interval(values, p)
                assert found is not None
                assert (found.lo, found.hi) == (low, high)
                compared += 1
    assert compared >= 20


@pytest.mark.parametrize(
    ("p", "level", "expected"),
    [(0.5, 0.95, 6), (0.9, 0.95, 29), (0.1, 0.95, 29), (0.95, 0.95, 59), (0.99, 0.95, 299), (0.75, 0.95, 11),
     (0.5, 0.99, 8), (0.5, 0.5, 2), (0.95, 0.99, 90)],
)  # fmt: skip
def test_the_observations_needed_are_the_first_with_coverage_enough(p: float, level: float, expected: int) -> None:
    assert observations_needed(p, level) == expected
    assert quantile_interval(np.arange(expected - 1), p, level) is None
    assert quantile_interval(np.arange(expected), p, level) is not None


@pytest.mark.parametrize(("n", "p"), [(60, 0.9), (59, 0.95), (25, 0.5)])
def test_a_quantile_interval_covers_as_often_as_it_computes(n: int, p: float) -> None:
    chosen = ranks(n, p)
    assert chosen is not None
    draws = np.sort(np.random.default_rng(5).exponential(3.0, (40_000, n)), axis=1)
    truth = stats.expon.ppf(p, scale=3.0)
    covered = np.mean((draws[:, chosen.lower - 1] <= truth) & (truth <= draws[:, chosen.upper - 1]))
    error = (chosen.coverage * (1 - chosen.coverage) / 40_000) ** 0.5
    assert 1.96 * error < 0.02 * chosen.coverage
    assert abs(covered - chosen.coverage) / error <= 3.5


def test_ties_make_a_quantile_interval_cover_more_and_never_less() -> None:
    chosen = ranks(40, 0.9)
    assert chosen is not None
    draws = np.sort(np.random.default_rng(6).poisson(2.0, (40_000, 40)), axis=1)
    truth = stats.poisson.ppf(0.9, 2.0)
    covered = np.mean((draws[:, chosen.lower - 1] <= truth) & (truth <= draws[:, chosen.upper - 1]))
    assert covered >= chosen.coverage


def test_a_median_interval_agrees_with_the_bootstrap() -> None:
    rng = np.random.default_rng(7)
    values = rng.lognormal(2, 0.5, 400)
    found = median_interval(values)
    assert found is not None
    booted = stats.bootstrap((values,), np.median, n_resamples=2000, rng=rng).confidence_interval
    assert found.estimate == np.median(values)
    assert (found.lo, found.hi) == pytest.approx((booted.low, booted.high), abs=0.3 * (found.hi - found.lo))


@given(st.lists(NUMBERS, min_size=30, max_size=80, unique=True), st.sampled_from([0.1, 0.25, 0.5, 0.9]), st.randoms())
@settings(max_examples=100)
def test_a_quantile_interval_follows_its_values(values: list[float], p: float, random: Random) -> None:
    found = quantile_interval(values, p)
    assert found is not None
    assert found.lo <= found.estimate <= found.hi
    shuffled = values[:]
    random.shuffle(shuffled)
    assert quantile_interval(shuffled, p) == found
    assert quantile_interval([*values, np.nan], p) == found
    moved = quantile_interval(np.array(values) * 2 + 1, p)
    assert moved is not None
    assert (moved.lo, moved.hi) == (found.lo * 2 + 1, found.hi * 2 + 1)
    mirrored = quantile_interval(-np.array(values), 1 - p)
    assert mirrored is not None
    assert (-mirrored.hi, -mirrored.lo) == (found.lo, found.hi)


@given(st.lists(st.lists(NUMBERS | st.just(np.nan), min_size=12, max_size=12), min_size=1, max_size=6))
@settings(max_examples=60)
def test_rows_of_medians_are_medians_of_rows(rows: list[list[float]]) -> None:
    found = median_intervals(rows)
    for row, values in enumerate(rows):
        seen = [value for value in values if value == value]  # noqa: PLR0124  not NaN
        one = median_interval(values)
        assert found.n[row] == len(seen)
        assert found.estimate[row] == pytest.approx(np.median(seen)) if seen else np.isnan(found.estimate[row])
        if one is None:
            assert len(seen) < 6
            assert np.isnan(found.lo[row])
            assert np.isnan(found.hi[row])
        else:
            assert (found.lo[row], found.hi[row]) == (one.lo, one.hi)
