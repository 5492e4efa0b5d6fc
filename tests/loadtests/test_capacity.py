"""The search for the limit: it ends close below what is too much, and says how sure the rate is and what limits it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.burdens import Sample
from loadtests.capacity import CLOSE, GENERATOR, Ceiling, Search, Tried, ceiling_of, limiting, rates_in, sustained
from loadtests.series import RESPONSE, Series


@given(st.floats(0.5, 5000), st.floats(1, 200))
def test_the_search_ends_close_below_the_true_limit(limit: float, first: float) -> None:
    search = Search(first, 20_000)
    while (scale := search.next()) is not None:
        assert scale not in [one.scale for one in search.tries], "nothing is tried twice"
        search.tries.append(Tried(scale, scale, kept=scale <= limit))
        assert len(search.tries) < 40
    best, too_much = search.best, search.too_much
    if best is None:
        assert too_much is not None
        assert limit < first / 32
        return
    assert best.scale <= limit
    assert too_much is not None
    assert limit < too_much.scale <= CLOSE * best.scale


def test_a_limit_that_is_not_reached_ends_the_search_at_the_largest_scale() -> None:
    search = Search(100, 1000)
    while (scale := search.next()) is not None:
        search.tries.append(Tried(scale, 1.0, kept=True))
    assert search.too_much is None
    assert search.best is not None
    assert search.best.scale == 1000


def test_what_failed_once_is_not_carried_though_it_was_kept_before() -> None:
    search = Search(1, 100)
    search.tries += [Tried(s, s, kept=True) for s in (1.0, 2.0, 4.0)]
    search.tries.append(Tried(4.0, 4.0, kept=False))
    assert search.best is not None
    assert search.best.scale == 2.0


def test_rates_are_counted_where_calls_were_due_and_failed_ones_are_none() -> None:
    series = Series()
    for second in range(20):
        for number in range(4):
            series.record(RESPONSE, "sign", second * 1_000_000 + number, 1000, failed=second >= 15 and number == 0)
    assert rates_in(series, [(0, 20)]) == [4.0] * 15 + [3.0] * 5
    assert rates_in(series, [(3, 12)]) == [4.0] * 9


def test_the_interval_of_the_rate_covers_the_mean_as_often_as_it_says() -> None:
    rates = [8.0, 9.0, 10.0, 11.0, 12.0] * 20
    found = sustained([rates], 1)
    assert found == sustained([rates], 1), "the same seed says the same"
    assert found.mean == 10.0
    half = 1.96 * math.sqrt(2.0 / len(rates))
    assert found.low == pytest.approx(10 - half, abs=0.03)
    assert found.high == pytest.approx(10 + half, abs=0.03)
    with pytest.raises(ValueError, match="no rate"):
        sustained([], 1)


def test_the_busiest_component_of_the_busiest_quarter_is_named() -> None:
    samples = [Sample("portal", float(at), 1, 99.0 if at < 5 else 30.0) for at in range(20)]
    samples += [Sample("jlis", float(at), 1, 80.0) for at in range(20)]
    limit = limiting(samples, 50.0, [(10, 15)])
    assert (limit.component, limit.percent, limit.busy) == ("jlis", 80.0, True)
    idle = limiting(samples[:20], 35.0, [(10, 15)])
    assert (idle.component, idle.busy) == (GENERATOR, False)


def test_the_ceiling_of_the_fakes_follows_from_the_share_of_a_core_at_a_low_rate() -> None:
    samples = [Sample("portal", float(at), 1, 5.0) for at in range(20)]
    samples += [Sample("ward", float(at), 1, 90.0 if at < 5 else 16.0) for at in range(20)]
    found = ceiling_of(samples, 4.0, [(10, 15)])
    assert found is not None
    assert found == Ceiling("ward", 25.0)
    assert found.bears(12.5)
    assert not found.bears(12.6)


def test_what_a_server_takes_before_the_run_is_not_counted_and_the_ceiling_is_not_below_what_was_carried() -> None:
    before = [Sample("ward", float(at), 1, 6.0) for at in range(-5, 0)]
    during = [Sample("ward", float(at), 1, 16.0) for at in range(20)]
    assert ceiling_of([*before, *during], 4.0, [(10, 15)]) == Ceiling("ward", 40.0)
    busy = [Sample("ward", float(at), 1, 130.0) for at in range(20)]
    assert ceiling_of(busy, 4.0, [(10, 15)]) == Ceiling("ward", 4.0)
    assert ceiling_of([Sample("ward", -1.0, 1, 6.0), Sample("ward", 1.0, 1, 5.0)], 4.0, [(0, 5)]) is None


def test_runs_that_differ_make_the_interval_wide_however_many_windows_each_has() -> None:
    alike = sustained([[9.0, 10.0, 11.0] * 30] * 3, 1)
    unlike = sustained([[7.0] * 90, [10.0] * 90, [13.0] * 90], 1)
    assert alike.mean == unlike.mean == 10.0
    assert alike.high - alike.low < 0.5
    assert unlike.high - unlike.low > 5


def test_without_samples_or_without_applications_no_ceiling_is_known() -> None:
    samples = [Sample("portal", 1.0, 1, 5.0), Sample("ward", 1.0, 1, 0.0)]
    assert ceiling_of([], 4.0, [(0, 5)]) is None
    assert ceiling_of(samples, 0.0, [(0, 5)]) is None
    assert ceiling_of(samples, 4.0, [(10, 15)]) is None
    assert ceiling_of(samples[1:], 4.0, [(0, 5)]) is None
