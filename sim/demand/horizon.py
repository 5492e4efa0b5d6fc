"""The days of a simulation: day 0 is the first day of the warm-up, time 0 its midnight in Japan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from scenarios.law import MOVE_IN_DAYS, ONLINE_DAYS_BEFORE_MOVE, last_days
from scenarios.opening import OpeningCalendar, sunday_openings
from scenarios.schema import Scenario
from sim.program import Bools, Ints
from sim.recall import OF_ALL, part_of

MINUTES_PER_DAY = 1440
LOOK_AHEAD_DAYS = ONLINE_DAYS_BEFORE_MOVE + MOVE_IN_DAYS + 1
"""Visits so long after the end are drawn too, because their notices and preparation begin before it."""
CLOSING_DAYS = LOOK_AHEAD_DAYS + 45
"""Calendars go on so long after the end, until everybody has left (returns, certificate data, later visits)."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """Days as numbers from 0, and what kind of day each is.

    Attributes
    ----------
    first
        Date of day 0.
    warm_up, days
        Days before the results begin; days until their end, warm-up included.
    is_open, is_sunday_opening
        Shape (days + CLOSING_DAYS,).
    calendar
        Opening days, also outside the horizon.
    """

    first: date
    warm_up: int
    days: int
    is_open: Bools
    is_sunday_opening: Bools
    calendar: OpeningCalendar

    @property
    def window(self) -> tuple[float, float]:
        """Start and end of the results in model minutes."""
        return float(self.warm_up * MINUTES_PER_DAY), float(self.days * MINUTES_PER_DAY)

    @property
    def all_days(self) -> int:
        """Number of days for which the calendars are known."""
        return len(self.is_open)

    def date_of(self, day: int) -> date:
        """Date of a day number."""
        return self.first + timedelta(days=int(day))

    def day_of(self, when: date) -> int:
        """Day number of a date."""
        return (when - self.first).days

    def minute_of(self, when: datetime) -> float:
        """Model time of a moment in Japan."""
        return self.day_of(when.date()) * MINUTES_PER_DAY + when.hour * 60 + when.minute + when.second / 60

    def weekday(self) -> Ints:
        """Weekday of every day, 0 for Monday."""
        return (self.first.weekday() + np.arange(self.all_days)) % 7

    def dates_of(self, day: Ints) -> npt.NDArray[np.datetime64]:
        """Dates of day numbers."""
        return np.datetime64(self.first, "D") + day.astype("timedelta64[D]")

    def next_open(self, day: Ints) -> Ints:
        """First opening day at or after each day."""
        return _by_day(day, lambda days: self._numbers(self.calendar.next_open(self.dates_of(days))))

    def add_open_days(self, day: Ints, number: Ints) -> Ints:
        """Go on by some opening days from the first one at or after each day (backwards when negative)."""

        def added(pair: Ints) -> Ints:
            on, by = pair // steps + first, pair % steps + least
            return self._numbers(self.calendar.add_open_days(self.dates_of(on), by))

        if not len(day):
            return np.zeros(0, dtype=np.int64)
        first, least = int(day.min()), int(number.min())
        steps = int(number.max()) - least + 1
        return _by_day((day - first) * steps + (number - least), added)

    def deadlines(self, moved: Ints) -> Ints:
        """Last day in time for a notice of moving in or within, for each day of moving."""
        return _by_day(moved, lambda days: self._numbers(last_days(self.dates_of(days), MOVE_IN_DAYS, self.calendar)))

    def _numbers(self, dates: npt.NDArray[np.datetime64]) -> Ints:
        return (dates - np.datetime64(self.first, "D")).astype(np.int64)


def _by_day(number: Ints, function: Callable[[Ints], Ints]) -> Ints:
    """Call a function for each number that occurs, once: many households share few days."""
    if not len(number):
        return np.zeros(0, dtype=np.int64)
    first = int(number.min())
    there = np.bincount(number - first)
    occurs = np.flatnonzero(there)
    found = np.zeros(len(there), dtype=np.int64)
    found[occurs] = function(occurs + first)
    return np.asarray(found[number - first])


def horizon_of(scenario: Scenario) -> Horizon:
    """Days of a scenario's period, its warm-up and what follows."""
    return OF_ALL.recall(_horizon, part_of(scenario, "period", "opening.sunday"))


def _horizon(scenario: Scenario) -> Horizon:
    period = scenario.period
    first = period.start - timedelta(days=period.warm_up_days)
    days = (period.end - first).days + 1
    dates = [first + timedelta(days=number) for number in range(days + CLOSING_DAYS)]
    calendar = OpeningCalendar.around(first, dates[-1])
    sunday = scenario.opening.sunday
    week, december_week = (sunday.week, sunday.december_week) if sunday else (4, 3)
    sundays = sunday_openings(dates[0], dates[-1], week, december_week) if sunday else []
    return Horizon(
        first=first,
        warm_up=period.warm_up_days,
        days=days,
        is_open=np.array([calendar.is_open_day(day) for day in dates]),
        is_sunday_opening=np.isin(np.array(dates, dtype="datetime64[D]"), np.array(sundays, dtype="datetime64[D]")),
        calendar=calendar,
    )
