"""Step functions of whole units over time, exact to the tick: their minima, sums, excesses and integrals.

Integrals are sums of whole ticks in 64-bit integers, so they are exact (up to 8.8e12 person-minutes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.kernels import kernel
from sim.program import TICKS_PER_MINUTE, Floats, Ints

_TICKS = float(TICKS_PER_MINUTE)

Window = tuple[float, float]
"""Minutes [start, end): what happens at `end` itself is outside."""


def in_ticks(minutes: Floats | float) -> Ints:
    """Count finite times or durations in whole ticks of the time grid."""
    return np.rint(np.asarray(minutes, dtype=np.float64) * TICKS_PER_MINUTE).astype(np.int64)


def ticks_between(start: Floats, end: Floats, window: Window) -> Ints:
    """Return the ticks of each spell inside a window; a NaN end lasts beyond it. Shape as given."""
    first, last = window
    ends = np.where(np.isnan(end), last, end)
    return in_ticks(np.clip(ends, first, last)) - in_ticks(np.clip(start, first, last))


@dataclass(frozen=True, slots=True)
class Level:
    """A step function of whole units over time.

    Attributes
    ----------
    time
        Shape (n,), minutes, strictly rising.
    value
        Shape (n,), value[i] holds from time[i] until time[i + 1], the last one for ever; 0 before time[0].
    """

    time: Floats
    value: Ints

    def sampled(self, at_times: Floats) -> Ints:
        """Return the value at each time, after all that happens in that instant. Shape of `at_times`."""
        return self._at(np.searchsorted(self.time, at_times, side="right"))

    def before(self, at_times: Floats | float) -> Ints:
        """Return the value just before each time. Shape of `at_times`."""
        return self._at(np.searchsorted(self.time, at_times, side="left"))

    def ticks(self, window: Window) -> int:
        """Return the exact integral over a window, in unit-ticks."""
        return int(_integral(self.time, self.value, *window))

    def integral(self, window: Window) -> float:
        """Return the integral over a window, in unit-minutes."""
        return self.ticks(window) / TICKS_PER_MINUTE

    def _at(self, position: Ints | np.intp) -> Ints:
        return np.append(0, self.value)[position]


@kernel
def _integral(time: Floats, value: Ints, first: float, last: float) -> int:
    """Unit-ticks of a step function inside a window."""
    total = 0
    for number in range(len(time)):
        until = time[number + 1] if number + 1 < len(time) else last
        begin, end = min(max(time[number], first), last), min(max(until, first), last)
        total += value[number] * (int(np.rint(end * _TICKS)) - int(np.rint(begin * _TICKS)))
    return total


def changes_only(level: Level) -> Level:
    """Return the same step function without the times at which it stays as it is."""
    changes = np.diff(level.value, prepend=0) != 0
    return Level(level.time[changes], level.value[changes])


_LEAST, _MOST, _TOTAL, _EXCESS = range(4)


def least(one: Level, other: Level) -> Level:
    """Return the lesser of two step functions."""
    return _combined(one, other, _LEAST)


def most(one: Level, other: Level) -> Level:
    """Return the greater of two step functions."""
    return changes_only(_combined(one, other, _MOST))


def total(one: Level, other: Level) -> Level:
    """Return the sum of two step functions."""
    return _combined(one, other, _TOTAL)


def excess(one: Level, other: Level) -> Level:
    """Return by how much the first step function is above the second, 0 where it is not."""
    return _combined(one, other, _EXCESS)


def _combined(one: Level, other: Level, how: int) -> Level:
    return Level(*_merged(one.time, one.value, other.time, other.value, how))


@kernel
def _merged(time: Floats, value: Ints, other_time: Floats, other_value: Ints, how: int) -> tuple[Floats, Ints]:
    """Two step functions as one, at every time at which either has a step."""
    times, values = np.empty(len(time) + len(other_time)), np.empty(len(time) + len(other_time), np.int64)
    mine, theirs, first, second, number = 0, 0, 0, 0, 0
    while mine < len(time) or theirs < len(other_time):
        if theirs == len(other_time) or (mine < len(time) and time[mine] <= other_time[theirs]):
            moment = time[mine]
        else:
            moment = other_time[theirs]
        if mine < len(time) and time[mine] == moment:
            first, mine = value[mine], mine + 1
        if theirs < len(other_time) and other_time[theirs] == moment:
            second, theirs = other_value[theirs], theirs + 1
        if how == _LEAST:
            now = min(first, second)
        elif how == _MOST:
            now = max(first, second)
        elif how == _TOTAL:
            now = first + second
        else:
            now = max(first - second, 0)
        times[number], values[number] = moment, now
        number += 1
    return times[:number].copy(), values[:number].copy()


def integral_within(busy: Level, staffed: Level | tuple[Floats, Ints], window: Window) -> tuple[float, float]:
    """Return the unit-minutes worked by staff on duty, and those on duty; utilisation is the first over the second.

    Parameters
    ----------
    busy
        Units held over time.
    staffed
        Units on duty over time, as a level or as (times, values).
    window
        Minutes [start, end).

    Returns
    -------
    tuple of float
        The integrals of min(busy, staffed) and of staffed.
    """
    duty = _as_level(staffed)
    return least(busy, duty).integral(window), duty.integral(window)


def integral_above(busy: Level, staffed: Level | tuple[Floats, Ints], window: Window) -> float:
    """Return the unit-minutes of overtime: the integral of max(busy - staffed, 0); arguments as `integral_within`."""
    return excess(busy, _as_level(staffed)).integral(window)


def _as_level(steps: Level | tuple[Floats, Ints]) -> Level:
    return steps if isinstance(steps, Level) else Level(*steps)
