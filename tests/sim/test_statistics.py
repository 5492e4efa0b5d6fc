from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.statistics import (
    StatisticsError,
    differences,
    mean_interval,
    mean_intervals,
    median_interval,
    median_intervals,
    paired_difference,
    quantile_interval,
    variance_ratio,
)
from texts import LANGS

NUMBERS = st.integers(-(10**6), 10**6).map(lambda number: number / 64)  # exact sums and differences
SERIES = st.lists(NUMBERS, min_size=2, max_size=40)
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=40)


# --- means and differences -------------------------------------------------------------------------------------------


def test_the_mean_of_one_to_five_has_the_interval_of_the_textbook() -> None:
    found = mean_interval([1, 2, 3, 4, 5])
    assert (found.estimate, found.n) == (3.0, 5)
    assert found.hi - 3 == pytest.approx(2.776445105 * (2.5 / 5) ** 0.5)
    assert 3 - found.lo == pytest.approx(found.hi - 3)


@given(SERIES, st.sampled_from([0.8, 0.95, 0.99]))
@settings(max_examples=100)
def test_a_mean_interval_is_that_of_the_t_test(series: list[float], level: float) -> None:
    found = mean_interval(series, level)
    mean, error = np.mean(series), stats.sem(series)
    half = float(error * stats.t.ppf((1 + level) / 2, len(series) - 1))
    assert found.estimate == pytest.approx(mean, abs=1e-9)
    assert found.hi - found.estimate == pytest.approx(half, rel=1e-6, abs=1e-9)


def test_a_paired_difference_is_that_of_the_paired_t_test() -> None:
    before, after = [12.0, 15.5, 11.0, 14.0, 13.5], [9.0, 12.0, 9.5, 10.0, 11.0]
    found = paired_difference(before, after)
    expected = stats.ttest_rel(after, before).confidence_interval(0.95)
    assert found.estimate == pytest.approx(-2.9)
    assert (found.lo, found.hi) == pytest.approx((expected.low, expected.high))


def test_a_paired_interval_agrees_with_the_bootstrap() -> None:
    rng = np.random.default_rng(2)
    before = rng.gamma(4, 3, 300)
    after = 0.8 * before + rng.normal(0, 0.5, 300)
    found = paired_difference(before, after)
    booted = stats.bootstrap((after - before,), np.mean, n_resamples=2000, rng=rng).confidence_interval
    assert found.hi - found.lo == pytest.approx(booted.high - booted.low, rel=0.1)
    assert found.lo == pytest.approx(booted.low, abs=0.15 * (found.hi - found.lo))


def test_a_t_interval_covers_the_mean_as_often_as_it_says() -> None:
    rows = np.random.default_rng(3).normal(10, 4, (20_000, 5))
    found = mean_intervals(rows)
    covered = np.mean((found.lo <= 10) & (found.hi >= 10))
    error = (0.95 * 0.05 / 20_000) ** 0.5
    assert 1.96 * error < 0.02 * 0.95
    assert abs(covered - 0.95) / error <= 3.5


def test_missing_replications_are_left_out() -> None:
    found = mean_intervals([[1, np.nan, 3, 5], [np.nan, np.nan, 4, np.nan], [np.nan] * 4])
    assert found.n.tolist() == [3, 1, 0]
    np.testing.assert_array_equal(found.estimate, [3, 4, np.nan])
    np.testing.assert_array_equal(np.isnan(found.lo), [False, True, True])
    assert found.hi[0] == pytest.approx(mean_interval([1, 3, 5]).hi)


@given(PAIRS, NUMBERS)
@settings(max_examples=100)
def test_adding_a_constant_to_both_arms_changes_no_difference(pairs: list[tuple[float, float]], shift: float) -> None:
    before, after = np.array(pairs).T
    assert paired_difference(before + shift, after + shift) == paired_difference(before, after)


@given(PAIRS, st.sampled_from([0.25, 2.0, 64.0]))
@settings(max_examples=100)
def test_a_difference_scales_with_its_unit_and_its_variance_ratio_does_not(
    pairs: list[tuple[float, float]], unit: float
) -> None:
    before, after = np.array(pairs).T
    one, other = paired_difference(before, after), paired_difference(before * unit, after * unit)
    assert (other.estimate, other.lo, other.hi) == (one.estimate * unit, one.lo * unit, one.hi * unit)
    np.testing.assert_array_equal(variance_ratio(before * unit, after * unit), variance_ratio(before, after))


