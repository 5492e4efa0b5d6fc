from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.statistics import StatisticsError
from sim.summary import (
    CANNOT_SAY,
    HIGHER,
    LOWER,
    ORDER_STATISTICS,
    REFUSED,
    compare,
    summarise,
)
from tests.sim.measure_rows import EXPERIMENT, NUMBERS, Draws, both, experiment, only, rows
from texts import LANGS


def test_means_are_compared_by_paired_differences() -> None:
    before, after = [12.0, 15.5, 11.0, 14.0, 13.5], [9.0, 12.0, 9.5, 10.0, 11.0]
    found = only(compare(both(before, after), "before", "after"))
    expected = stats.ttest_rel(after, before).confidence_interval(0.95)
    assert (found["before"], found["after"], found["difference"]) == pytest.approx((13.2, 10.3, -2.9))
    assert (found["lo95"], found["hi95"]) == pytest.approx((expected.low, expected.high))
    assert (found["n"], found["method"], found["sure"]) == (5, "t over replications", LOWER)


def test_percentiles_are_compared_by_the_median_of_the_paired_differences() -> None:
    before = np.array([31.0, 24.0, 28.0, 40.0, 22.0, 35.0, 27.0, 30.0, 26.0])
    after = before + [2.0, 1.0, 3.0, 9.0, 4.0, 5.0, 8.0, 7.0, 6.0]  # noqa: RUF005  a sum, not a longer list
    found = only(compare(both(before.tolist(), after.tolist(), measure="wait_p90"), "before", "after"))
    assert (found["lo95"], found["difference"], found["hi95"]) == (2.0, 5.0, 8.0)
    assert (found["before"], found["after"]) == (28.0, np.median(after))
    assert (found["method"], found["sure"]) == (ORDER_STATISTICS, HIGHER)


def test_common_random_numbers_are_credited_with_the_variance_that_they_removed() -> None:
    found = only(compare(both([1, 2, 3, 4], [2, 1, 2, 5]), "before", "after"))
    assert found["variance_ratio"] == pytest.approx(3.5)  # (5/3 + 3) / (4/3)
    rng = np.random.default_rng(4)
    before, after = rng.multivariate_normal([20, 15], 9 * np.array([[1, 0.98], [0.98, 1]]), 100_000).T
    table = both(before.tolist(), after.tolist())
    assert only(compare(table, "before", "after"))["variance_ratio"] == pytest.approx(50, rel=0.03)
    table.loc[table["arm"] == "after", "value"] = rng.permutation(after)  # the same values, no longer paired
    assert only(compare(table, "before", "after"))["variance_ratio"] == pytest.approx(1, rel=0.03)


def test_a_difference_that_never_varies_is_sure_and_its_ratio_infinite() -> None:
    found = only(compare(both([0.1, 0.7, 0.3], [0.3, 0.9, 0.5]), "before", "after"))
    assert found["sure"] == HIGHER
    assert found["variance_ratio"] == np.inf
    same = only(compare(both([0.1, 0.7, 0.3], [0.1, 0.7, 0.1 + 0.2]), "before", "after"))
    assert (same["difference"], same["lo95"], same["hi95"], same["sure"]) == (0, 0, 0, CANNOT_SAY)


def test_an_interval_over_zero_cannot_say() -> None:
    found = only(compare(both([1, 2, 3, 4], [2, 1, 2, 5]), "before", "after"))
    assert found["sure"] == CANNOT_SAY
    assert (found["lo95"], found["hi95"]) == pytest.approx((-3.182446305 / 3**0.5, 3.182446305 / 3**0.5))


@pytest.mark.parametrize("scarce", ["before", "after"])
def test_a_comparison_of_percentiles_is_refused_where_either_arm_is(scarce: str) -> None:
    table = both(np.arange(10.0).tolist(), np.arange(10.0).tolist(), measure="wait_p90")
    table.loc[table["arm"] == scarce, "count"] = 28
    found = only(compare(table, "before", "after"))
    other = "after" if scarce == "before" else "before"
    assert np.isnan(found[scarce])
    assert found[other] == 4.5
    assert (found["method"], found["sure"]) == (REFUSED, CANNOT_SAY)
    assert np.isnan([found[name] for name in ("difference", "lo95", "hi95", "variance_ratio")]).all()


def test_a_group_of_one_arm_alone_is_shown_and_not_compared() -> None:
    table = pd.concat([both([1, 2, 3], [2, 3, 5]), rows("after", [7.0, 8.0, 9.0], kind="online")])
    found = compare(table, "before", "after").set_index("kind")
    assert found.index.tolist() == ["move_in", "online"]
    assert found["after"].loc["online"] == 8.0
    assert found[["before", "difference", "lo95", "variance_ratio"]].isna().all(axis=1).tolist() == [False, True]
    assert [found[name].loc["online"] for name in ("n", "method", "sure")] == [0, REFUSED, CANNOT_SAY]


