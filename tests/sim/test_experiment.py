"""Replications of several arms: the same for any number of workers and any order of arms; failures are data."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import sim.experiment
from scenarios.schema import Scenario
from sim.experiment import HEADLINES, ExperimentError, Outcome, Plan, run_experiment
from sim.log import Engine
from sim.measures.collect import Tables, tables_of
from sim.precision import Precision
from sim.replication import Company, Replication, replicate
from sim.statistics import StatisticsError
from sim.tables import Results, gather
from tests.sim.small import SEED, run_of, small

WEEK = {"period": {"start": date(2023, 3, 27), "end": date(2023, 3, 31), "warm_up_days": 2}}
ARMS = {"before": small(WEEK, "before"), "launch": small(WEEK)}


def ran(arms: dict[str, Scenario] | None = None, **plan: Any) -> Outcome:
    """Run some arms on the reference engine; three replications in this process unless said otherwise."""
    given: dict[str, Any] = {"arms": arms or ARMS, "seed": SEED, "replications": 3, "engine": "reference"}
    return run_experiment(Plan(**(given | plan)))


@cache
def whole() -> Outcome:
    """Both arms, three replications, one process: what the others are held against."""
    return ran()


def assert_same(one: Results, other: Results, arms: list[str] | None = None) -> None:
    for name in ("measures", "daily", "wait_quantiles", "laws"):
        mine, theirs = (_of_arms(getattr(results, name), arms) for results in (one, other))
        assert_frame_equal(mine, theirs, check_exact=True)


def _of_arms(table: pd.DataFrame, arms: list[str] | None) -> pd.DataFrame:
    chosen = table if arms is None else table[table["arm"].isin(arms)]
    return chosen.sort_values(["arm", *(["replication"] if "replication" in table else [])], kind="stable").reset_index(
        drop=True
    )


# --- seeds, workers, order -------------------------------------------------------------------------------------------


def test_two_workers_give_the_same_tables_as_one() -> None:
    one, two = whole(), ran(jobs=2)
    assert one.done == two.done == 3
    for name in ("measures", "daily", "wait_quantiles", "laws"):
        assert_frame_equal(getattr(one.results, name), getattr(two.results, name), check_exact=True)


def test_the_order_of_the_arms_changes_nothing() -> None:
    assert_same(whole().results, ran(dict(reversed(ARMS.items()))).results)


def test_an_arm_gives_the_same_alone_and_in_company() -> None:
    assert_same(ran({"launch": ARMS["launch"]}).results, whole().results, ["launch"])


@pytest.mark.parametrize(
    "changes",
    [
        {"volumes.move_in": 9000},
        {"cards.held": 0.3},
        {"behaviour.by_post": 0.4, "behaviour.hasty": 0.6},
        {"opening.shift_change": "handover"},
        {"work.cv": 0.2, "one_stop.prepare_ahead": 3},
        {"portal.give_up": 1.0, "relay.latency": 30.0, "jlis.call": 4.0, "travel.form_online": 90.0},
        {"office.main_share": 0.2},
    ],
)
def test_what_one_arm_changes_does_not_reach_the_arm_beside_it(changes: dict[str, Any]) -> None:
    """Arms share what they draw alike; each part of a scenario changed in turn must still count in its own arm only."""
    other = small(WEEK | changes)
    alone = [ran({name: arm}, replications=1).results for name, arm in (("launch", ARMS["launch"]), ("other", other))]
    both = ran({"launch": ARMS["launch"], "other": other}, replications=1).results
    for name, results in zip(("launch", "other"), alone, strict=True):
        assert_same(results, both, [name])
    mine, theirs = (results.measures["value"] for results in alone)
    assert not mine.equals(theirs)


def test_both_engines_give_the_same_tables() -> None:
    assert_same(whole().results, ran(engine="compiled").results)


def test_fewer_replications_are_the_first_of_more() -> None:
    few, many = ran(replications=1).results, whole().results
    first = many.measures[many.measures["replication"] < 1].reset_index(drop=True)
    assert_frame_equal(few.measures, first, check_exact=True)


def test_another_seed_gives_other_numbers() -> None:
    waits = []
    for results in (whole().results, ran(seed=SEED + 1).results):
        table = results.measures
        overall = (table[["kind", "users", "site", "weekday", "hour"]] == "all").all(axis=1)
        waits.append(set(table[overall & (table["measure"] == "wait_mean")]["value"]))
    assert waits[0].isdisjoint(waits[1])


def test_progress_counts_runs_of_all_arms() -> None:
    told: list[int] = []
    run_experiment(Plan(ARMS, SEED, 2, engine="reference"), told.append)
    assert told == [2, 4]


# --- precision -------------------------------------------------------------------------------------------------------


def test_a_precision_rule_stops_at_the_same_replication_for_any_number_of_workers() -> None:
    """Met after three replications; two workers have then begun a fourth, which must not count."""
    rule = Precision(target=9.0, look_ahead=0, minimum=3, ceiling=12)
    one, two = ran(precision=rule), ran(precision=rule, jobs=2)
    assert one.verdict is not None
    assert one.verdict.guaranteed
    assert one.verdict == two.verdict
    assert one.done == two.done == one.verdict.replications == 3
    assert_same(one.results, two.results)


def test_a_precision_that_is_out_of_reach_ends_at_the_ceiling_and_says_so() -> None:
    outcome = ran(precision=Precision(target=1e-6, ceiling=3))
    assert outcome.done == 3
    assert outcome.verdict is not None
    assert not outcome.verdict.guaranteed


def test_every_headline_is_one_number_of_each_replication() -> None:
    table = whole().results.measures
    table = table[table["replication"] == 0]
    overall = table[(table[["kind", "users", "site", "weekday", "hour"]] == "all").all(axis=1)]
    for name in HEADLINES:
        assert (overall["measure"] == name).sum() == len(ARMS)
        assert overall[overall["measure"] == name]["value"].notna().all()


# --- failures --------------------------------------------------------------------------------------------------------


def failing(*which: tuple[bool, int]) -> Any:
    """A stand-in for `replicate` that breaks for some (with service, number), as a fault in the model would."""

    def replicate_or_fail(
        scenario: Scenario, seed: int, number: int, engine: Engine, company: Company | None
    ) -> Replication:
        if (scenario.one_stop.available, number) in which:
            raise ZeroDivisionError("nobody at the desk")
        return replicate(scenario, seed, number, engine, company)

    return replicate_or_fail


def test_a_failed_replication_is_told_with_its_reason_and_its_pair_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    finished = whole().results.measures
    monkeypatch.setattr(sim.experiment, "replicate", failing((True, 1)))
    outcome = ran()
    (failure,) = outcome.failures
    assert (failure.arm, failure.replication) == ("launch", 1)
    assert "ZeroDivisionError: nobody at the desk" in failure.reason
    assert outcome.done == 2
    kept = finished[finished["replication"] != 1].reset_index(drop=True)
    assert_frame_equal(outcome.results.measures, kept, check_exact=True)


def test_when_every_replication_fails_the_experiment_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.experiment, "replicate", failing(*((True, number) for number in range(3))))
    with pytest.raises(ExperimentError, match="nobody at the desk") as caught:
        ran()
    assert [failure.replication for failure in caught.value.failures] == [0, 1, 2]


# --- gathering -------------------------------------------------------------------------------------------------------


def tables(arm: str, number: int) -> Tables:
    return tables_of(run_of(ARMS["launch"], number), arm)


def test_gathered_quantiles_are_means_over_replications() -> None:
    parts = [tables("launch", number) for number in range(2)]
    gathered = gather(parts).wait_quantiles
    chosen = gathered[(gathered["users"] == "all") & (gathered["q"] == 40)]["minutes"].item()
    own = [
        part.quantiles[(part.quantiles["users"] == "all") & (part.quantiles["q"] == 40)]["minutes"].item()
        for part in parts
    ]
    assert chosen == pytest.approx(sum(own) / 2)


def test_a_run_that_comes_twice_is_refused() -> None:
    with pytest.raises(StatisticsError, match="E-tables-repeated") as caught:
        gather([tables("launch", 0), tables("launch", 1), tables("launch", 0)])
    assert "反復 0" in caught.value.say("ja")


def test_every_row_of_the_gathered_tables_says_of_which_run_it_is() -> None:
    parts = [tables("launch", 1), tables("before", 0), tables("launch", 0)]
    gathered = gather(parts)
    for name in ("measures", "daily", "laws"):
        table = getattr(gathered, name)
        runs = [*zip(table["arm"], table["replication"], strict=True)]
        assert list(dict.fromkeys(runs)) == [part.run for part in parts]
        for part in parts:
            lengths = {"measures": len(part.rows), "daily": len(part.daily_rows), "laws": len(part.laws)}
            assert runs.count(part.run) == lengths[name] > 0