def test_rounding_alone_is_no_difference() -> None:
    before = np.array([0.1 + 0.2, 1e6 / 3, 7.0])
    after = np.array([0.3, 1e6 / 3 * (1 + 2e-16), 7.5])
    assert differences(before, after).tolist() == [0.0, 0.0, 0.5]


# --- variance ratio (common random numbers) --------------------------------------------------------------------------


def test_the_variance_ratio_of_a_small_case_is_that_worked_out_by_hand() -> None:
    before = np.array([1.0, 2, 3, 4])  # variance 5/3
    after = before + np.array([1, -1, -1, 1])  # variance 3, difference 4/3
    assert float(variance_ratio(before, after)) == pytest.approx(3.5)


@pytest.mark.parametrize(("correlation", "expected"), [(0.98, 50.0), (0.5, 2.0), (0.0, 1.0), (-0.5, 2 / 3)])
def test_the_variance_ratio_of_arms_with_known_covariance_is_one_over_one_minus_their_correlation(
    correlation: float, expected: float
) -> None:
    rng = np.random.default_rng(4)
    covariance = 9 * np.array([[1, correlation], [correlation, 1]])
    before, after = rng.multivariate_normal([20, 15], covariance, 200_000).T
    assert float(variance_ratio(before, after)) == pytest.approx(expected, rel=0.02)


def test_independent_streams_reduce_no_variance_and_common_ones_do() -> None:
    def mean_wait(arrivals: np.random.Generator, services: np.random.Generator, speed: float) -> float:
        gaps, work = arrivals.exponential(1.0, 400), services.exponential(0.8, 400) / speed
        steps = np.concatenate([[0.0], work[:-1] - gaps[1:]]).cumsum()
        return float(np.mean(steps - np.minimum.accumulate(steps)))

    def waits(speed: float, key: int) -> list[float]:
        return [
            mean_wait(np.random.default_rng([key, run, 0]), np.random.default_rng([key, run, 1]), speed)
            for run in range(200)
        ]

    before = waits(1.0, 1)
    assert float(variance_ratio(before, waits(1.05, 1))) > 10
    assert float(variance_ratio(before, waits(1.05, 2))) == pytest.approx(1, abs=0.4)


def test_a_difference_without_noise_has_an_infinite_variance_ratio() -> None:
    before = np.array([0.1, 0.7, 0.3])
    assert variance_ratio(before, before + 0.2) == np.inf  # although 0.1 + 0.2 - 0.1 is not 0.2
    assert variance_ratio(before, before) == np.inf


@pytest.mark.parametrize(("before", "after"), [([2, 2, 2], [5, 5, 5]), ([1], [2]), ([1, np.nan], [np.nan, 2])])
def test_a_variance_ratio_needs_two_pairs_and_something_that_varies(before: list[float], after: list[float]) -> None:
    assert np.isnan(variance_ratio(before, after))


def test_a_variance_ratio_uses_only_the_pairs_that_have_both_values() -> None:
    before, after = [1, 2, 3, 4, 99, np.nan], [2, 1, 2, 5, np.nan, 99]
    assert float(variance_ratio(before, after)) == pytest.approx(3.5)


def test_nothing_at_all_has_no_estimate() -> None:
    assert np.isnan(mean_interval([]).estimate)
    assert np.isnan(median_intervals(np.zeros((2, 0))).estimate).all()
    assert median_interval([]) is None


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_level_outside_zero_and_one_is_refused(level: float) -> None:
    with pytest.raises(StatisticsError) as refused:
        mean_interval([1, 2], level)
    assert refused.value.key == "E-statistics-level"
    assert all(str(level) in refused.value.say(lang) for lang in LANGS)
    with pytest.raises(StatisticsError):
        quantile_interval(range(10), 0.5, level)
    with pytest.raises(StatisticsError) as refused:
        quantile_interval(range(10), level)
    assert refused.value.key == "E-statistics-quantile" if level != 95 else True
