"""Households of the country: one way out and one way in for each, in order, and the same draws in all cases."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from types import FrameType
from typing import Any

import numpy as np
import pytest

from scenarios.datatables import weekday_multipliers
from sim.compilation import Places, compile_flows
from sim.demand.horizon import MINUTES_PER_DAY
from sim.engines.compiled import run
from sim.national.capacity import national_calendar
from sim.national.demand import NationalDemand, opening_day
from sim.national.flows import FLOWS
from sim.national.offices import office_table
from sim.national.replication import replicate_national
from sim.national.sizes import populations
from sim.national.staffing import staffing_of
from sim.program import Ints
from tests.sim.national.small_country import SEED, demand_of, flag, horizon, small

WAYS_OUT = ("leaves_at_counter", "leaves_by_post", "files_out", "filed_before")
WAYS_IN = ("visits_paper", "visits_after_filing", "visits_within", "visits_within_after_filing")


@pytest.fixture(scope="module")
def demand() -> NationalDemand:
    return demand_of(small())


def count_of(demand: NationalDemand, names: tuple[str, ...]) -> Ints:
    """How many of some true-or-false columns hold, by household."""
    return np.asarray(np.sum([demand.columns[name] for name in names], axis=0), dtype=np.int64)


def test_every_household_comes_once_to_its_new_town_or_after_the_end(demand: NationalDemand) -> None:
    days = horizon(small())
    assert (count_of(demand, WAYS_IN) == (demand.moves.day < days.days)).all()


def test_every_move_has_one_way_out_and_moves_within_have_none(demand: NationalDemand) -> None:
    ways, between = count_of(demand, WAYS_OUT), demand.moves.between
    assert ways[between].max() == 1
    within = ~between
    assert not flag(demand, "leaves_at_counter", "leaves_by_post", "files_out")[within].any()
    # Who has none moved out before the model begins, or will do so after its end.
    days, out_day = horizon(small()), demand.columns["out_day"].astype(int)
    absent = between & (ways == 0)
    online = demand.timeline.submit_time >= days.window[1]
    assert ((out_day < 0) | (out_day >= days.days) | online)[absent].all()


def test_who_brings_a_paper_certificate_got_it_on_an_earlier_opening_day(demand: NationalDemand) -> None:
    days, day = horizon(small()), demand.columns["out_day"].astype(int)
    paper = flag(demand, "leaves_at_counter", "leaves_by_post")
    assert (day < demand.moves.day)[paper].all()
    assert days.is_open[day[paper]].all()
    post = flag(demand, "leaves_by_post")
    ahead = days.calendar.open_days_between(days.dates_of(day[post]), days.dates_of(demand.moves.day[post]))
    assert ahead.min() >= int(small().moves.letter_days)


def test_days_at_the_origins_counter_follow_the_table_of_weekdays() -> None:
    # As many would like to file on each of 28 days from a Saturday, of which none is a holiday.
    days = horizon(small())
    saturday = days.day_of(date(2023, 4, 1))
    wanted = np.repeat(np.arange(saturday, saturday + 28), 2_000)
    out = opening_day(days, wanted, np.random.default_rng(1).random(len(wanted)))
    assert days.calendar.are_open(days.dates_of(out)).all()
    assert (out >= wanted).all()
    share = np.bincount(days.weekday()[out], minlength=5) / len(out)
    table = np.array([weekday_multipliers()[name] for name in ("mon", "tue", "wed", "thu", "fri")])
    assert share == pytest.approx(table / table.sum(), abs=0.005)


def test_shares_of_post_and_online_are_those_of_the_scenario() -> None:
    scenario = small({"moves.part": 0.02, "one_stop.uptake_by_month": {}})
    demand = demand_of(scenario)
    between = demand.moves.between
    online = flag(demand, "files_out", "filed_before")[between & (demand.moves.day < 17)].mean()
    uptake = float(scenario.one_stop.uptake)
    # Some who would file cannot, because their time falls outside the legal window.
    assert uptake * 0.9 < online < uptake * 1.02
    paper = flag(demand, "leaves_at_counter", "leaves_by_post")
    assert flag(demand, "leaves_by_post")[paper].mean() == pytest.approx(0.25, abs=0.02)


def test_more_uptake_moves_households_online_and_changes_nobody_s_other_draws(demand: NationalDemand) -> None:
    more = demand_of(small({"one_stop.uptake": 0.30}))
    assert (more.moves.origin == demand.moves.origin).all()
    filed, more_filed = (flag(own, "files_out", "filed_before") for own in (demand, more))
    assert (more_filed | ~filed).all()
    assert more_filed.sum() > filed.sum()
    same = ~(more_filed ^ filed) & (demand.moves.day < horizon(small()).days)
    for name in ("visit_time", "out_time", "out_minutes", "needs_certificate"):
        assert (more.columns[name] == demand.columns[name])[same].all()
    both = filed & more_filed
    for name in ("submit_time", "check_minutes", "prepare_time", "latency_minutes"):
        assert (more.columns[name] == demand.columns[name])[both].all()


def test_without_the_service_nobody_files_online() -> None:
    demand = demand_of(small({"one_stop.available": False}))
    for name in ("files_out", "files_within", "filed_before", "is_prepared_for", "visits_after_filing"):
        assert not flag(demand, name).any()


def test_cards_of_a_household_are_no_more_than_its_people(demand: NationalDemand) -> None:
    people = demand.people
    assert (people.cards <= people.persons).all()
    assert (people.cards[~people.has_card] == 0).all()
    large = people.persons == 4
    held = float(small().cards.held)
    assert (people.cards[large & people.has_card] - 1).mean() == pytest.approx(3 * held, abs=0.15)


def test_who_comes_late_brings_paper(demand: NationalDemand) -> None:
    late = demand.timeline.late & demand.moves.between
    assert late.any()
    assert not flag(demand, "visits_after_filing")[late].any()


def lines_executed(work: Callable[[], object]) -> int:
    """Count the lines that the model's own code executes, loops and comprehensions included."""
    lines = 0

    def local(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return local

    def trace(frame: FrameType, _event: str, _argument: object) -> Any:
        ours = "/sim/" in frame.f_code.co_filename or "/scenarios/" in frame.f_code.co_filename
        return local if ours else None

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    return lines


def test_no_line_of_the_model_is_executed_once_per_household() -> None:
    scenario = small({"moves.part": 0.004})
    many = small({"moves.part": 0.032})

    def build(own: Any) -> Callable[[], object]:
        def work() -> object:
            days, people = horizon(own), populations(own.country)
            places, staffing = Places(tuple(f"t{rank}" for rank in range(len(people)))), staffing_of(own, people)
            columns = demand_of(own).columns
            return compile_flows(FLOWS, columns, places, national_calendar(own, days, places, staffing, []))

        return work

    def measure(own: Any) -> Callable[[], object]:
        (arm,) = replicate_national(own, SEED, 0, run)
        return lambda: office_table(arm)

    lines_executed(build(scenario))  # fills what is kept between calls
    few_lines, many_lines = lines_executed(build(scenario)), lines_executed(build(many))
    few, number = len(demand_of(scenario).moves), len(demand_of(many).moves)
    assert number > 7 * few > 1_000
    assert abs(many_lines - few_lines) < few / 10
    quiet: dict[str, Any] = {"incidents": []}
    few_lines, many_lines = (lines_executed(measure(small({"moves.part": part, **quiet}))) for part in (0.004, 0.032))
    assert abs(many_lines - few_lines) < few / 10


def test_times_of_the_day_lie_in_office_hours(demand: NationalDemand) -> None:
    for name in ("visit_time", "out_time"):
        times = demand.columns[name].astype(float)
        minute = times[times > 0] % MINUTES_PER_DAY
        assert minute.min() >= 510
        assert minute.max() <= 1035
