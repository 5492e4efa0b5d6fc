"""On which days the office is open: weekends, public holidays and the year-end closure, for one day or many.

Sunday openings of single services stand apart at the end: such a Sunday is no opening day for deadlines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from texts import Lang, say

Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Day = TypeVar("Day", np.datetime64, np.int64)
"""Many days at once: datetime64[D], or whole numbers that count days from 1970-01-01; results come in kind."""

MonthDay = tuple[int, int]

YEAR_END: Final[tuple[MonthDay, MonthDay]] = ((12, 29), (1, 3))
"""First and last day of the year-end closure. Not a public holiday; Shinjuku closes then as offices do everywhere
(https://local-media.heteml.net/archives/29016)."""

FIRST_YEAR: Final = 1949
LAST_YEAR: Final = 2099
"""Years for which public holidays are known or computed. The two equinoxes are announced each February for the next
year; later ones are the astronomical forecast."""

_EPOCH: Final = date(1970, 1, 1).toordinal()
_SUNDAY: Final = 6
_HOLIDAY_LANGUAGE: Final[dict[Lang, str]] = {"ja": "ja", "en": "en_US"}


class CalendarRangeError(ValueError):
    """A day or a year that the calendar does not cover; nothing is known about holidays there."""

    def __init__(self, key: str, **values: object) -> None:
        self.code = key
        self.values = values
        super().__init__(self.say("en"))

    def say(self, lang: Lang) -> str:
        """Return the message in one language."""
        return f"{self.code} {say(self.code, lang, **self.values)}"


@dataclass(frozen=True, slots=True)
class OpeningCalendar:
    """Opening days of an office over whole years.

    Parameters
    ----------
    first_year, last_year
        Years covered, both included. Asking about any other day raises CalendarRangeError.
    open_weekdays
        Seven characters from Monday, 1 where the office opens.
    year_end
        First and last day (month, day) of the closure around New Year; None for none.
    closed
        Further closed days.
    """

    first_year: int
    last_year: int
    open_weekdays: str = "1111100"
    year_end: tuple[MonthDay, MonthDay] | None = YEAR_END
    closed: frozenset[date] = frozenset()
    _closed: frozenset[date] = field(init=False, repr=False, compare=False)
    _year_end_days: frozenset[date] = field(init=False, repr=False, compare=False)
    _busdays: np.busdaycalendar = field(init=False, repr=False, compare=False)
    _weekdays: np.busdaycalendar = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.first_year <= self.last_year <= LAST_YEAR:
            found = f"{self.first_year}-{self.last_year}"
            raise CalendarRangeError("E-calendar-years", first=FIRST_YEAR, last=LAST_YEAR, found=found)
        year_end = frozenset(_year_end_days(self.first_year, self.last_year, self.year_end))
        closed = year_end.union(self.closed, _public_holidays(self.first_year, self.last_year, "ja"))
        days = np.array(sorted(closed), dtype="datetime64[D]")
        object.__setattr__(self, "_closed", closed)
        object.__setattr__(self, "_year_end_days", year_end)
        object.__setattr__(self, "_busdays", np.busdaycalendar(self.open_weekdays, days))
        object.__setattr__(self, "_weekdays", np.busdaycalendar(self.open_weekdays))

    def __reduce__(self) -> tuple[Any, ...]:
        # NumPy's calendar cannot be pickled; a worker builds its own.
        return OpeningCalendar, (self.first_year, self.last_year, self.open_weekdays, self.year_end, self.closed)

    @classmethod
    def around(cls, first: date, last: date) -> OpeningCalendar:
        """Calendar of a period with a year to spare on both sides, so that deadlines and closures fit."""
        return cls(first.year - 1, last.year + 1)

    @property
    def first(self) -> date:
        """First day covered."""
        return date(self.first_year, 1, 1)

    @property
    def last(self) -> date:
        """Last day covered."""
        return date(self.last_year, 12, 31)

    # one day

    def is_open_day(self, day: date) -> bool:
        """Whether the office opens on that day."""
        self._check(day, day)
        return self.open_weekdays[day.weekday()] == "1" and day not in self._closed

    def next_open_day(self, day: date, strictly: bool = False) -> date:
        """First opening day from `day` on; with `strictly`, after it."""
        if strictly:
            day += timedelta(days=1)
        while not self.is_open_day(day):
            day += timedelta(days=1)
        return day

    def previous_open_day(self, day: date) -> date:
        """Last opening day before `day`."""
        day -= timedelta(days=1)
        while not self.is_open_day(day):
            day -= timedelta(days=1)
        return day

    def first_open_day_after_closure(self, day: date, closed_days: int = 3) -> bool:
        """Whether the office opens on that day after at least `closed_days` closed days in a row.

        Three days are a weekend with a holiday beside it. On such days Ayase counted 1.5 to 2.1 times its mean
        (https://blog.goo.ne.jp/haruo3016/e/01711259fe667b38fef8b8a89c29324f).
        """
        return self.is_open_day(day) and (day - self.previous_open_day(day)).days > closed_days

    def is_after_holiday(self, day: date) -> bool:
        """Whether the office opens on that day after a closure that took a weekday; a plain weekend does not count."""
        if not self.is_open_day(day):
            return False
        day -= timedelta(days=1)
        while not self.is_open_day(day):
            if self.open_weekdays[day.weekday()] == "1":
                return True
            day -= timedelta(days=1)
        return False

    def holiday_name(self, day: date, lang: Lang) -> str | None:
        """Name of the public holiday or of the year-end closure; None on any other day, weekends included."""
        self._check(day, day)
        name = _public_holidays(self.first_year, self.last_year, lang).get(day)
        if name is None and day in self._year_end_days:
            return say("opening_year_end", lang)
        return name

    # many days

    def are_open(self, days: npt.NDArray[Day]) -> Bools:
        """`is_open_day` of each day."""
        return np.asarray(np.is_busday(self._dates(days), busdaycal=self._busdays))

    def next_open(self, days: npt.NDArray[Day], strictly: bool = False) -> npt.NDArray[Day]:
        """`next_open_day` of each day."""
        roll = "preceding" if strictly else "forward"
        return self._offset(days, int(strictly), roll)

    def add_open_days(self, days: npt.NDArray[Day], n: int | Counts) -> npt.NDArray[Day]:
        """Return the n-th opening day after each day.

        Counting starts with the next day: the first opening day after a Friday and after the Saturday that follows is
        Monday. For n = 0 it is `next_open`, for n < 0 the n-th opening day before.
        """
        forth = self._offset(days, np.maximum(n, 0), "preceding")
        back = self._offset(days, np.minimum(n, 0), "forward")
        return np.where(np.asarray(n) > 0, forth, back)

    def open_days_between(self, start: npt.NDArray[Day], end: npt.NDArray[Day]) -> Counts:
        """Opening days from `start` on and before `end`; where the end lies first, minus those from end to start."""
        first, last = self._dates(np.minimum(start, end)), self._dates(np.maximum(start, end))
        count = np.busday_count(first, last, busdaycal=self._busdays)
        return np.where(start <= end, count, -count).astype(np.int64)

    def closed_days_before(self, days: npt.NDArray[Day]) -> Counts:
        """Closed days in a row just before each day."""
        before = self._offset(days, -1, "forward")
        return (self._dates(days) - self._dates(before)).astype(np.int64) - 1

    def after_closure(self, days: npt.NDArray[Day], closed_days: int = 3) -> Bools:
        """`first_open_day_after_closure` of each day."""
        return self.are_open(days) & (self.closed_days_before(days) >= closed_days)

    def after_holiday(self, days: npt.NDArray[Day]) -> Bools:
        """`is_after_holiday` of each day."""
        weekday = np.busday_offset(self._dates(days), -1, roll="forward", busdaycal=self._weekdays)
        return self.are_open(days) & ~self.are_open(self._dates(weekday))

    def _offset(self, days: npt.NDArray[Day], n: int | Counts, roll: Any) -> npt.NDArray[Day]:
        found = np.busday_offset(self._dates(days), n, roll=roll, busdaycal=self._busdays)
        self._dates(found)
        return found.astype(days.dtype)

    def _dates(self, days: npt.NDArray[Any]) -> npt.NDArray[np.datetime64]:
        if days.dtype.kind not in "iM":
            raise TypeError(f"days are datetime64 or whole numbers, not {days.dtype}")
        dates = days.astype("datetime64[D]")
        if dates.size:
            self._check(dates.min().item(), dates.max().item())
        return dates

    def _check(self, first: date, last: date) -> None:
        for day in (first, last):
            if not self.first <= day <= self.last:
                raise CalendarRangeError("E-calendar-range", day=day, first=self.first, last=self.last)


def day_number(day: date) -> int:
    """Days from 1970-01-01 to a day, the whole number that stands for it in arrays."""
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """Day of a day number."""
    return date.fromordinal(number + _EPOCH)


def fourth_sunday(year: int, month: int, week: int = 4, december_week: int = 3) -> date:
    """Sunday of the month on which some services open: the fourth, in December the third.

    Not an opening day of the calendar: deadlines pass over it, and the national systems may be closed. Source: the
    schedule of 2025 (https://local-media.heteml.net/archives/29016).
    """
    nth = december_week if month == 12 else week
    if not 1 <= nth <= 4:
        raise ValueError(f"every month has Sundays 1 to 4, not {nth}")
    first = date(year, month, 1)
    return first + timedelta(days=(_SUNDAY - first.weekday()) % 7 + 7 * (nth - 1))


def sunday_openings(first: date, last: date, week: int = 4, december_week: int = 3) -> list[date]:
    """Sundays on which some services open, from the first day to the last, both included."""
    months = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    sundays = (fourth_sunday(month // 12, month % 12 + 1, week, december_week) for month in months)
    return [sunday for sunday in sundays if first <= sunday <= last]


@lru_cache(maxsize=16)
def _public_holidays(first_year: int, last_year: int, lang: Lang) -> dict[date, str]:
    years = range(first_year, last_year + 1)
    return dict(_japan()(years=years, language=_HOLIDAY_LANGUAGE[lang]))


@lru_cache(maxsize=1)
def _japan() -> Callable[..., dict[date, str]]:
    """Load the calendar of Japan alone: the package would import those of all countries, a third of a second."""
    package = find_spec("holidays")
    assert package is not None, "it is a dependency"
    assert package.origin is not None, "it is on disk"
    spec = spec_from_file_location("holidays_of_japan", Path(package.origin).parent / "countries" / "japan.py")
    assert spec is not None, "a Python file has a loader"
    assert spec.loader is not None, "a Python file has a loader"
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    calendar: Callable[..., dict[date, str]] = module.Japan
    return calendar


def _year_end_days(first_year: int, last_year: int, span: tuple[MonthDay, MonthDay] | None) -> list[date]:
    if span is None:
        return []
    days = []
    for year in range(first_year - 1, last_year + 1):
        day, last = date(year, *span[0]), date(year + 1, *span[1])
        while day <= last:
            days.append(day)
            day += timedelta(days=1)
    return days
