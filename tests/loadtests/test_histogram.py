"""Histograms: percentiles to a thousandth, merging in any order, bounds that hold, series second by second."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from loadtests.errors import LoadError
from loadtests.histogram import DIGITS, Histogram, _binomial_quantile, cell_of, merged, upper_end
from loadtests.series import LAG, RESPONSE, Series, together

VALUES = st.lists(st.integers(0, 10**10), min_size=1, max_size=60)


def of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


@given(st.integers(0, 2**60))
def test_a_cell_holds_its_values_within_a_thousandth(value: int) -> None:
    end = upper_end(cell_of(value))
    assert value <= end <= value * (1 + DIGITS)
    assert cell_of(end) == cell_of(value)
    assert cell_of(end + 1) == cell_of(value) + 1


@given(VALUES, st.floats(0, 100))
def test_a_percentile_is_not_below_the_true_one_and_hardly_above(values: list[int], percent: float) -> None:
    true = int(np.quantile(np.array(values), percent / 100, method="inverted_cdf"))
    found = of(values).percentile(percent)
    assert true <= found.value <= true * (1 + DIGITS) + 1e-6
    assert min(values) <= found.low <= found.value <= found.high <= max(values)


@given(VALUES)
def test_the_ends_are_exact(values: list[int]) -> None:
    histogram = of(values)
    assert (histogram.least, histogram.most, histogram.total) == (min(values), max(values), sum(values))
    assert histogram.percentile(100).value == max(values)
    assert histogram.mean == pytest.approx(np.mean(values))


@given(VALUES, VALUES, VALUES)
def test_merging_is_counting_all_together_in_any_order(a: list[int], b: list[int], c: list[int]) -> None:
    whole = of(a + b + c)
    assert merged([of(a), of(b), of(c)]) == whole
    assert merged([merged([of(c), of(a)]), of(b)]) == whole
    assert merged([of(a), Histogram()]) == of(a)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(whole), type=Histogram) == whole


def test_bounds_hold_the_percentile_of_endless_traffic_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    true, held = 1000 * np.log(20), 0
    for _ in range(300):
        found = of((rng.exponential(1000, 400)).astype(int).tolist()).percentile(95, confidence=0.9)
        held += found.low <= true <= found.high
    assert 255 <= held <= 295  # 90 % or a little more, within three standard errors


@given(VALUES, st.integers(0, 10**10))
def test_the_share_above_counts_what_is_over(values: list[int], limit: int) -> None:
    clearly = np.mean(np.array(values) > limit * (1 + DIGITS) + 1)
    assert clearly <= of(values).share_above(limit) <= np.mean(np.array(values) > limit)


@given(st.floats(1e-6, 1 - 1e-6), st.integers(1, 100_000), st.sampled_from([0, 0.5, 0.95, 0.99, 0.999, 1]))
def test_ranks_of_bounds_are_quantiles_of_the_binomial_distribution(q: float, n: int, p: float) -> None:
    assert _binomial_quantile(q, n, p) == stats.binom.ppf(q, n, p)


def test_nothing_has_no_percentile() -> None:
    for ask in (lambda: Histogram().percentile(50), lambda: Histogram().mean, lambda: Histogram().share_above(1)):
        with pytest.raises(ValueError, match="nothing"):
            ask()
    with pytest.raises(ValueError, match="percentage"):
        of([1]).percentile(101)


def test_a_clock_that_went_back_counts_as_nothing() -> None:
    assert of([-5]).percentile(50).value == 0


CALLS = st.lists(
    st.tuples(
        st.sampled_from([RESPONSE, LAG]),
        st.sampled_from(["submit", "enquire"]),
        st.integers(0, 5_000_000),
        st.integers(0, 10**7),
        st.booleans(),
    ),
    max_size=40,
)


def recorded(calls: list[tuple[str, str, int, int, bool]]) -> Series:
    series = Series()
    for clock, call, due, latency, failed in calls:
        series.record(clock, call, due, latency, failed=failed)
    return series


@given(CALLS, st.integers(0, 6), st.integers(0, 6))
def test_a_span_holds_the_calls_that_were_due_in_it(
    calls: list[tuple[str, str, int, int, bool]], start: int, end: int
) -> None:
    inside = [c for c in calls if c[0] == RESPONSE and start <= c[2] // 1_000_000 < end]
    second = recorded(calls).over(RESPONSE, spans=[(start, end)])
    assert second.seen == of([c[3] for c in inside])
    assert second.failed == sum(c[4] for c in inside)
    of_one = recorded(calls).over(RESPONSE, "submit")
    assert of_one.seen == of([c[3] for c in calls if c[:2] == (RESPONSE, "submit")])


@given(CALLS, st.integers(1, 4))
def test_workers_together_measured_what_one_would_have(
    calls: list[tuple[str, str, int, int, bool]], workers: int
) -> None:
    whole = together(recorded(calls[worker::workers]) for worker in range(workers))
    assert whole == recorded(calls)
    assert whole.table()["calls"].sum() == len(calls)
    assert whole.table()["failed"].sum() == sum(call[4] for call in calls)


def test_a_series_is_read_as_it_was_written_or_refused(tmp_path: Path) -> None:
    series = recorded([(RESPONSE, "submit", 1, 2000, False), (LAG, "submit", 1_000_001, 5, True)])
    path = tmp_path / "series.bin"
    series.write(path)
    assert Series.read(path) == series
    assert series.calls == ("submit",)
    path.write_bytes(path.read_bytes()[:-3])
    for file in (path, tmp_path / "none"):
        with pytest.raises(LoadError) as caught:
            Series.read(file)
        assert caught.value.code == "E-load-series-file"
