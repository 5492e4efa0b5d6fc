"""How many may start where and when: opening hours, lunch, late Tuesday, Sunday, systems and their troubles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from scenarios.schema import Scenario
from sim.capacity import build_calendar
from sim.compilation import Places
from sim.demand.horizon import Horizon, horizon_of
from sim.incidents import Trouble
from sim.levels import Level
from sim.program import Calendar
from sim.steps import BACK_OFFICE_CLASS, DAY_CLASS, EVENING_CLASS, IN_PROGRESS_CLASS
from tests.sim.small import file, small

YEAR = 2023


class Ward:
    """A scenario's calendar that can be asked by name, class and clock."""

    def __init__(self, scenario: Scenario, *troubles: Trouble) -> None:
        self.horizon: Horizon = horizon_of(scenario)
        self.places = Places(tuple(site.id for site in scenario.sites))
        self.calendar: Calendar
        self.calendar, staffed = build_calendar(scenario, self.horizon, self.places, list(troubles))
        self.on_duty: Mapping[str, Level] = {self.places.names()[place]: level for place, level in staffed.items()}

    def minute(self, when: str) -> float:
        """Model minute of "03-24 08:30"."""
        return self.horizon.minute_of(datetime.strptime(f"{YEAR}-{when}", "%Y-%m-%d %H:%M"))

    def room(self, place: str, when: str, klass: int = DAY_CLASS) -> int:
        """Units that a class may see busy from that minute on."""
        calendar, number = self.calendar, self.places.names().index(place)
        due = (calendar.place == number) & (calendar.klass == klass) & (calendar.time <= self.minute(when))
        return int(calendar.capacity[due][-1]) if due.any() else 0

    def duty(self, place: str, when: str) -> int:
        return int(self.on_duty[place].sampled(np.array([self.minute(when)]))[0])

    def pace(self, place: str, minute: float) -> float:
        calendar, number = self.calendar, self.places.names().index(place)
        due = (calendar.slow_place == number) & (calendar.slow_time <= minute)
        return float(calendar.slowness[due][-1]) if due.any() else 1.0


def ward(changes: Mapping[str, Any] | None = None, *troubles: Trouble) -> Ward:
    return Ward(small(changes), *troubles)


WINDOWS, CLERKS, DESKS = "windows/main", "clerks/main", "card_desks/main"
ROOMY = {
    "staff.main.windows": {"ordinary": 4, "peak": 6},
    "staff.main.clerks": {"ordinary": 6, "peak": 8},
    "staff.main.evening": {"windows": 2, "clerks": 3, "card_desks": 1},
    "staff.main.sunday": {"windows": 3, "clerks": 3, "card_desks": 1},
}

# --- the counter -----------------------------------------------------------------------------------------------------


def test_nobody_is_served_before_the_first_opening() -> None:
    own = ward()
    assert own.room(WINDOWS, "03-17 08:29") == 0
    assert own.room(WINDOWS, "03-17 08:30") == 2


def test_part_of_the_staff_is_at_lunch_but_never_everybody() -> None:
    own = ward(ROOMY)
    assert [own.room(WINDOWS, f"03-24 {at}") for at in ("11:59", "12:00", "13:29", "13:30")] == [6, 4, 4, 6]
    assert [own.duty(CLERKS, f"03-24 {at}") for at in ("11:59", "12:00", "13:29", "13:30")] == [8, 6, 6, 8]
    assert [own.room("windows/branch", f"03-24 {at}") for at in ("11:59", "12:00", "13:30")] == [2, 1, 2]
    hungry = ward({"opening.lunch.staffed": 0.1})
    assert [hungry.room(place, "03-24 12:00") for place in (WINDOWS, "card_desks/branch")] == [1, 0]


def test_ticket_holders_have_the_whole_crew_of_closing_time_until_the_next_opening() -> None:
    own = ward(ROOMY)
    for klass in (DAY_CLASS, IN_PROGRESS_CLASS):
        times = ("03-24 17:00", "03-24 23:59", "03-25 12:00", "03-26 08:59")
        assert [own.room(WINDOWS, when, klass) for when in times] == [6, 6, 6, 6]


