"""Dates inside the legal windows, opening days of both towns, maintenance: for everybody, and for one by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.law import may_file_online, move_in_deadline
from scenarios.schema import Scenario
from sim.demand.horizon import MINUTES_PER_DAY, Horizon, horizon_of
from sim.demand.households import KINDS, Households, draw_households
from sim.demand.timeline import Timeline, draw_timeline, maintenance_windows
from sim.program import Bools
from sim.streams import Streams
from tests.sim.small import SEED, file, small

OUT = KINDS.index("move_out")


@cache
def drawn(name: str = "launch") -> tuple[Households, Timeline, Horizon]:
    scenario = file(name)
    horizon = horizon_of(scenario)
    people = draw_households(scenario, horizon, Streams(SEED, 0))
    return people, draw_timeline(scenario, horizon, people), horizon


def movers() -> Bools:
    people, _, _ = drawn()
    return np.asarray(people.kind < KINDS.index("from_abroad"))


def one(
    kind: str, when: date, minute: float, uniforms: Mapping[str, float], scenario: Scenario | None = None
) -> Timeline:
    """The timeline of one household that comes on a day, with the random numbers that are named (else 0.5)."""
    scenario = scenario or small()
    horizon = horizon_of(scenario)
    number = npt_ints(horizon.day_of(when))
    people = Households(
        kind=npt_ints(KINDS.index(kind)),
        day=number,
        visit_time=np.array([horizon.day_of(when) * 1440.0 + minute]),
        site=npt_ints(0),
        persons=npt_ints(1),
        has_card=np.array([True]),
        cards=npt_ints(1),
        is_evening=np.array([False]),
        uniform=(own := lambda name: np.array([uniforms.get(name, 0.5)])),
        uniform_of_all=own,
    )
    return draw_timeline(scenario, horizon, people)


def npt_ints(value: int) -> npt.NDArray[np.int64]:
    return np.array([value], dtype=np.int64)


def clock(time: float) -> str:
    """Model minutes of the small ward as a date and a time of the day."""
    day = horizon_of(small()).date_of(int(time // 1440))
    return f"{day:%m-%d} {int(time % 1440) // 60:02d}:{int(time % 60):02d}"


# --- the law ---------------------------------------------------------------------------------------------------------


def test_everybody_who_can_file_does_so_30_days_before_to_10_days_after_the_move() -> None:
    _, timeline, _ = drawn()
    lead = (timeline.move_day - timeline.submit_day)[timeline.can_file & movers()]
    assert lead.max() == 30
    assert lead.min() == -10
    for days in range(-12, 33):
        move = date(2023, 3, 20)
        assert may_file_online(move - timedelta(days=days), move) == (lead.min() <= days <= lead.max())


def test_hardly_anybody_cannot_file_for_reasons_of_time() -> None:
    _, timeline, _ = drawn()
    assert timeline.can_file[movers()].mean() > 0.999


def test_who_is_not_late_comes_within_14_days_moved_past_closed_days_and_who_is_late_does_not() -> None:
    people, timeline, horizon = drawn()
    bound = movers() & (people.kind != OUT)
    chosen = np.flatnonzero(bound)[::7]
    for household in chosen.tolist():
        moved = horizon.date_of(int(timeline.move_day[household]))
        came = horizon.date_of(int(people.day[household]))
        assert moved <= came
        assert bool(timeline.late[household]) == (came > move_in_deadline(moved, horizon.calendar))


def test_the_14th_day_is_used_and_few_come_after_it() -> None:
    people, timeline, _ = drawn()
    bound = movers() & (people.kind != OUT)
    stayed = (people.day - timeline.move_day)[bound & ~timeline.late]
    assert (stayed == 14).any()
    assert (people.day - timeline.move_day)[bound].max() == 44
    assert timeline.late[bound].mean() == pytest.approx(0.06, abs=0.01)
    assert not timeline.late[people.kind == OUT].any()


def test_who_comes_here_files_before_the_visit_and_announces_a_day_after_the_filing() -> None:
    people, timeline, _ = drawn()
    coming = movers() & (people.kind != OUT)
    assert (timeline.submit_time <= people.visit_time - 20.0)[coming].all()
    assert (timeline.planned_day >= timeline.submit_day)[coming].all()
    on_the_day = (timeline.planned_day == people.day)[coming]
    assert on_the_day.mean() == pytest.approx(0.55, abs=0.02)


def test_nobody_files_at_night_or_during_maintenance() -> None:
    _, timeline, horizon = drawn()
    files = timeline.submit_time[timeline.can_file & movers()]
    assert (files % MINUTES_PER_DAY >= 360.0).all()
    windows = maintenance_windows(file("launch"), horizon)
    assert len(windows) >= 6
    for start, end in windows[:6]:
        assert not ((files >= start) & (files < end)).any()
        assert ((files >= end) & (files < end + 1440.0)).any()


@settings(max_examples=12, deadline=None)
@given(hours=st.integers(1, 160), weeks=st.integers(1, 3), seed=st.integers(0, 99))
def test_whatever_the_maintenance_filing_keeps_the_law(hours: int, weeks: int, seed: int) -> None:
    scenario = small({"portal.maintenance[1].hours": hours, "portal.maintenance[1].every_weeks": weeks})
    horizon = horizon_of(scenario)
    people = draw_households(scenario, horizon, Streams(seed, 0))
    timeline = draw_timeline(scenario, horizon, people)
    lead = (timeline.move_day - timeline.submit_day)[timeline.can_file]
    assert ((lead <= 30) & (lead >= -10)).all()
    coming = timeline.can_file & (people.kind != OUT)
    assert (timeline.submit_time < people.visit_time)[coming].all()
    for start, end in maintenance_windows(scenario, horizon):
        assert not ((timeline.submit_time >= start) & (timeline.submit_time < end))[timeline.can_file].any()


def test_office_hours_of_the_other_town_are_kept() -> None:
    """Seen up to two hours after filing; what is seen after closing is work of the next opening day."""
    people, timeline, horizon = drawn()
    for household in np.flatnonzero(people.kind == KINDS.index("move_in"))[::11].tolist():
        seen = float(timeline.submit_time[household]) + 120.0
        done = float(timeline.origin_done_time[household])
        seen_on, done_on = (horizon.date_of(int(time // 1440)) for time in (seen, done))
        assert done >= seen
        assert horizon.calendar.is_open_day(done_on)
        assert 510.0 <= done % 1440 <= 1035.0
        if seen % 1440 >= 1035.0 or not horizon.calendar.is_open_day(seen_on):
            assert done_on > seen_on


def test_the_other_town_takes_the_opening_days_that_the_scenario_says() -> None:
    people, timeline, horizon = drawn()
    chosen = people.kind == KINDS.index("move_in")
    seen = timeline.submit_time[chosen] + 120.0
    day = np.floor(seen / 1440).astype(np.int64)
    first = horizon.next_open(day + (seen % 1440 >= 1035.0))
    done = np.floor(timeline.origin_done_time[chosen] / 1440).astype(np.int64)
    for days, share in enumerate((0.30, 0.50, 0.16, 0.04)):
        measured = (horizon.add_open_days(first, np.full(len(first), days)) == done).mean()
        assert measured == pytest.approx(share, abs=0.02)


# --- one household by hand -------------------------------------------------------------------------------------------

FRIDAY, MONDAY = date(2023, 3, 24), date(2023, 3, 27)


def filed_on_friday_evening(uniforms: Mapping[str, float] | None = None) -> Timeline:
    """Moving out, filed on Friday 24 March at 20:18 (333 of the 555 free minutes), while the portal is closed."""
    named = {"day of the week": 0.0, "in office hours": 0.99, "minute of filing": 0.6}
    return one("move_out", FRIDAY, 600.0, named | dict(uniforms or {}))


def test_who_would_file_during_maintenance_files_after_it_but_not_at_night() -> None:
    """The portal opens on Sunday at 00:00. After 240 x ln 2 = 166 minutes it is 02:46, and after the night 08:46."""
    timeline = filed_on_friday_evening()
    assert clock(timeline.submit_time[0]) == "03-26 08:46"
    assert timeline.submit_day[0] == horizon_of(small()).day_of(date(2023, 3, 26))
    assert timeline.can_file[0]


def test_whose_window_ends_during_maintenance_files_before_it() -> None:
    """Moved on 14 March: 24 March is the last day. 166 minutes before 18:00 it is 15:13."""
    timeline = filed_on_friday_evening({"files after the move": 0.0, "days after the move": 0.99})
    assert horizon_of(small()).date_of(int(timeline.move_day[0])) == date(2023, 3, 14)
    assert clock(timeline.submit_time[0]) == "03-24 15:13"
    assert timeline.can_file[0]


def test_whose_whole_window_is_closed_cannot_file() -> None:
    closed = small({"portal.maintenance[1].hours": 24.0 * 14})
    timeline = one("move_out", FRIDAY, 600.0, {"day of the week": 0.0}, closed)
    assert not timeline.can_file[0]


def test_the_hasty_file_at_home_on_the_day_of_the_visit() -> None:
    timeline = one(
        "move_in", MONDAY, 600.0, {"hasty": 0.0, "same day": 0.0, "in office hours": 0.0, "minute of filing": 0.9}
    )
    assert clock(timeline.submit_time[0]) == "03-27 09:40"


def test_the_less_hasty_file_on_the_opening_day_before() -> None:
    timeline = one(
        "move_in", MONDAY, 600.0, {"hasty": 0.0, "same day": 0.9, "in office hours": 0.0, "minute of filing": 0.0}
    )
    assert clock(timeline.submit_time[0]) == "03-24 08:30"


def test_the_advised_margin_is_in_opening_days() -> None:
    """Moved on Friday the 24th and would file that day; three opening days before the visit is Wednesday the 22nd."""
    timeline = one("move_in", MONDAY, 600.0, {"lead days": 0.0, "in office hours": 0.0, "minute of filing": 0.0})
    assert clock(timeline.submit_time[0]) == "03-22 08:30"


def test_what_the_other_town_sees_after_closing_on_friday_is_done_on_monday() -> None:
    """Filed on Friday 17 March at 16:00, seen at 18:00; half of Monday's 8:30 to 17:15 is over at 12:52."""
    chosen = {"lead days": 0.0, "origin days": 0.0, "in office hours": 0.0, "minute of filing": 450 / 525}
    timeline = one("move_in", date(2023, 3, 23), 600.0, chosen)
    assert clock(timeline.submit_time[0]) == "03-17 16:00"
    assert clock(timeline.origin_done_time[0]) == "03-20 12:52"


