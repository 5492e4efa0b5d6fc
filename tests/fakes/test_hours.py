"""Hours of the resident network: weekdays from opening to closing, and when it opens next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.clock import JST
from fakes.hours import DEFAULT, NetworkHours
from scenarios.opening import OpeningCalendar
from scenarios.schema.systems import Jlis

HOURS = NetworkHours.of(DEFAULT, OpeningCalendar.around(date(2022, 1, 1), date(2024, 12, 31)))
moments = st.datetimes(datetime(2022, 1, 1), datetime(2024, 12, 1)).map(lambda naive: naive.replace(tzinfo=JST))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2023-03-27 08:29:59", "2023-03-27 08:30"),
        ("2023-03-27 08:30", "2023-03-27 08:30"),
        ("2023-03-27 18:59:59", "2023-03-27 18:59:59"),
        ("2023-03-27 19:00", "2023-03-28 08:30"),
        ("2023-03-25 12:00", "2023-03-27 08:30"),
        ("2023-05-02 20:00", "2023-05-08 08:30"),
        ("2022-12-28 19:00", "2023-01-04 08:30"),
    ],
    ids=["before", "at the opening", "last second", "at the closing", "Saturday", "Golden Week", "New Year"],
)
def test_the_next_opening_is_now_or_the_morning_of_an_opening_day(moment: str, opening: str) -> None:
    assert HOURS.next_opening(at(moment)) == at(opening)
    assert HOURS.is_open(at(moment)) == (moment == opening)


def test_hours_are_those_of_japan_wherever_the_moment_was_written() -> None:
    assert HOURS.is_open(datetime(2023, 3, 27, 0, 0, tzinfo=UTC))
    assert not HOURS.is_open(datetime(2023, 3, 27, 12, 0, tzinfo=UTC))


def test_the_default_is_that_of_scenarios() -> None:
    assert Jlis.model_fields["hours"].default == DEFAULT


@given(moments)
def test_between_a_closed_moment_and_the_next_opening_it_stays_closed(moment: datetime) -> None:
    opening = HOURS.next_opening(moment)
    assert HOURS.is_open(opening)
    if opening > moment:
        assert not HOURS.is_open(moment)
        assert not HOURS.is_open(opening - timedelta(microseconds=1))
        assert not HOURS.is_open(moment + (opening - moment) / 2)