def test_on_duty_are_only_those_within_hours() -> None:
    own = ward(ROOMY)
    assert [own.duty(WINDOWS, f"03-24 {at}") for at in ("08:29", "08:30", "16:59", "17:00")] == [0, 6, 6, 0]
    assert [own.duty(CLERKS, f"03-24 {at}") for at in ("08:29", "08:30", "17:14", "17:15")] == [0, 8, 8, 0]
    assert own.duty(CLERKS, "03-25 12:00") == 0  # Saturday
    assert own.duty(CLERKS, "03-21 12:00") == 0  # a holiday


def test_the_late_tuesday_has_a_crew_of_its_own_after_a_day_with_lunch() -> None:
    """The day's tickets keep the day's crew; the evening's visitors may start only while fewer are busy than it has."""
    own = ward(ROOMY)
    assert [own.room(WINDOWS, f"03-28 {at}") for at in ("11:59", "12:00", "13:30", "17:00", "18:30")] == [6, 4, 6, 6, 6]
    assert [own.room(WINDOWS, f"03-28 {at}", EVENING_CLASS) for at in ("09:00", "17:00", "20:00")] == [2, 2, 2]
    assert [own.duty(WINDOWS, f"03-28 {at}") for at in ("16:59", "17:00", "18:59", "19:00")] == [6, 2, 2, 0]
    assert [own.duty(CLERKS, f"03-28 {at}") for at in ("17:14", "17:15", "18:59", "19:00")] == [8, 3, 3, 0]
    assert own.duty(WINDOWS, "03-29 17:30") == 0
    assert own.room("windows/branch", "03-28 17:30", EVENING_CLASS) == 0


def test_an_open_sunday_has_a_crew_of_its_own_that_serves_its_tickets_to_the_end() -> None:
    own = ward(ROOMY)
    assert [own.room(WINDOWS, when) for when in ("03-26 09:00", "03-26 17:30", "03-27 08:29", "03-27 08:30")] == [
        3,
        3,
        3,
        6,
    ]
    assert [own.duty(WINDOWS, f"03-26 {at}") for at in ("08:59", "09:00", "16:59", "17:00")] == [0, 3, 3, 0]
    assert own.duty("windows/branch", "03-26 12:00") == 0


def test_the_peak_has_its_own_staff_from_its_first_to_its_last_day() -> None:
    launch = Ward(file("launch"))
    times = ("03-14 10:00", "03-15 10:00", "04-14 10:00", "04-17 10:00")
    assert [launch.room(WINDOWS, when) for when in times] == [6, 9, 9, 6]
    assert [launch.duty(DESKS, when) for when in times] == [4, 6, 6, 4]
    assert [launch.room("back_seats/main", when, BACK_OFFICE_CLASS) for when in times] == [3, 5, 5, 3]


def test_a_site_without_card_desks_has_none() -> None:
    assert ward().room("card_desks/branch", "03-24 10:00") == 0


# --- the back office -------------------------------------------------------------------------------------------------


def test_the_back_office_works_on_opening_days_until_a_quarter_past_five() -> None:
    own = ward(ROOMY)
    times = ("03-24 08:29", "03-24 08:30", "03-24 12:00", "03-24 13:30", "03-24 17:14", "03-24 17:15")
    assert [own.room(CLERKS, when, BACK_OFFICE_CLASS) for when in times] == [0, 8, 6, 8, 8, 0]
    seats = [own.room("back_seats/main", when, BACK_OFFICE_CLASS) for when in times]
    assert seats == [0, 2, 1, 2, 2, 0]
    closed = ("03-25 10:00", "03-26 10:00", "03-28 18:00", "03-21 10:00")
    assert [own.room(CLERKS, when, BACK_OFFICE_CLASS) for when in closed] == [0, 0, 0, 0]


# --- shift changes ---------------------------------------------------------------------------------------------------


def test_by_default_a_shift_change_relieves_nobody() -> None:
    assert not ward(ROOMY).calendar.handover.any()


def test_at_a_handover_a_whole_new_crew_starts_at_both_ends_of_lunch_on_every_opening_day() -> None:
    own = ward(ROOMY | {"opening.shift_change": "handover"})
    calendar = own.calendar
    names = own.places.names()
    relieved = [
        (names[place], time)
        for place, time in zip(calendar.place[calendar.handover], calendar.time[calendar.handover], strict=True)
    ]
    assert len(relieved) == len(set(relieved))
    staffed = {f"{kind}/{site}" for kind in ("windows", "clerks", "card_desks") for site in ("main", "branch")}
    staffed.remove("card_desks/branch")
    assert {name for name, _ in relieved} == staffed
    for name in staffed:
        times = {time for own_name, time in relieved if own_name == name}
        days = np.flatnonzero(own.horizon.is_open)
        assert times == {day * 1440.0 + minute for day in days for minute in (720.0, 810.0)}