def test_what_is_seen_in_the_middle_of_a_day_is_done_in_the_rest_of_it_at_the_earliest() -> None:
    """Filed at 9:00 and seen at 11:00: half of the time to 17:15 is over at 14:07."""
    timeline = one(
        "move_in",
        MONDAY,
        600.0,
        {"lead days": 0.0, "origin days": 0.0, "in office hours": 0.0, "minute of filing": 30 / 525},
    )
    assert clock(timeline.submit_time[0]) == "03-22 09:00"
    assert clock(timeline.origin_done_time[0]) == "03-22 14:07"
    two_days_later = one(
        "move_in",
        MONDAY,
        600.0,
        {"lead days": 0.0, "origin days": 0.9, "in office hours": 0.0, "minute of filing": 30 / 525},
    )
    assert clock(two_days_later.origin_done_time[0]) == "03-24 12:52"


def test_who_comes_on_an_open_sunday_as_planned_was_announced_for_that_sunday() -> None:
    sunday = date(2023, 3, 26)
    timeline = one("move_in", sunday, 600.0, {"planned day": 0.0})
    assert horizon_of(small()).date_of(int(timeline.planned_day[0])) == sunday


@pytest.mark.parametrize(
    ("uniforms", "planned"),
    [
        ({"planned day": 0.6, "days from plan": 0.0, "sooner than planned": 0.0}, date(2023, 3, 28)),
        ({"planned day": 0.6, "days from plan": 0.9, "sooner than planned": 0.9}, date(2023, 3, 23)),
        ({"planned day": 0.9, "days from plan": 0.9, "sooner than planned": 0.0}, date(2023, 4, 3)),
    ],
    ids=["a day sooner", "two days later", "five days sooner"],
)
def test_the_announced_day_counts_opening_days(uniforms: dict[str, float], planned: date) -> None:
    timeline = one("move_in", MONDAY, 600.0, uniforms)
    assert horizon_of(small()).date_of(int(timeline.planned_day[0])) == planned
