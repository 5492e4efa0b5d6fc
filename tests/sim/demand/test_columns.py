"""What the flows read: one channel for everybody, the same draws before and after, minutes and returns by hand."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.schema import Scenario
from sim.demand.columns import Demand
from sim.demand.crowding import mean_window_minutes
from sim.demand.horizon import horizon_of
from sim.demand.households import KINDS
from sim.demand.intensity import MOVES
from sim.program import Bools, Ints
from tests.sim.small import demand_of, file, small

COUNTER = ("visits_plain", "by_post", "visits_certificate", "visits_card_only")
ONLINE = ("files_out", "visits_after_filing_in", "visits_after_filing_within")
CEILING = 0.60 * 0.875 * 0.85 * 0.99

BY_CHANNEL = {
    *(*COUNTER, *ONLINE, "files_in", "files_within", "files_twice", "is_prepared_for"),
    *("turned_away", "may_return", "return_time", "card_return_time", "card_postponed", "card_at_desk"),
    *("card_at_window", "serve_minutes"),
}
"""Columns that may differ for a household which files in another way; all others never do."""


@cache
def launch() -> Demand:
    return demand_of(file("launch"))


@cache
def before() -> Demand:
    return demand_of(file("before"))


def column(demand: Demand, name: str) -> Bools:
    return np.asarray(demand.columns[name], dtype=bool)


def count_channels(demand: Demand) -> Ints:
    count = np.zeros(len(demand.people), dtype=np.int64)
    for name in (*COUNTER, *ONLINE):
        count += column(demand, name)
    return count


def same_people(one: Demand, other: Demand) -> bool:
    pairs = zip(
        (one.people.kind, one.people.day, one.people.visit_time, one.people.site, one.people.persons),
        (other.people.kind, other.people.day, other.people.visit_time, other.people.site, other.people.persons),
        strict=True,
    )
    return all(np.array_equal(mine, theirs) for mine, theirs in pairs)


def assert_differs_by_channel_alone(one: Demand, other: Demand) -> Bools:
    """Return who files in another way; all columns of the others, and most columns of those, are the same."""
    assert same_people(one, other)
    moved = np.zeros(len(one.people), dtype=bool)
    for name in (*COUNTER, *ONLINE):
        moved |= column(one, name) != column(other, name)
    assert one.columns.keys() == other.columns.keys()
    for name, values in one.columns.items():
        same = values == other.columns[name]
        # Who files online and comes late lives the counter's channel before and after, but has filed.
        assert same[~moved].all() or name in ("files_in", "is_prepared_for"), name
        assert same.all() or name in BY_CHANNEL, name
    return moved


# --- uptake ----------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(uptakes=st.tuples(st.floats(0, CEILING), st.floats(0, CEILING)).map(sorted), number=st.integers(0, 50))
def test_raising_uptake_moves_households_online_and_changes_nobodys_other_draws(
    uptakes: list[float], number: int
) -> None:
    low, high = (demand_of(small({"one_stop.uptake": uptake}), number) for uptake in uptakes)
    assert not (low.adopts & ~high.adopts).any()
    moved = assert_differs_by_channel_alone(low, high)
    newcomers = high.adopts & ~low.adopts
    assert not (moved & ~newcomers).any()
    online = np.any([column(high, name) for name in ONLINE], axis=0)
    late = high.timeline.late & (high.people.kind == KINDS.index("move_in"))
    assert (online | late)[moved].all()
    was_online = np.any([column(low, name) for name in ONLINE], axis=0)
    assert not (was_online & ~online).any()


def test_nobody_files_online_at_no_uptake_and_everybody_who_can_at_the_ceiling() -> None:
    always = {"one_stop.uptake_by_month": {}, "one_stop.since": date(2022, 1, 1)}
    none, all_of_them = (demand_of(small({"one_stop.uptake": uptake} | always)) for uptake in (0.0, CEILING))
    assert not none.adopts.any()
    people = all_of_them.people
    able = people.has_card & (people.uniform("live certificate") < 0.875) & (people.uniform("knows password") < 0.85)
    able &= (people.uniform("excluded") >= 0.01) & (people.kind < KINDS.index("from_abroad"))
    assert np.array_equal(all_of_them.adopts, able & all_of_them.timeline.can_file)


def test_the_share_of_movers_who_file_online_is_the_uptake_of_the_month() -> None:
    demand, horizon = launch(), horizon_of(file("launch"))
    movers = demand.people.kind < KINDS.index("from_abroad")
    for month, uptake in ((2, 0.08), (3, 0.16), (4, 0.16)):
        first, last = (horizon.day_of(date(2023, number, 6 if number == 2 else 1)) for number in (month, month + 1))
        filed = movers & (demand.timeline.submit_day >= first) & (demand.timeline.submit_day < last)
        error = np.sqrt(uptake * (1 - uptake) / filed.sum())
        assert abs(demand.adopts[filed].mean() - uptake) < 4.5 * error


def test_only_card_holders_on_the_move_file_online_and_not_before_the_service_begins() -> None:
    demand = launch()
    assert demand.people.has_card[demand.adopts].all()
    assert (demand.people.kind[demand.adopts] < KINDS.index("from_abroad")).all()
    assert demand.timeline.submit_day[demand.adopts].min() >= horizon_of(file("launch")).day_of(date(2023, 2, 6))


# --- before and after ------------------------------------------------------------------------------------------------


def test_before_and_after_have_the_same_households_and_the_same_draws() -> None:
    moved = assert_differs_by_channel_alone(before(), launch())
    assert moved.any()
    assert np.array_equal(before().adopts, launch().adopts)
    assert (launch().adopts | ~moved).all()
    assert not np.any([column(before(), name) for name in (*ONLINE, "files_in", "files_twice", "is_prepared_for")])


@pytest.mark.parametrize("name", ["before", "launch", "peak_march"])
def test_each_household_of_the_period_lives_exactly_one_channel(name: str) -> None:
    demand, horizon = demand_of(file(name)), horizon_of(file(name))
    counted = demand.people.day < horizon.days
    assert (count_channels(demand)[counted] == 1).all()
    # Later ones are there only for what they do before the end.
    afterwards = np.any([column(demand, channel) for channel in COUNTER], axis=0)[~counted]
    assert not afterwards.any()


def test_who_files_out_around_the_ends_of_the_period_is_counted_once_in_both_arms() -> None:
    """Maintenance at the end of the period pushes filings past it; these households must not vanish from the arm."""
    for arm in ("before", "launch"):
        scenario = small({"period.end": date(2023, 3, 24), "one_stop.uptake": CEILING, "volumes.move_out": 44_000}, arm)
        demand, horizon = demand_of(scenario, 3), horizon_of(scenario)
        counted = (demand.people.day < horizon.days) & (demand.people.day >= horizon.warm_up)
        assert (count_channels(demand)[counted] == 1).all()
        if arm == "launch":
            past = counted & demand.adopts & (demand.timeline.submit_time >= horizon.window[1])
            assert past.any()
            assert column(demand, "files_out")[past].all()


def test_who_files_online_but_comes_late_brings_paper_like_everybody() -> None:
    demand = launch()
    late = demand.timeline.late & column(demand, "files_in")
    assert late.any()
    counted = demand.people.day < horizon_of(file("launch")).days
    assert column(demand, "visits_plain")[late & counted].all()
    assert not column(demand, "visits_after_filing_in")[late].any()
    paper = np.where(column(demand, "by_card_route") | column(demand, "visits_after_filing_in"), 18.0, 20.0)
    further = (demand.people.persons - 1) * 3.0
    others = demand.people.kind == KINDS.index("move_in")
    hands = (demand.columns["serve_minutes"].astype(np.float64) - further) / paper
    prepared = (demand.columns["serve_prepared_minutes"].astype(np.float64) - further) / 13.0
    assert hands[others] == pytest.approx(prepared[others])


# --- minutes, patience, cards ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "mean"), [("certificate", 4.0), ("card_only", 12.0), ("from_abroad", 30.0)])
def test_hands_on_minutes_are_lognormal_with_the_mean_and_spread_of_the_scenario(kind: str, mean: float) -> None:
    demand = launch()
    chosen = demand.people.kind == KINDS.index(kind)
    extra = (demand.people.persons - 1) * 3.0 if kind == "from_abroad" else np.zeros(len(demand.people))
    minutes = (demand.columns["serve_minutes"].astype(np.float64) - extra)[chosen]
    logs = np.log(minutes / mean)
    spread = np.sqrt(np.log1p(0.25))
    assert abs(logs.mean() + spread**2 / 2) < 4.5 * spread / np.sqrt(len(logs))
    assert abs(logs.std() - spread) < 4.5 * spread / np.sqrt(2 * len(logs))
    assert abs(minutes.mean() - mean) < 4.5 * 0.5 * mean / np.sqrt(len(minutes))


def test_two_in_a_hundred_lose_patience_in_an_hour() -> None:
    patience = launch().columns["patience"].astype(np.float64)
    for hours in (1, 3):
        left = 1 - 0.98**hours
        assert abs((patience < 60 * hours).mean() - left) < 4.5 * np.sqrt(left / len(patience))
    assert np.isinf(demand_of(small({"behaviour.renege_per_hour": 0.0})).columns["patience"].astype(np.float64)).all()


def test_cards_are_done_at_desks_of_the_main_office_at_windows_elsewhere_or_another_day() -> None:
    demand = launch()
    main = demand.people.site == 0
    ways = [column(demand, name) for name in ("card_at_desk", "card_at_window", "card_postponed")]
    now = column(demand, "card_work")
    assert np.array_equal(np.sum(ways, axis=0) == 1, now)
    assert main[ways[0]].all()
    assert not main[ways[1]].any()
    assert (demand.people.has_card & np.isin(demand.people.kind, (0, 2)))[now].all()
    turned_away = column(demand, "turned_away")
    assert not (turned_away & column(demand, "card_postponed")).any()
    by_card = column(demand, "by_card_route") | column(demand, "visits_after_filing_in")
    assert by_card[turned_away].all()


def test_without_card_desks_in_the_evening_cards_are_done_at_the_window() -> None:
    crew = {"windows": 1, "clerks": 1, "card_desks": 0}
    demand = demand_of(small({"staff.main.evening": crew, "volumes.move_in": 20_000}))
    evening = demand.people.is_evening & column(demand, "card_work") & ~column(demand, "card_postponed")
    assert evening.any()
    assert column(demand, "card_at_window")[evening].all()
    assert not column(demand, "card_at_desk")[evening].any()
    assert column(demand, "at_card_desk")[evening].all()  # for a second visit by day


def test_who_comes_back_does_so_on_the_next_opening_day_and_after_the_data_are_due() -> None:
    demand, horizon = launch(), horizon_of(file("launch"))
    back = demand.columns["return_time"].astype(np.float64)
    card = demand.columns["card_return_time"].astype(np.float64)
    day, card_day = (np.floor(time / 1440).astype(np.int64) for time in (back, card))
    minute = back - day * 1440.0
    assert ((minute >= 510.0) & (minute < 960.0)).all()
    plain = ~column(demand, "visits_after_filing_in")
    assert np.array_equal(day[plain], horizon.next_open(demand.people.day[plain] + 1))
    races = ~plain
    due = np.floor(demand.timeline.origin_done_time[races] / 1440).astype(np.int64)
    assert (day[races] > due).all()
    assert (day[races] > demand.people.day[races]).all()
    assert np.array_equal(horizon.next_open(day), day)
    assert np.array_equal(card_day, horizon.next_open(day + 1))


def test_preparation_begins_two_opening_days_before_the_announced_day() -> None:
    scenario = small()
    demand, horizon = demand_of(scenario), horizon_of(scenario)
    day = np.floor(demand.columns["prepare_time"].astype(np.float64) / 1440).astype(np.int64)
    wanted = horizon.add_open_days(demand.timeline.planned_day, np.full(len(day), -2))
    assert np.array_equal(day, np.maximum(wanted, 0))


# --- the crowd -------------------------------------------------------------------------------------------------------


def test_mean_minutes_at_a_window_come_from_the_mix_of_its_customers() -> None:
    """A main office with a tenth of 1,000 moves in, all 100 from abroad and nobody else sees as many of both."""
    scenario = small(
        {
            "volumes.move_in": 1000,
            "volumes.move_out": 0,
            "volumes.move_within": 0,
            "volumes.from_abroad": 100,
            "office.main_share": 0.1,
            "behaviour.card_route": 0.5,
        }
    )
    main, branch = scenario.sites
    by_card = 0.6 * 0.5
    move_in = (1 - by_card) * 20 + by_card * 18 + 0.3 * 3
    assert mean_window_minutes(scenario, main) == pytest.approx((move_in + 30 + 0.9) / 2)
    assert mean_window_minutes(scenario, branch) == pytest.approx((move_in + 1.0 * 4) / 2)


def test_longer_work_or_fewer_windows_shorten_the_queue_that_sends_people_home() -> None:
    def longest(scenario: Scenario) -> int:
        demand = demand_of(scenario)
        return int(demand.columns["balk_length"][demand.people.site == 0].max())

    assert longest(small({"work.move_in_paper": 30.0})) < longest(small())
    assert longest(small({"staff.main.windows": {"ordinary": 1, "peak": 1}})) < longest(small())
    assert longest(small({"behaviour.balk_wait": 120.0})) > longest(small())


def test_an_evening_visitor_is_of_the_evening_class_and_kinds_are_moves() -> None:
    demand = launch()
    klass = demand.columns["counter_class"]
    assert np.array_equal(klass == 2, demand.people.is_evening)
    assert (demand.people.kind[demand.people.is_evening] < len(MOVES)).all()
