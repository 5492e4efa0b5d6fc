"""A study moves one value of a scenario and compares all with the first, on the same random numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from scenarios.errors import ScenarioError
from scenarios.packaged import names, path_of, scenario
from scenarios.replacing import replace
from sim.experiment import Plan, run_experiment
from sim.study import show, vary
from tests.sim.small import small

SHARES = [0.05, 0.2, 0.35]
MEASURES = ["staff_hours_checking", "visits_per_move", "wait_mean"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return vary(small(), "one_stop.uptake", SHARES, MEASURES, replications=3, seed=4, jobs=1)


def test_every_value_has_a_row_for_every_measure_in_the_order_asked_for(table: pd.DataFrame) -> None:
    assert list(table["measure"]) == [measure for measure in MEASURES for _ in SHARES]
    assert list(table["value"]) == SHARES * 3
    assert list(table["unit"].drop_duplicates()) == ["h", "count", "min"]


def test_the_estimates_are_those_of_an_experiment_with_the_same_seed(table: pd.DataFrame) -> None:
    arms = {"low": replace(small(), {"one_stop.uptake": 0.05}), "high": replace(small(), {"one_stop.uptake": 0.35})}
    results = run_experiment(Plan(arms, seed=4, replications=3)).results
    compared = results.comparison("low", "high")
    overall = (compared[["kind", "users", "site", "weekday", "hour"]] == "all").all(axis=1)
    expected = compared[overall].set_index("measure").loc[MEASURES]
    last = table[table["value"] == SHARES[-1]].set_index("measure")
    for ours, theirs in (
        ("estimate", "after"),
        ("difference", "difference"),
        ("difference_lo95", "lo95"),
        ("difference_hi95", "hi95"),
        ("sure", "sure"),
    ):
        assert last[ours].tolist() == expected[theirs].tolist()


def test_more_uptake_means_more_to_check_and_fewer_visits(table: pd.DataFrame) -> None:
    for measure, sign in (("staff_hours_checking", 1), ("visits_per_move", -1)):
        rows = table[table["measure"] == measure]
        assert (rows["estimate"].diff().dropna() * sign > 0).all()
        assert rows["difference"].isna().tolist() == [True, False, False]


def test_the_table_is_printed_in_either_language(table: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    show(table, "en")
    english = capsys.readouterr().out
    assert "Mean wait (min)" in english
    assert english.count("\n  0.2 ") == 3
    show(table, "ja")
    assert "平均の待ち時間 (分)" in capsys.readouterr().out
    assert "nan" not in english


def test_one_value_alone_is_compared_with_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    alone = vary(small(), "opening.shift_change", ["handover"], ["wait_mean"], replications=2, jobs=1)
    assert len(alone) == 1
    assert alone["difference"].isna().all()
    show(alone, "en")
    assert "handover" in capsys.readouterr().out


def test_what_is_not_there_is_refused_before_and_after() -> None:
    with pytest.raises(ScenarioError, match="E-extra_forbidden"):
        vary(small(), "one_stop.uptaik", [0.1], ["wait_mean"])
    with pytest.raises(ScenarioError, match="E-uptake_over_ceiling"):
        vary(small(), "one_stop.uptake", [0.1, 0.9], ["wait_mean"])
    with pytest.raises(KeyError, match="wait_meen"):
        vary(small(), "one_stop.uptake", [0.1], ["wait_meen"], replications=1, jobs=1)


def test_scenarios_that_come_along_go_by_their_names() -> None:
    assert {"before", "launch", "peak_march"} <= set(names())
    assert scenario("peak_march").name == "peak_march"
    assert path_of("some/where.toml") == "some/where.toml"
    with pytest.raises(ScenarioError, match="did you mean: launch"):
        scenario("lunch")
