"""The scenario clock: what time it is in Japan for the fake systems, at the scenario's speed.

Processes that are given the same settings agree on the time. It never goes back; only a skew, which is a fault, can
move what one server reads. Model minutes of `sim` are turned into moments and back here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Final, Protocol

JST: Final = timezone(timedelta(hours=9), "JST")
"""Japan has no summer time, so a fixed distance from UTC is exact."""

MICROS_PER_MINUTE: Final = 60_000_000
MODEL_GRID: Final = 2**20
"""Model time lies on a grid of so many parts of a minute, so that its sums are exact (docs/model.md)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO: Final = timedelta(microseconds=1)
_FINEST_SPEED: Final = 1_000_000


class Clock(Protocol):
    """What rules of time ask."""

    def now(self) -> datetime:
        """Return the moment that this server reads, in Japan."""
        ...


def micros_of(at: datetime) -> int:
    """Return a moment as whole microseconds since 1970 (UTC).

    Raises
    ------
    ValueError
        For a moment without a time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"a moment of the scenario needs a time zone: {at}")
    return (at - _EPOCH) // _MICRO


def moment_of(micros: int) -> datetime:
    """Return the moment in Japan of microseconds since 1970 (UTC)."""
    return (_EPOCH + timedelta(microseconds=micros)).astimezone(JST)


class ScenarioClock:
    """A clock that runs `speed` times as fast as real time from a moment of the scenario on.

    Parameters
    ----------
    start
        Moment of the scenario, with a time zone, at which the clock began.
    speed
        Scenario seconds in a real second: 1 is real time, 60 an hour in a minute, 0 stands still. At most six places
        after the point.
    began
        Real time at which it began, nanoseconds since 1970 as `time.time_ns()`; now if not given. Processes that get
        the same value agree, also after a restart.
    ticks
        Real nanoseconds that never go back, from any zero.

    Raises
    ------
    ValueError
        For a start without a time zone or a speed below 0.
    """

    def __init__(
        self,
        start: datetime,
        speed: float = 1.0,
        began: int | None = None,
        ticks: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        if speed < 0:
            raise ValueError(f"a clock does not run backwards: {speed}")
        self._ticks = ticks
        self._rate = Fraction(speed).limit_denominator(_FINEST_SPEED)
        already = 0 if began is None else max(0, time.time_ns() - began)
        self._zero = ticks() - already
        self._start = micros_of(start)
        self._skew = 0

    @property
    def speed(self) -> float:
        """Scenario seconds in a real second."""
        return float(self._rate)

    @property
    def skew(self) -> timedelta:
        """How far this server's reading is ahead of the scenario's time (behind when negative)."""
        return timedelta(microseconds=self._skew)

    @skew.setter
    def skew(self, ahead: timedelta) -> None:
        self._skew = ahead // _MICRO

    def true_micros(self) -> int:
        """Return the scenario's time without skew, microseconds since 1970; never smaller than before."""
        elapsed = self._ticks() - self._zero
        return self._start + elapsed * self._rate.numerator // (1000 * self._rate.denominator)

    def micros(self) -> int:
        """Return the time that this server reads, microseconds since 1970."""
        return self.true_micros() + self._skew

    def now(self) -> datetime:
        """Return the moment that this server reads, in Japan."""
        return moment_of(self.micros())

    def true_now(self) -> datetime:
        """Return the scenario's moment without skew, in Japan."""
        return moment_of(self.true_micros())

    def today(self) -> date:
        """Return the day in Japan that this server reads."""
        return self.now().date()

    def real_seconds(self, span: timedelta) -> float:
        """Return how long a span of the scenario takes in real time, seconds; infinite while the clock stands still."""
        return span.total_seconds() / float(self._rate) if self._rate else float("inf")

    def not_before(self, latest: datetime) -> None:
        """Go on from `latest` if the clock is behind it.

        A store that was filled by a later clock is opened with its newest record, so that nothing new is older.
        """
        behind = micros_of(latest) - self.true_micros()
        if behind > 0:
            self._start += behind


class HandClock(ScenarioClock):
    """A clock that only moves when it is told to, for tests and rehearsals step by step."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start, speed=0.0, ticks=lambda: 0)

    def advance(self, span: timedelta) -> datetime:
        """Go on by a span and return the new moment.

        Raises
        ------
        ValueError
            For a span below 0.
        """
        if span < timedelta(0):
            raise ValueError(f"a clock does not run backwards: {span}")
        self.not_before(self.true_now() + span)
        return self.now()

    def set(self, at: datetime) -> datetime:
        """Go on to a moment and return it.

        Raises
        ------
        ValueError
            For a moment that has passed.
        """
        return self.advance(at - self.true_now())


class ModelTime:
    """Model minutes of `sim`, counted from the midnight in Japan that begins the first simulated day.

    Parameters
    ----------
    first
        First simulated day, warm-up included.
    """

    def __init__(self, first: date) -> None:
        self._midnight = micros_of(datetime(first.year, first.month, first.day, tzinfo=JST))

    def moment(self, minutes: float) -> datetime:
        """Return the moment of a model time, to the microsecond."""
        return moment_of(self._midnight + round(Fraction(minutes) * MICROS_PER_MINUTE))

    def minutes(self, at: datetime) -> float:
        """Return the model time of a moment, on the model's grid; `minutes(moment(m)) == m` for every m on it."""
        return round(Fraction(micros_of(at) - self._midnight, MICROS_PER_MINUTE) * MODEL_GRID) / MODEL_GRID
