"""Hours of the resident network (住基ネット): on opening days, from one time of day to another.

Real hours are not published; 08:30 to 19:00 on weekdays is the scenario's assumption (`[jlis] hours`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from fakes.clock import JST
from scenarios.opening import OpeningCalendar

DEFAULT: Final = "08:30-19:00"


@dataclass(frozen=True, slots=True)
class NetworkHours:
    """When the resident network takes and hands over telegrams.

    Attributes
    ----------
    calendar
        Its opening days.
    opens, closes
        Minutes after midnight in Japan; at `closes` it is closed.
    """

    calendar: OpeningCalendar
    opens: int
    closes: int

    @classmethod
    def of(cls, hours: str, calendar: OpeningCalendar) -> NetworkHours:
        """Hours as a scenario writes them, "08:30-19:00"."""
        opens, closes = (60 * int(part[:2]) + int(part[3:]) for part in hours.split("-"))
        return cls(calendar, opens, closes)

    def is_open(self, at: datetime) -> bool:
        """Whether it takes telegrams at a moment."""
        local = at.astimezone(JST)
        day = local.date()
        return self._opening(day) <= local < self._closing(day) and self.calendar.is_open_day(day)

    def next_opening(self, at: datetime) -> datetime:
        """Return the first moment from `at` on at which it is open: `at` itself while it is."""
        if self.is_open(at):
            return at
        local = at.astimezone(JST)
        passed = local >= self._opening(local.date())
        return self._opening(self.calendar.next_open_day(local.date(), strictly=passed))

    def _opening(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=JST) + timedelta(minutes=self.opens)

    def _closing(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=JST) + timedelta(minutes=self.closes)
