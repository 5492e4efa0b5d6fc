"""The whole model on the small ward: rules of the log, what must grow when something else does, and real figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from scenarios.canonical import as_plain, canonical_json
from scenarios.schema import Scenario
from sim.engines.reference import run
from sim.measures.collect import Tables, tables_of
from sim.program import Op, Program
from sim.replication import Replication, replicate
from sim.waiting import waiting_report
from tests.sim.log_rules import RULES
from tests.sim.measures.plain import average, value
from tests.sim.small import SEED, file, run_of, small

INCIDENTS = [
    {
        "id": "slow",
        "label": {"ja": "遅延", "en": "slow"},
        "kind": "slow",
        "system": "jlis",
        "on_busiest": {"among": 2, "days": 1, "between": "09:30-16:00"},
        "minutes": 120,
        "factor": 4.0,
    },
    {
        "id": "outage",
        "label": {"ja": "停止", "en": "outage"},
        "kind": "outage",
        "system": "jlis",
        "on_busiest": {"among": 2, "days": 2, "between": "09:30-16:00"},
        "minutes": 45,
    },
]

# --- rules of the log ------------------------------------------------------------------------------------------------

TWO_DAYS = {
    "period": {"start": date(2023, 3, 27), "end": date(2023, 3, 28), "warm_up_days": 1},
    "volumes.move_in": 3000,
    "volumes.move_out": 3000,
    "behaviour.balk": 0.3,
    "behaviour.balk_wait": 20.0,
    "behaviour.renege_per_hour": 0.3,
    "one_stop.uptake": 0.4,
}
"""A busy Monday and a late Tuesday, with an open Sunday before them: few enough for rules that compare all with all."""

WORLDS: dict[str, tuple[str, dict[str, Any]]] = {
    "before": ("before", {}),
    "launch": ("launch", {}),
    "handover": ("launch", {"opening.shift_change": "handover"}),
    "trouble": ("launch", {"incidents": INCIDENTS}),
    "cards at windows": (
        "launch",
        {
            "staff.main.evening": {"windows": 1, "clerks": 1, "card_desks": 0},
            "staff.main.card_desks": {"ordinary": 0, "peak": 0},
            "volumes.card_customers_per_day": 0.0,
        },
    ),
}


@cache
def two_days(world: str) -> Replication:
    arm, changes = WORLDS[world]
    return run_of(small(TWO_DAYS | changes, arm))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__.removeprefix("check_"))
@pytest.mark.parametrize("world", WORLDS)
def test_every_rule_of_the_log_holds_on_real_scenarios(rule: Callable[[Program, Any], None], world: str) -> None:
    """Nobody is served before arriving, nobody is twice at once, no capacity is exceeded, all queues are fair."""
    replication = two_days(world)
    rule(replication.compiled.program, replication.log)


@pytest.mark.parametrize("world", WORLDS)
def test_in_the_end_everybody_has_gone_home_and_holds_nothing(world: str) -> None:
    replication = two_days(world)
    program, log = replication.compiled.program, replication.log
    assert waiting_report(program, log) == []
    seized = (program.op == Op.SEIZE) & ~np.isnan(log.leave) & ~log.gone
    released = (program.op == Op.RELEASE) & ~np.isnan(log.enter)
    assert seized.sum() == released.sum()


@pytest.mark.parametrize("arm", ["before", "launch"])
def test_even_the_last_visitor_of_a_long_horizon_is_served_before_the_calendars_end(arm: str) -> None:
    replication = run_of(small(name=arm))
    assert waiting_report(replication.compiled.program, replication.log) == []
    assert np.nanmax(replication.log.leave) < replication.horizon.all_days * 1440.0


def test_one_replication_is_the_same_again_and_another_is_not() -> None:
    again, other = run_of(small(TWO_DAYS)), run_of(small(TWO_DAYS), 1)
    assert np.array_equal(again.log.leave, two_days("launch").log.leave, equal_nan=True)
    assert len(other.demand.people) != len(again.demand.people)


# --- when one thing grows, another does ------------------------------------------------------------------------------


REPLICATIONS = 3
_KNOWN: dict[bytes, list[Tables]] = {}


def runs(scenario: Scenario) -> list[Tables]:
    """A few replications, with the same random numbers for every scenario."""
    key = canonical_json(as_plain(scenario))
    if key not in _KNOWN:
        _KNOWN[key] = [tables_of(run_of(scenario, number), "arm") for number in range(REPLICATIONS)]
    return _KNOWN[key]


def measured(scenario: Scenario, measure: str, **group: str) -> float:
    return average(value(tables, measure, **group) for tables in runs(scenario))


ONE_MORE = {
    "staff.main.windows": {"ordinary": 3, "peak": 3},
    "staff.main.clerks": {"ordinary": 4, "peak": 4},
}


@pytest.mark.parametrize(
    ("changes", "measure", "grows"),
    [
        ({"volumes.move_in": 6000, "volumes.move_out": 6600}, "wait_mean", True),
        ({"volumes.move_in": 6000}, "staff_hours_counter", True),
        (ONE_MORE, "wait_mean", False),
        (ONE_MORE, "wait_p95", False),
        (ONE_MORE, "overtime_hours", False),
        ({"work.move_in_paper": 30.0, "work.from_abroad": 45.0}, "wait_mean", True),
        ({"one_stop.uptake": 0.4}, "staff_hours_checking", True),
        ({"one_stop.uptake": 0.4}, "visits_per_move", False),
        ({"one_stop.uptake": 0.4}, "peak_rate_portal", True),
        ({"behaviour.hasty": 0.6}, "early_visit_share", True),
        ({"behaviour.renege_per_hour": 0.5}, "left_share", True),
        ({"behaviour.card_not_brought": 0.5}, "visits_per_move", True),
        ({"behaviour.late": 0.3}, "deadline_missed_share", True),
        ({"travel.round_trip": 60.0}, "citizen_hours_travel", True),
        ({"work.prepare_visit": 30.0}, "staff_hours_preparing", True),
        ({"one_stop.prepare_visits": False}, "unprepared_share", True),
        ({"jlis.call": 5.0}, "staff_hours_card", True),
    ],
)  # fmt: skip
def test_what_a_change_makes_grow_or_shrink(changes: Mapping[str, Any], measure: str, grows: bool) -> None:
    before, after = measured(small(), measure), measured(small(changes), measure)
    assert (after > before) if grows else (after < before), f"{before} -> {after}"


def test_raising_uptake_takes_visits_from_moving_out_alone() -> None:
    few, many = small({"one_stop.uptake": 0.05}), small({"one_stop.uptake": 0.4})
    assert measured(many, "visits", kind="move_out") < 0.75 * measured(few, "visits", kind="move_out")
    assert measured(many, "moves", kind="move_out") == measured(few, "moves", kind="move_out")
    ratio = measured(many, "visits", kind="move_in") / measured(few, "visits", kind="move_in")
    assert 0.95 < ratio < 1.15  # everybody who comes here still comes, some of them twice
    assert measured(many, "visits", kind="from_abroad") == pytest.approx(
        measured(few, "visits", kind="from_abroad"), rel=0.05
    )


def test_more_preparation_staff_leaves_fewer_visits_unprepared() -> None:
    """Notices are prepared on the morning of the announced day, and everybody announces the day on which they come."""
    slow = {"one_stop.prepare_ahead": 0, "work.prepare_visit": 25.0, "one_stop.uptake": 0.4, "work.check_online": 15.0}
    slow |= {"behaviour.hasty": 0.0, "behaviour.on_planned_day": 1.0, "behaviour.within_two_days": 0.0}
    more = {
        "staff.main.clerks": {"ordinary": 6, "peak": 6},
        "staff.main.back_office_seats": {"ordinary": 4, "peak": 4},
        "staff.branch.clerks": {"ordinary": 4, "peak": 4},
        "staff.branch.back_office_seats": {"ordinary": 2, "peak": 2},
    }
    few, many = measured(small(slow), "unprepared_share"), measured(small(slow | more), "unprepared_share")
    assert many < 0.8 * few, f"{few} -> {many}"


def test_trouble_with_j_lis_costs_time_at_the_card_desks_and_second_visits() -> None:
    trouble = small({"incidents": INCIDENTS})
    assert measured(trouble, "staff_hours_card") > measured(small(), "staff_hours_card")
    assert measured(trouble, "visits_per_move") > measured(small(), "visits_per_move")


# --- the house's own scenarios on real figures -----------------------------------------------------------------------


@cache
def tables_of_the_house(name: str) -> Tables:
    """One replication of a whole scenario, on the engine that says what the model means."""
    return tables_of(replicate(file(name), SEED, 0, run), name)


def busiest_day(name: str) -> tuple[str, float]:
    daily = tables_of_the_house(name).daily
    main = daily[(daily["site"] == "main") & (daily["measure"] == "wait_mean")]
    worst = main.sort_values("value").iloc[-1]
    return str(worst["date"]), float(worst["value"])


@pytest.mark.parametrize("name", ["before", "launch"])
def test_peak_days_are_of_the_order_that_offices_report(name: str) -> None:
    """Published peaks: 90 min (Aomori 2025), over 100 and up to 200 (Shinagawa 2020), 260 or more (Tsurumi 2016).

    https://newsdig.tbs.co.jp/articles/-/1811650,
    https://www.city.shinagawa.tokyo.jp/PC/press_release/press_release-2020/20200424172158.html,
    https://www.townnews.co.jp/0116/2016/04/07/327359.html
    """
    day, wait = busiest_day(name)
    assert "2023-03-20" <= day <= "2023-04-24"
    assert 60.0 < wait < 300.0
    quiet = tables_of_the_house(name).daily
    quiet = quiet[(quiet["site"] == "main") & (quiet["measure"] == "wait_mean") & (quiet["date"] < "2023-03-01")]
    assert quiet["value"].median() < 30.0


def test_the_service_saves_trips_and_adds_work_in_the_back_office() -> None:
    before, after = tables_of_the_house("before"), tables_of_the_house("launch")
    assert value(after, "visits_per_move") < value(before, "visits_per_move")
    assert value(after, "citizen_hours_per_move") < value(before, "citizen_hours_per_move")
    added = value(after, "staff_hours_checking") + value(after, "staff_hours_preparing")
    assert added > 100.0
    assert value(after, "staff_hours_counter") < value(before, "staff_hours_counter")
    assert 0.02 < value(after, "early_visit_share") < 0.12
    assert 0.3 < value(after, "utilisation_clerks") < 0.9


def test_the_laws_hold_on_a_whole_season() -> None:
    for name in ("before", "launch"):
        assert [check for check in tables_of_the_house(name).laws if not check.holds] == []