# --- systems ---------------------------------------------------------------------------------------------------------


def test_the_portal_is_closed_for_maintenance() -> None:
    """From Friday 24 March 18:00 for 30 hours."""
    own = ward()
    times = ("03-24 17:59", "03-24 18:00", "03-25 23:59", "03-26 00:00")
    assert [own.room("portal", when) for when in times] == [200, 0, 0, 200]


def test_j_lis_keeps_weekday_hours_and_the_staff_know_them() -> None:
    own = ward()
    times = ("03-24 08:29", "03-24 08:30", "03-24 18:59", "03-24 19:00", "03-26 12:00", "03-21 12:00")
    assert [own.room("jlis", when) for when in times] == [0, 30, 30, 0, 0, 0]
    assert [own.room("network_hours", when) > 10_000 for when in times] == [False, True, True, False, False, False]
    early = ward({"jlis.hours": "09:00-17:00"})
    assert [early.room("jlis", f"03-28 {at}") for at in ("08:30", "09:00", "17:00")] == [0, 30, 0]


def test_every_class_shares_a_systems_connections() -> None:
    own = ward()
    assert [own.room("relay", "03-24 10:00", klass) for klass in range(4)] == [30] * 4


def trouble(own: Ward, system: str, start: str, end: str, remaining: float = 1.0, slowness: float = 1.0) -> Trouble:
    return Trouble("trouble", system, own.minute(start), own.minute(end), remaining, slowness)


def test_an_outage_a_cap_and_their_overlap() -> None:
    plain = ward()
    outage = trouble(plain, "relay", "03-27 10:00", "03-27 10:15", remaining=0.0)
    standby = trouble(plain, "relay", "03-27 10:15", "03-27 13:15", remaining=0.3)
    cap = trouble(plain, "relay", "03-27 13:00", "03-27 14:00", remaining=0.5)
    own = ward(None, outage, standby, cap)
    times = ("09:59", "10:00", "10:15", "13:00", "13:15", "14:00")
    assert [own.room("relay", f"03-27 {at}") for at in times] == [30, 0, 9, 4, 15, 30]


@pytest.mark.parametrize(("connections", "share", "left"), [(30, 0.3, 9), (100, 0.29, 29), (10, 0.3, 3), (30, 0.29, 8)])
def test_a_share_of_connections_is_rounded_down_to_whole_ones(connections: int, share: float, left: int) -> None:
    plain = ward()
    cap = trouble(plain, "relay", "03-27 10:00", "03-27 11:00", remaining=share)
    assert ward({"relay.connections": connections}, cap).room("relay", "03-27 10:30") == left


def test_an_outage_of_j_lis_overnight_does_not_open_it() -> None:
    plain = ward()
    cap = trouble(plain, "jlis", "03-27 18:00", "03-28 10:00", remaining=0.5)
    own = ward(None, cap)
    times = ("03-27 17:59", "03-27 18:00", "03-27 19:00", "03-28 08:30", "03-28 10:00")
    assert [own.room("jlis", when) for when in times] == [30, 15, 0, 15, 30]


def test_slow_modes_that_overlap_multiply_and_each_ends_alone() -> None:
    plain = ward()
    first = trouble(plain, "jlis", "03-27 10:00", "03-27 12:00", slowness=3.0)
    second = trouble(plain, "jlis", "03-27 11:00", "03-27 13:00", slowness=2.0)
    adjacent = trouble(plain, "jlis", "03-27 13:00", "03-27 14:00", slowness=0.5)
    own = ward(None, first, second, adjacent)
    hours = [plain.minute(f"03-27 {hour}:30") for hour in ("09", "10", "11", "12", "13", "14")]
    assert [own.pace("jlis", minute) for minute in hours] == [1.0, 3.0, 6.0, 2.0, 0.5, 1.0]
    assert own.pace("relay", hours[1]) == 1.0
