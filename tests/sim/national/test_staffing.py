"""Every municipality is staffed by the same rule, from its ordinary weeks; the calendar keeps its hours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.schema.national import NationalScenario
from sim.compilation import Places
from sim.incidents import draw_troubles
from sim.national.capacity import national_calendar
from sim.national.sizes import populations
from sim.national.staffing import Staffing, ordinary_moves_a_day, staffing_of
from sim.national.ward import as_ward
from sim.occupancy import capacity
from sim.program import Calendar, Program
from sim.steps import BACK_OFFICE_CLASS, DAY_CLASS, PlaceKind
from sim.streams import Streams
from tests.sim.national.small_country import SEED, horizon, runs, small, whole

# Without cards and online notices the minutes of a move can be added up by hand: 20 to move in, 8 to move out at a
# counter, half a move within at 12, 3 for each further person (0.35 of them, moving in and within); 12 for a letter.
BARE = {"one_stop.available": False, "cards.held": 0.5, "one_stop.uptake": 0.0, "one_stop.uptake_by_month": {}}
NO_CARD = {
    **BARE,
    "work.card_update": 1e-9,
    "jlis.call": 1e-9,
    "behaviour.wants_signing_certificate": 0.0,
    "behaviour.pin_forgotten": 0.0,
}


def test_ordinary_moves_are_those_of_the_year_outside_its_crowded_weeks() -> None:
    # 5,263,249 persons in 2023, 1.35 a filing, 246 opening days, 0.86 of a mean weekday.
    assert ordinary_moves_a_day(whole()) == pytest.approx(5_263_249 / 1.35 / 246 * 0.86, rel=0.005)


def test_the_load_is_that_of_the_minutes_added_up_by_hand() -> None:
    scenario = small(NO_CARD)
    people = populations(scenario.country)
    staffing = staffing_of(scenario, people)
    moves = ordinary_moves_a_day(scenario) * people[3] / people.sum()
    counter = 0.75 * 8 + 20 + 0.5 * 12 + 1.5 * 0.35 * 3
    assert staffing.counter_load[3] == pytest.approx(moves * counter / 525)
    assert staffing.back_load[3] == pytest.approx(moves * 0.25 * 12 / 525)


def test_windows_are_the_load_over_the_utilisation_and_more_in_the_peak() -> None:
    staffing = staffing_of(whole(), populations(whole().country))
    assert (staffing.counter_load / staffing.windows.ordinary <= 0.40 + 1e-9).all()
    busy = staffing.windows.ordinary > 1
    assert (staffing.counter_load[busy] / (staffing.windows.ordinary[busy] - 1) > 0.40).all()
    assert staffing.windows.ordinary.min() == 1
    assert (staffing.windows.peak == np.floor(1.5 * staffing.windows.ordinary + 0.5)).all()
    back = staffing.clerks.ordinary - staffing.windows.ordinary
    assert (back >= 1).all()
    assert (staffing.seats.ordinary == back + 1).all()
    assert (staffing.clerks.peak - staffing.windows.peak == 2 * back).all()


def test_a_town_of_shinjukus_size_has_about_the_desks_assumed_there() -> None:
    # The ward: 6 windows at the main office, 20 at ten branch offices; 45 % of the filings come to the main office.
    people = populations(whole().country)
    size = int(np.abs(people - 346_000).argmin())
    windows = staffing_of(whole(), people).windows
    assert 6 <= windows.ordinary[size] <= 26


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 1.5), st.integers(1, 3), st.floats(1.0, 3.0))
def test_staff_grows_with_size_and_with_the_peak(utilisation: float, least: int, peak: float) -> None:
    changes = {"offices.utilisation": utilisation, "offices.least_windows": least, "offices.peak_windows": peak}
    scenario = small(changes)
    staffing = staffing_of(scenario, populations(scenario.country))
    for seasons in (staffing.windows, staffing.clerks, staffing.seats):
        assert (np.diff(seasons.ordinary) <= 0).all()
        assert (seasons.peak >= seasons.ordinary).all()
    assert staffing.windows.ordinary.min() >= least


# --- the calendar ----------------------------------------------------------------------------------------------------


def calendar_of(scenario: NationalScenario) -> tuple[Places, Staffing, Calendar]:
    people, days = populations(scenario.country), horizon(scenario)
    places = Places(tuple(f"t{rank}" for rank in range(len(people))))
    staffing = staffing_of(scenario, people)
    troubles = draw_troubles(as_ward(scenario), days, Streams(SEED, 0))
    return places, staffing, national_calendar(scenario, days, places, staffing, troubles)


def level(kind: PlaceKind, town: int, klass: int, times: list[float]) -> list[int]:
    run = runs()["with"]
    program: Program = run.compiled.program
    place = int(run.places.index(kind, town))
    return [int(units) for units in capacity(program, place, klass).sampled(np.array(times))]


MONDAY, TUESDAY_13 = 14 * 1440.0, 1440.0  # day 0 is Monday 13 March; peak staffing begins on Wednesday 15 March


def test_windows_open_in_the_morning_stay_for_ticket_holders_and_are_fewer_at_lunch() -> None:
    windows = runs()["with"].staffing.windows
    ordinary, peak = int(windows.ordinary[0]), int(windows.peak[0])
    assert peak > ordinary > 1
    at = [TUESDAY_13 + minute for minute in (509, 510, 719, 720, 810, 1100)]
    lunch = round(0.7 * ordinary)
    assert level(PlaceKind.WINDOWS, 0, DAY_CLASS, at) == [ordinary, ordinary, ordinary, lunch, ordinary, ordinary]
    assert level(PlaceKind.WINDOWS, 0, DAY_CLASS, [0.0, 509.0]) == [0, 0]
    assert level(PlaceKind.WINDOWS, 0, DAY_CLASS, [MONDAY + 510, MONDAY + 720]) == [peak, round(0.7 * peak)]


def test_back_office_work_ends_with_the_office_day() -> None:
    clerks = int(runs()["with"].staffing.clerks.peak[0])
    at = [MONDAY + minute for minute in (509, 510, 720, 810, 1034, 1035, 1440)]
    lunch = round(0.7 * clerks)
    assert level(PlaceKind.CLERKS, 0, BACK_OFFICE_CLASS, at) == [0, clerks, lunch, clerks, clerks, 0, 0]
    assert level(PlaceKind.CLERKS, 0, BACK_OFFICE_CLASS, [MONDAY - 1440 + 600]) == [0]  # Sunday


def test_one_window_stays_open_at_lunch() -> None:
    assert runs()["with"].staffing.windows.ordinary[-1] == 1
    assert level(PlaceKind.WINDOWS, 19, DAY_CLASS, [1440.0 + 730]) == [1]


def test_the_relay_has_no_connection_during_the_outage() -> None:
    at = [MONDAY + minute for minute in (599, 600, 719, 720)]
    assert level(PlaceKind.RELAY, 0, DAY_CLASS, at) == [30, 0, 0, 30]


def test_the_calendar_is_sorted_and_holds_no_change_that_changes_nothing() -> None:
    _, _, calendar = calendar_of(small())
    assert (np.diff(calendar.time) >= 0).all()
    last: dict[tuple[int, int], int] = {}
    for place, klass, units in zip(calendar.place, calendar.klass, calendar.capacity, strict=True):
        assert last.get((place, klass), 0) != units
        last[place, klass] = units


def test_all_towns_keep_the_same_hours() -> None:
    places, staffing, calendar = calendar_of(small())
    windows = (calendar.klass == DAY_CLASS) & (calendar.place < len(places.sites))
    busy = np.flatnonzero(staffing.windows.ordinary > 2)
    times = [set(calendar.time[windows & (calendar.place == town)].tolist()) for town in busy]
    assert all(own == times[0] for own in times)