def test_before_and_after_are_over_the_pairs() -> None:
    found = only(compare(both([1, 2, np.nan, 4], [2, np.nan, 30, 8]), "before", "after"))
    assert (found["before"], found["after"], found["difference"], found["n"]) == (2.5, 5.0, 2.5, 2)


def test_arms_with_other_replications_are_not_compared() -> None:
    table = both([1, 2, 3, 4], [2, 3, 4, 5])
    table = table[~((table["arm"] == "after") & (table["replication"] == 2))]
    with pytest.raises(StatisticsError) as refused:
        compare(table, "before", "after")
    assert isinstance(refused.value, ValueError)
    assert refused.value.key == "E-compare-replications"
    assert refused.value.fields["only_before"] == "2"
    assert refused.value.fields["only_after"] == "-"
    assert refused.value.say("en") in str(refused.value)
    assert refused.value.say("ja") not in str(refused.value)


def test_an_arm_without_results_is_named() -> None:
    with pytest.raises(StatisticsError) as refused:
        compare(both([1, 2], [2, 3]), "before", "aftr")
    assert refused.value.key == "E-compare-arm"
    assert all("aftr" in refused.value.say(lang) and "after, before" in refused.value.say(lang) for lang in LANGS)


@given(EXPERIMENT, st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_does_not_matter(draws: Draws, seed: int) -> None:
    table = experiment(draws)
    shuffled = table.iloc[np.random.default_rng(seed).permutation(len(table))]
    pd.testing.assert_frame_equal(summarise(shuffled), summarise(table), check_exact=True)
    pd.testing.assert_frame_equal(
        compare(shuffled, "before", "after"), compare(table, "before", "after"), check_exact=True
    )


@given(EXPERIMENT, NUMBERS)
@settings(max_examples=40, deadline=None)
def test_adding_a_constant_to_both_arms_changes_no_difference(draws: Draws, shift: float) -> None:
    table = experiment(draws)
    columns = ["difference", "lo95", "hi95", "n", "method", "sure"]
    found = compare(table.assign(value=table["value"] + shift), "before", "after")
    pd.testing.assert_frame_equal(found[columns], compare(table, "before", "after")[columns], check_exact=True)


@given(EXPERIMENT)
@settings(max_examples=40, deadline=None)
def test_a_change_of_unit_scales_everything_but_what_is_sure(
    draws: Draws,
) -> None:
    table = experiment(draws)
    one, other = (compare(table.assign(value=table["value"] * unit), "before", "after") for unit in (1, 64))
    scaled = ["before", "after", "difference", "lo95", "hi95"]
    pd.testing.assert_frame_equal(other[scaled], one[scaled] * 64, check_exact=True)
    kept = ["n", "method", "variance_ratio", "sure"]
    pd.testing.assert_frame_equal(other[kept], one[kept], check_exact=True)


@given(EXPERIMENT)
@settings(max_examples=40, deadline=None)
def test_comparing_the_other_way_round_turns_every_sign(draws: Draws) -> None:
    table = experiment(draws)
    one, other = compare(table, "before", "after"), compare(table, "after", "before")
    np.testing.assert_allclose(other["difference"], -one["difference"], atol=1e-9)
    np.testing.assert_allclose(other["lo95"], -one["hi95"], atol=1e-9)
    assert other["sure"].map({LOWER: HIGHER, HIGHER: LOWER, CANNOT_SAY: CANNOT_SAY}).tolist() == one["sure"].tolist()


def test_five_thousand_groups_of_a_hundred_replications_take_about_a_second() -> None:
    axes = [
        ("arm", ["before", "after"]), ("replication", range(100)), ("measure", ["wait_mean", "wait_p90"]),
        ("kind", list("abcde")), ("site", [f"s{site}" for site in range(10)]),
        ("weekday", ["mon", "tue", "wed", "thu", "fri"]),
        ("hour", [f"{hour:02}" for hour in range(8, 18)]),
    ]  # fmt: skip
    names, values = zip(*axes, strict=True)
    table = pd.MultiIndex.from_product(values, names=names).to_frame(index=False)
    rng = np.random.default_rng(11)
    table = table.assign(unit="min", users="all", value=rng.normal(10, 2, len(table)), count=60)
    started = time.process_time()
    found = compare(table, "before", "after")
    seconds = time.process_time() - started
    assert len(found) == 5000
    assert seconds < 5  # about 0.6 s where nothing else runs
    assert (found["sure"] != CANNOT_SAY).mean() == pytest.approx(0.05, abs=0.0125)
