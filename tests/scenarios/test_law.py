"""Deadlines: published worked examples, closed days, and that one person and many agree."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scenarios import law
from scenarios.csvtable import read_table
from scenarios.datatables import packaged
from scenarios.opening import OpeningCalendar, day_number, day_of

CALENDAR = OpeningCalendar(2014, 2036)
ALL_WEEK = OpeningCalendar(2014, 2036, open_weekdays="1111111", year_end=None)
days = st.dates(date(2015, 1, 1), date(2034, 12, 31))


def numbers(*given_days: date) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array([day_number(day) for day in given_days], dtype=np.int64)


def dates(*given_days: date) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    return np.array(given_days, dtype="datetime64[D]")


def far(day: date) -> date:
    """A date so late that it never sets the earlier of two limits."""
    return day + timedelta(days=200)


def test_a_planned_move_out_on_1_april_is_too_late_from_2_may() -> None:
    limit = law.card_route_limit(date(2023, 4, 1), far(date(2023, 4, 1)), CALENDAR)
    assert law.too_late_from(limit) == date(2023, 5, 2)


def test_living_there_from_3_april_is_too_late_from_18_april() -> None:
    limit = law.card_route_limit(far(date(2023, 4, 3)), date(2023, 4, 3), CALENDAR)
    assert law.too_late_from(limit) == date(2023, 4, 18)


def test_of_both_limits_the_earlier_counts_so_file_by_17_april() -> None:
    assert law.card_route_limit(date(2023, 4, 1), date(2023, 4, 3), CALENDAR) == date(2023, 4, 17)
    assert law.card_route_limits(dates(date(2023, 4, 1)), dates(date(2023, 4, 3)), CALENDAR).tolist() == [
        date(2023, 4, 17)
    ]


def test_the_planned_move_out_sets_the_limit_when_living_there_starts_late() -> None:
    assert law.card_route_limit(date(2023, 4, 1), date(2023, 4, 20), CALENDAR) == date(2023, 5, 1)


def test_the_worked_example_of_the_table_holds() -> None:
    days_of = {
        "card_route_after_planned_move_out": law.CARD_ROUTE_DAYS_AFTER_PLANNED_MOVE_OUT,
        "card_route_after_move_in": law.CARD_ROUTE_DAYS_AFTER_MOVE_IN,
    }
    columns = ("rule", "start_month_day", "last_month_day", "first_too_late_month_day")
    examples = read_table(packaged("deadline_examples.csv"), columns).rows
    assert {row.text("rule") for row in examples} == days_of.keys()
    for row in examples:
        start, last, too_late = (date.fromisoformat(f"2023-{row.text(column)}") for column in columns[1:])
        limit = law.last_day(start, days_of[row.text("rule")], CALENDAR)
        assert (limit, law.too_late_from(limit)) == (last, too_late)


@pytest.mark.parametrize(
    ("lived_there_from", "deadline"),
    [
        (date(2023, 3, 27), date(2023, 4, 10)),  # 14 days, a Monday
        (date(2023, 3, 25), date(2023, 4, 10)),  # the 14th day is Saturday 8 April
        (date(2023, 3, 7), date(2023, 3, 22)),  # the 14th day is a holiday on a Tuesday
        (date(2023, 4, 15), date(2023, 5, 1)),  # a Saturday that is a holiday
        (date(2023, 4, 19), date(2023, 5, 8)),  # 3 May, then two holidays and a weekend
        (date(2022, 12, 15), date(2023, 1, 4)),  # 29 December, then the year-end closure
        (date(2023, 3, 12), date(2023, 3, 27)),  # 26 March, a Sunday with services: no opening day
    ],
)
def test_a_deadline_on_a_closed_day_moves_to_the_next_opening_day(lived_there_from: date, deadline: date) -> None:
    assert law.move_in_deadline(lived_there_from, CALENDAR) == deadline
    assert law.move_within_deadline(lived_there_from, CALENDAR) == deadline


def test_the_card_is_continued_within_90_days_of_the_moving_in_notice() -> None:
    assert law.card_continuation_limit(date(2023, 4, 3), CALENDAR) == date(2023, 7, 3)  # the 90th day is a Sunday


def test_the_online_window_reaches_from_30_days_before_to_10_days_after() -> None:
    move = date(2023, 4, 1)
    assert law.online_window(move) == (date(2023, 3, 2), date(2023, 4, 11))
    filed = [date(2023, 3, 1), date(2023, 3, 2), date(2023, 4, 11), date(2023, 4, 12)]
    assert [law.may_file_online(day, move) for day in filed] == [False, True, True, False]
    assert law.may_file_online_each(dates(*filed), dates(move)).tolist() == [False, True, True, False]


def test_children_under_15_cannot_file() -> None:
    assert [law.old_enough(age) for age in (14, 15, 40)] == [False, True, True]


def test_every_number_is_that_of_the_cited_table() -> None:
    rows = {
        row.text("rule"): row for row in read_table(packaged("rules_deadlines.csv"), ("rule", "value", "high")).rows
    }
    assert rows["service_start"].day("value") == law.SERVICE_START
    assert {
        rule: rows[rule].whole("value")
        for rule in rows
        if rule.endswith(("_deadline", "_tries", "_age"))
        or rule.startswith(("online_", "card_route_after", "card_con"))
    } == {
        "online_earliest": law.ONLINE_DAYS_BEFORE_MOVE,
        "online_latest": law.ONLINE_DAYS_AFTER_MOVE,
        "move_in_deadline": law.MOVE_IN_DAYS,
        "move_within_deadline": law.MOVE_WITHIN_DAYS,
        "card_route_after_planned_move_out": law.CARD_ROUTE_DAYS_AFTER_PLANNED_MOVE_OUT,
        "card_route_after_move_in": law.CARD_ROUTE_DAYS_AFTER_MOVE_IN,
        "card_continuation": law.CARD_CONTINUATION_DAYS,
        "pin_tries": law.PIN_TRIES,
        "signing_password_tries": law.SIGNING_PASSWORD_TRIES,
        "minimum_age": law.MINIMUM_AGE,
    }
    assert rows["fine"].whole("high") == law.MAXIMUM_FINE_YEN


@given(days, days)
def test_a_deadline_never_falls_on_a_closed_day(one: date, other: date) -> None:
    for deadline in (
        law.move_in_deadline(one, CALENDAR),
        law.move_within_deadline(one, CALENDAR),
        law.card_continuation_limit(one, CALENDAR),
        law.card_route_limit(one, other, CALENDAR),
    ):
        assert CALENDAR.is_open_day(deadline)


@given(days, days, days, days)
def test_who_moves_later_never_has_an_earlier_deadline(one: date, other: date, plan: date, later_plan: date) -> None:
    one, other = sorted((one, other))
    plan, later_plan = sorted((plan, later_plan))
    assert law.move_in_deadline(one, CALENDAR) <= law.move_in_deadline(other, CALENDAR)
    assert law.card_continuation_limit(one, CALENDAR) <= law.card_continuation_limit(other, CALENDAR)
    assert law.card_route_limit(plan, one, CALENDAR) <= law.card_route_limit(later_plan, other, CALENDAR)


@given(days)
def test_a_deadline_leaves_the_full_days_and_passes_over_closed_days_only(day: date) -> None:
    deadline = law.move_in_deadline(day, CALENDAR)
    earliest = day + timedelta(days=law.MOVE_IN_DAYS)
    assert deadline >= earliest
    between = range(day_number(earliest), day_number(deadline))
    assert not any(CALENDAR.is_open_day(day_of(number)) for number in between)


@given(days, days)
def test_closed_days_may_move_the_earlier_of_two_limits_before_or_after_comparing(plan: date, living: date) -> None:
    earlier = min(
        plan + timedelta(days=law.CARD_ROUTE_DAYS_AFTER_PLANNED_MOVE_OUT),
        living + timedelta(days=law.CARD_ROUTE_DAYS_AFTER_MOVE_IN),
    )
    assert law.card_route_limit(plan, living, CALENDAR) == CALENDAR.next_open_day(earlier)
    assert law.card_route_limit(plan, living, CALENDAR) <= law.move_in_deadline(living, CALENDAR)


@given(st.lists(st.tuples(days, days), min_size=1, max_size=20))
def test_many_people_agree_with_one_at_a_time(pairs: list[tuple[date, date]]) -> None:
    one, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    each = [
        [law.move_in_deadline(day, CALENDAR) for day in one],
        [law.move_within_deadline(day, CALENDAR) for day in one],
        [law.card_continuation_limit(day, CALENDAR) for day in one],
        [law.card_route_limit(plan, living, CALENDAR) for plan, living in pairs],
    ]
    by_date = [
        law.move_in_deadlines(dates(*one), CALENDAR),
        law.move_within_deadlines(dates(*one), CALENDAR),
        law.card_continuation_limits(dates(*one), CALENDAR),
        law.card_route_limits(dates(*one), dates(*other), CALENDAR),
    ]
    by_number = [
        law.move_in_deadlines(numbers(*one), CALENDAR),
        law.move_within_deadlines(numbers(*one), CALENDAR),
        law.card_continuation_limits(numbers(*one), CALENDAR),
        law.card_route_limits(numbers(*one), numbers(*other), CALENDAR),
    ]
    assert [found.tolist() for found in by_date] == each
    assert [found.tolist() for found in by_number] == [numbers(*row).tolist() for row in each]


@given(days, st.integers(-60, 60))
def test_the_online_window_of_many_agrees_with_that_of_one(move: date, lead: int) -> None:
    filed = move - timedelta(days=lead)
    expected = law.may_file_online(filed, move)
    assert expected == (-10 <= lead <= 30)
    assert law.may_file_online_each(numbers(filed), numbers(move)).tolist() == [expected]
    assert law.may_file_online_each(dates(filed), dates(move)).tolist() == [expected]


@given(days)
def test_an_office_open_all_week_gives_exactly_the_days_of_the_law(day: date) -> None:
    last = day + timedelta(days=law.MOVE_IN_DAYS)
    assume(ALL_WEEK.holiday_name(last, "en") is None)
    assert law.move_in_deadline(day, ALL_WEEK) == last
