"""Opening days: what the calendar says of real days, and that one day and many days agree."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.opening import (
    CalendarRangeError,
    OpeningCalendar,
    day_number,
    day_of,
    fourth_sunday,
    sunday_openings,
)

CALENDAR = OpeningCalendar(2014, 2035)
days = st.dates(date(2015, 1, 1), date(2034, 12, 31))


def numbers(*given_days: date) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array([day_number(day) for day in given_days], dtype=np.int64)


def dates(*given_days: date) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    return np.array(given_days, dtype="datetime64[D]")


def open_days(first: date, after: date) -> int:
    return sum(CALENDAR.is_open_day(day_of(number)) for number in range(day_number(first), day_number(after)))


def test_fiscal_year_2025_has_242_opening_days() -> None:
    assert open_days(date(2025, 4, 1), date(2026, 4, 1)) == 242
    assert CALENDAR.open_days_between(numbers(date(2025, 4, 1)), numbers(date(2026, 4, 1))).tolist() == [242]


def test_fiscal_year_2025_has_246_days_without_the_year_end_closure() -> None:
    without = OpeningCalendar(2025, 2026, year_end=None)
    assert without.open_days_between(numbers(date(2025, 4, 1)), numbers(date(2026, 4, 1))).tolist() == [246]


def test_calendar_year_2023_has_245_opening_days() -> None:
    assert open_days(date(2023, 1, 1), date(2024, 1, 1)) == 245


def test_the_launch_period_has_58_opening_days() -> None:
    # February from the 6th 16, March 22, April 20.
    assert [
        open_days(date(2023, 2, 6), date(2023, 3, 1)),
        open_days(date(2023, 3, 1), date(2023, 4, 1)),
        open_days(date(2023, 4, 1), date(2023, 5, 1)),
    ] == [16, 22, 20]


def test_a_day_between_two_holidays_is_a_holiday() -> None:
    assert not CALENDAR.is_open_day(date(2026, 9, 22))
    assert CALENDAR.holiday_name(date(2026, 9, 22), "en") == "National Holiday"
    assert CALENDAR.holiday_name(date(2026, 9, 22), "ja") == "国民の休日"


@pytest.mark.parametrize("day", [date(2022, 12, 29), date(2022, 12, 30), date(2023, 1, 3), date(2024, 1, 3)])
def test_the_office_is_closed_from_29_december_to_3_january(day: date) -> None:
    assert not CALENDAR.is_open_day(day)
    assert CALENDAR.holiday_name(day, "ja") == "年末年始の閉庁日"


@pytest.mark.parametrize("day", [date(2022, 12, 28), date(2023, 1, 4)])
def test_the_office_opens_on_28_december_and_4_january(day: date) -> None:
    assert CALENDAR.is_open_day(day)
    assert CALENDAR.holiday_name(day, "ja") is None


def test_holidays_have_names_in_both_languages_and_weekends_have_none() -> None:
    assert CALENDAR.holiday_name(date(2023, 3, 21), "ja") == "春分の日"
    assert CALENDAR.holiday_name(date(2023, 3, 21), "en") == "Vernal Equinox Day"
    assert CALENDAR.holiday_name(date(2023, 1, 1), "ja") == "元日"
    assert CALENDAR.holiday_name(date(2023, 3, 25), "ja") is None


def test_further_closed_days_are_closed() -> None:
    moved = OpeningCalendar(2023, 2023, closed=frozenset({date(2023, 3, 22)}))
    assert moved.next_open_day(date(2023, 3, 21)) == date(2023, 3, 23)
    assert not moved.are_open(dates(date(2023, 3, 22)))[0]


def test_an_office_may_open_on_saturdays() -> None:
    six_days = OpeningCalendar(2023, 2023, open_weekdays="1111110")
    assert six_days.is_open_day(date(2023, 3, 25))
    assert six_days.are_open(dates(date(2023, 3, 25), date(2023, 3, 26))).tolist() == [True, False]


@pytest.mark.parametrize("day", [date(2016, 3, 22), date(2015, 9, 24)])
def test_the_crowded_days_of_ayase_follow_a_closure_of_three_days_or_more(day: date) -> None:
    assert CALENDAR.first_open_day_after_closure(day)
    assert CALENDAR.is_after_holiday(day)


def test_a_single_holiday_in_midweek_makes_the_next_day_after_holiday_but_no_long_closure() -> None:
    day = date(2023, 3, 22)
    assert CALENDAR.is_after_holiday(day)
    assert not CALENDAR.first_open_day_after_closure(day)
    assert CALENDAR.first_open_day_after_closure(day, closed_days=1)


def test_a_holiday_on_saturday_leaves_an_ordinary_monday() -> None:
    assert CALENDAR.holiday_name(date(2023, 4, 29), "en") == "Showa Day"
    assert not CALENDAR.is_after_holiday(date(2023, 5, 1))


def test_counting_starts_with_the_next_day() -> None:
    friday, saturday, monday = date(2023, 3, 3), date(2023, 3, 4), date(2023, 3, 6)
    found = CALENDAR.add_open_days(dates(friday, saturday), 1)
    assert found.tolist() == [monday, monday]
    assert CALENDAR.add_open_days(dates(friday, saturday), 0).tolist() == [friday, monday]
    assert CALENDAR.add_open_days(dates(saturday, monday), -1).tolist() == [friday, friday]


def test_a_waiting_time_in_opening_days_may_differ_for_each() -> None:
    monday = date(2023, 3, 20)
    found = CALENDAR.add_open_days(dates(monday, monday, monday), np.array([0, 1, 3]))
    assert found.tolist() == [monday, date(2023, 3, 22), date(2023, 3, 24)]


def test_numbers_come_back_as_numbers_and_dates_as_dates() -> None:
    assert CALENDAR.next_open(numbers(date(2023, 4, 29))).dtype == np.int64
    assert CALENDAR.next_open(dates(date(2023, 4, 29))).dtype == np.dtype("datetime64[D]")
    assert CALENDAR.next_open(numbers()).tolist() == []
    with pytest.raises(TypeError):
        CALENDAR.are_open(np.array([1.5]))


def test_the_calendar_refuses_days_that_it_does_not_cover() -> None:
    short = OpeningCalendar(2023, 2023)
    for ask in (
        lambda: short.is_open_day(date(2024, 1, 4)),
        lambda: short.next_open_day(date(2023, 12, 29)),
        lambda: short.are_open(dates(date(2022, 12, 28))),
        lambda: short.next_open(numbers(date(2023, 12, 30))),
        lambda: short.closed_days_before(numbers(date(2023, 1, 4))),
    ):
        with pytest.raises(CalendarRangeError, match="E-calendar-range") as error:
            ask()
        assert "開庁日カレンダー" in error.value.say("ja")


@pytest.mark.parametrize("years", [(2024, 2023), (1948, 2023), (2023, 2100)])
def test_the_calendar_refuses_years_without_known_holidays(years: tuple[int, int]) -> None:
    with pytest.raises(CalendarRangeError, match="E-calendar-years"):
        OpeningCalendar(*years)


def test_a_calendar_survives_the_way_to_a_worker() -> None:
    copy = pickle.loads(pickle.dumps(CALENDAR))  # noqa: S301
    assert copy == CALENDAR
    assert copy.next_open_day(date(2023, 4, 29)) == date(2023, 5, 1)


def test_a_calendar_around_a_period_reaches_every_deadline() -> None:
    around = OpeningCalendar.around(date(2023, 2, 6), date(2023, 4, 30))
    assert (around.first, around.last) == (date(2022, 1, 1), date(2024, 12, 31))


def test_sunday_openings_are_the_fourth_and_in_december_the_third() -> None:
    assert fourth_sunday(2023, 2) == date(2023, 2, 26)
    assert fourth_sunday(2023, 3) == date(2023, 3, 26)
    assert fourth_sunday(2023, 12) == date(2023, 12, 17)
    assert fourth_sunday(2026, 2) == date(2026, 2, 22)
    with pytest.raises(ValueError, match="Sundays 1 to 4"):
        fourth_sunday(2023, 3, week=5)


def test_sunday_openings_of_a_period_are_no_opening_days() -> None:
    found = sunday_openings(date(2022, 11, 28), date(2023, 3, 26))
    assert found == [date(2022, 12, 18), date(2023, 1, 22), date(2023, 2, 26), date(2023, 3, 26)]
    assert not CALENDAR.are_open(dates(*found)).any()


@given(st.integers(2000, 2098), st.integers(1, 12))
def test_a_fourth_sunday_is_a_sunday_of_its_month(year: int, month: int) -> None:
    day = fourth_sunday(year, month)
    assert (day.year, day.month, day.weekday()) == (year, month, 6)
    assert (day.day - 1) // 7 == (2 if month == 12 else 3)


@given(st.lists(days, min_size=1, max_size=20), st.booleans())
@settings(max_examples=60)
def test_many_days_agree_with_one_day_at_a_time(some: list[date], strictly: bool) -> None:
    following = [CALENDAR.next_open_day(day, strictly) for day in some]
    assert CALENDAR.next_open(dates(*some), strictly).tolist() == following
    assert CALENDAR.next_open(numbers(*some), strictly).tolist() == [day_number(day) for day in following]
    assert CALENDAR.are_open(dates(*some)).tolist() == [CALENDAR.is_open_day(day) for day in some]
    assert CALENDAR.after_holiday(dates(*some)).tolist() == [CALENDAR.is_after_holiday(day) for day in some]
    assert CALENDAR.after_closure(numbers(*some)).tolist() == [
        CALENDAR.first_open_day_after_closure(day) for day in some
    ]


@given(days, st.integers(-30, 30))
def test_the_nth_opening_day_is_open_and_n_opening_days_away(day: date, n: int) -> None:
    found = CALENDAR.add_open_days(numbers(day), n)
    assert CALENDAR.are_open(found).all()
    if n > 0:  # those after `day`, up to and with the one found
        assert CALENDAR.open_days_between(numbers(day) + 1, found + 1).tolist() == [n]
    if n < 0:
        assert CALENDAR.open_days_between(found, numbers(day)).tolist() == [-n]


@given(days, days)
def test_opening_days_between_two_days_are_counted_one_by_one(one: date, other: date) -> None:
    first, last = min(one, other), min(max(one, other), min(one, other) + timedelta(days=60))
    count = open_days(first, last)
    assert CALENDAR.open_days_between(numbers(first), numbers(last)).tolist() == [count]
    assert CALENDAR.open_days_between(dates(last), dates(first)).tolist() == [-count]


@given(days)
def test_closed_days_before_are_all_closed_and_follow_an_opening_day(day: date) -> None:
    closed = int(CALENDAR.closed_days_before(numbers(day))[0])
    assert not any(CALENDAR.is_open_day(day - timedelta(days=back)) for back in range(1, closed + 1))
    assert CALENDAR.is_open_day(day - timedelta(days=closed + 1))


@given(days)
def test_day_numbers_are_those_of_numpy(day: date) -> None:
    assert day_number(day) == int(np.datetime64(day, "D").astype(np.int64))
    assert day_of(day_number(day)) == day
