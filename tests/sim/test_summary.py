from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from scipy import stats

from sim.statistics import StatisticsError, median_interval, observations_needed
from sim.summary import (
    GROUP,
    METHOD_TEXTS,
    ONE_REPLICATION,
    ORDER_STATISTICS,
    REFUSED,
    SURE_TEXTS,
    quantile_of,
    summarise,
    variance_ratio_key,
)
from tests.sim.measure_rows import EXPERIMENT, Draws, experiment, only, rows
from texts import LANGS, say


def test_a_mean_is_averaged_over_replications_with_a_t_interval() -> None:
    values = [12.0, 15.5, 11.0, 14.0, 13.5]
    found = only(summarise(rows("before", values, [90, 100, 110, 120, 80])))
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found["estimate"] == pytest.approx(13.2)
    assert (found["lo95"], found["hi95"]) == pytest.approx((expected.low, expected.high))
    assert (found["n"], found["count"], found["method"]) == (5, 100, "t over replications")
    assert [found[name] for name in ("arm", *GROUP)] == [
        "before", "wait_mean", "min", "move_in", "all", "main", "all", "all",
    ]  # fmt: skip


@pytest.mark.parametrize("measure", ["wait_median", "wait_p90", "wait_p95", "visit_p75"])
def test_a_percentile_is_the_median_of_the_replications_with_an_order_statistic_interval(measure: str) -> None:
    values = [31.0, 24.0, 28.0, 40.0, 22.0, 35.0, 27.0, 30.0, 26.0]  # nine: second and eighth smallest
    found = only(summarise(rows("before", values, measure=measure)))
    assert (found["lo95"], found["estimate"], found["hi95"]) == (24.0, 28.0, 35.0)
    assert (found["n"], found["method"]) == (9, ORDER_STATISTICS)


@pytest.mark.parametrize(
    ("measure", "p"), [("wait_median", 0.5), ("wait_p90", 0.9), ("wait_p95", 0.95), ("office_time_p05", 0.05)]
)
def test_a_percentile_is_refused_below_the_observations_that_it_needs(measure: str, p: float) -> None:
    needed = observations_needed(p)
    shown = only(summarise(rows("before", np.arange(10.0), needed, measure)))
    refused = only(summarise(rows("before", np.arange(10.0), needed - 1, measure)))
    assert shown["method"] == ORDER_STATISTICS
    assert shown["estimate"] == 4.5
    assert (refused["method"], refused["count"], refused["n"]) == (REFUSED, needed - 1, 10)
    assert np.isnan([refused["estimate"], refused["lo95"], refused["hi95"]]).all()


def test_a_percentile_is_refused_below_six_replications_and_a_mean_is_not() -> None:
    table = pd.concat([rows("before", np.arange(5.0)), rows("before", np.arange(5.0), measure="wait_p90")])
    found = summarise(table).set_index("measure")
    assert found["method"].to_dict() == {"wait_mean": "t over replications", "wait_p90": REFUSED}
    assert found.loc["wait_mean", "lo95"] == pytest.approx(2 - 2.776445105 * (2.5 / 5) ** 0.5)
    assert np.isnan(found["estimate"].loc["wait_p90"])
    six = summarise(rows("before", np.arange(6.0), measure="wait_p90"))
    assert only(six)["method"] == ORDER_STATISTICS


def test_replications_without_observations_are_left_out_and_lower_the_typical_count() -> None:
    values = [4.0, np.nan, 6.0, np.nan, 5.0, np.nan, np.nan]
    found = only(summarise(rows("before", values, [40, 0, 40, 0, 40, 0, 0])))
    assert (found["estimate"], found["n"], found["count"]) == (5.0, 3, 0)
    left_out = rows("before", values, 40).dropna()  # a missing row is a replication without observations
    table = pd.concat([left_out, rows("before", np.zeros(7), measure="backlog")])
    assert summarise(table).query("measure == 'wait_mean'")["count"].tolist() == [0]


def test_one_replication_has_an_estimate_and_no_interval() -> None:
    found = only(summarise(rows("before", [7.0])))
    assert (found["estimate"], found["n"], found["method"]) == (7.0, 1, ONE_REPLICATION)
    assert np.isnan([found["lo95"], found["hi95"]]).all()
    nothing = only(summarise(rows("before", [np.nan], 0)))
    assert (nothing["n"], nothing["method"]) == (0, REFUSED)


def test_arms_may_have_different_numbers_of_replications() -> None:
    found = summarise(pd.concat([rows("before", np.arange(8.0)), rows("after", np.arange(3.0))]))
    assert found["arm"].tolist() == ["after", "before"]
    assert found["n"].tolist() == [3, 8]
    assert found["count"].tolist() == [100, 100]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("wait_median", 0.5), ("wait_p90", 0.9), ("latency_p05", 0.05), ("wait_mean", None), ("wait_p100", None),
        ("wait_p00", None), ("p90", None), ("wait_p90_rank", None), ("median_age", None),
    ],
)  # fmt: skip
def test_the_name_of_a_measure_says_whether_it_is_a_percentile(measure: str, expected: float | None) -> None:
    assert quantile_of(measure) == expected


def test_a_value_that_is_there_twice_is_refused() -> None:
    table = pd.concat([rows("before", [1.0, 2.0]), rows("before", [3.0]), rows("before", [4.0], site="branch")])
    with pytest.raises(StatisticsError) as refused:
        summarise(table)
    assert refused.value.key == "E-measures-repeated"
    assert "wait_mean" in str(refused.value)
    assert refused.value.fields["replication"] == 0


def test_a_table_without_its_columns_is_refused_and_an_empty_one_is_empty() -> None:
    table = rows("before", [1.0, 2.0])
    with pytest.raises(StatisticsError, match="site"):
        summarise(table.drop(columns="site"))
    empty = summarise(table.iloc[:0])
    assert len(empty) == 0
    assert empty.columns.tolist() == summarise(table).columns.tolist()


@given(EXPERIMENT)
@settings(max_examples=40, deadline=None)
def test_a_row_of_a_table_is_what_its_series_alone_gives(draws: Draws) -> None:
    found = summarise(experiment(draws)).set_index(["arm", "measure"])
    alone = median_interval([draw[3] for draw in draws])
    typical = np.median([draw[4] for draw in draws])
    method, estimate = (found[name].loc[("after", "wait_p90")] for name in ("method", "estimate"))
    if alone is None or typical < 29:
        assert method == REFUSED
    else:
        assert method == ORDER_STATISTICS
        assert estimate == alone.estimate


def test_every_method_and_every_verdict_has_its_words() -> None:
    for key in (*METHOD_TEXTS.values(), *SURE_TEXTS.values()):
        assert say(key, "ja") != say(key, "en")
    keys = [variance_ratio_key(ratio) for ratio in (48.0, 0.8, np.inf, np.nan)]
    assert len(set(keys)) == 4
    for lang in LANGS:
        assert "48.0" in say(keys[0], lang, ratio=48.0, inverse=1 / 48)
        assert "1.2" in say(keys[1], lang, ratio=0.8, inverse=1 / 0.8)
        assert "inf" not in say(keys[2], lang, ratio=np.inf, inverse=0.0)
        assert "nan" not in say(keys[3], lang, ratio=np.nan, inverse=np.nan)
