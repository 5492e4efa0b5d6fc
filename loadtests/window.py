"""The piece of the scenario's time that a load test plays: "2023-03-27 08:30/12:30"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from loadtests.errors import LoadError

LONGEST: Final = timedelta(days=14)
MICRO: Final = timedelta(microseconds=1)
_FORM = re.compile(r"\s*(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)\s*/\s*(?:(\d{4}-\d\d-\d\d)[ T])?(\d\d:\d\d)\s*")


@dataclass(frozen=True, slots=True)
class Window:
    """From a minute of the scenario until before another, in Japan."""

    start: datetime
    end: datetime

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read "2023-03-27 08:30/12:30" or "2023-03-27 08:30/2023-03-28 12:30"; 24:00 ends a day.

        Raises
        ------
        LoadError
            E-load-window for another form or a day that does not exist; E-load-window-order when it does not end after
            it begins, or lasts over 14 days.
        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise LoadError("E-load-window", found=text)
        try:
            start = datetime.fromisoformat(f"{match[1]}T{match[2]}")
            end = _end(match[3] or match[1], match[4])
        except ValueError:
            raise LoadError("E-load-window", found=text) from None
        if not timedelta(0) < end - start <= LONGEST:
            raise LoadError("E-load-window-order", found=text, days=LONGEST.days)
        return cls(start, end)

    @property
    def micros(self) -> int:
        """Length, microseconds of the scenario."""
        return (self.end - self.start) // MICRO

    @property
    def minutes(self) -> int:
        """Length, minutes of the scenario."""
        return (self.end - self.start) // timedelta(minutes=1)

    def __str__(self) -> str:
        same_day = self.start.date() == self.end.date()
        end = f"{self.end:%H:%M}" if same_day else f"{self.end:%Y-%m-%d %H:%M}"
        return f"{self.start:%Y-%m-%d %H:%M}/{end}"


def _end(day: str, clock: str) -> datetime:
    if clock == "24:00":
        return datetime.fromisoformat(day) + timedelta(days=1)
    return datetime.fromisoformat(f"{day}T{clock}")
