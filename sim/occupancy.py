"""Who waits and who is held at each place over time: spells and step functions, from a program and its log.

Integrals are sums of whole ticks in 64-bit integers, so they are exact (up to 8.8e12 person-minutes).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from sim.log import Log
from sim.program import TICKS_PER_MINUTE, Bools, Floats, Ints, Op, Program

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
        edges = in_ticks(np.clip(np.append(self.time, window[1]), *window))
        return int(self.value @ np.diff(edges))

    def integral(self, window: Window) -> float:
        """Return the integral over a window, in unit-minutes."""
        return self.ticks(window) / TICKS_PER_MINUTE

    def _at(self, position: Ints | np.intp) -> Ints:
        return np.append(0, self.value)[position]


@dataclass(frozen=True, slots=True)
class Spells:
    """Intervals at one place, one for each SEIZE that was entered (waiting) or granted (held).

    Attributes
    ----------
    row, klass
        Shape (n,): row of the SEIZE, its priority class.
    start, end
        Shape (n,), minutes; the end is NaN where the spell never ended.
    """

    row: Ints
    klass: Ints
    start: Floats
    end: Floats

    def where(self, chosen: Bools) -> Spells:
        """Return the chosen spells. `chosen` has shape (n,)."""
        return Spells(self.row[chosen], self.klass[chosen], self.start[chosen], self.end[chosen])

    def minutes(self, window: Window) -> Floats:
        """Return the minutes of each spell inside a window, shape (n,)."""
        return ticks_between(self.start, self.end, window) / TICKS_PER_MINUTE

    def level(self) -> Level:
        """Return how many spells are under way at each time."""
        ended = self.end[~np.isnan(self.end)]
        moments, index = np.unique(np.concatenate([self.start, ended]), return_inverse=True)
        change = np.bincount(index[: len(self.start)], minlength=len(moments))
        change -= np.bincount(index[len(self.start) :], minlength=len(moments))
        changes = change != 0
        return Level(moments[changes], np.cumsum(change[changes]))


class Occupancy:
    """The queues and units of one run, place by place: one pass over the log, then slices of it.

    Attributes
    ----------
    program, log
        The run.
    release_of
        Shape (rows,): the row of the RELEASE that gave back what this SEIZE took; -1 where there was none.
    """

    def __init__(self, program: Program, log: Log) -> None:
        self.program, self.log = program, log
        entered = ~np.isnan(log.enter)
        self._seized = _ByPlace(program, np.flatnonzero(entered & (program.op == Op.SEIZE)))
        released = np.flatnonzero(entered & (program.op == Op.RELEASE))
        self._released = _ByPlace(program, released)
        self.release_of = np.full(program.rows, -1)
        self.release_of[released + program.jump[released]] = released

    def releases(self, place: int) -> Ints:
        """Return the rows at which units of a place were given back."""
        return self._released.rows(place)

    def waited(self, place: int) -> Spells:
        """Return the time in the queue of a place: from arrival until the grant or giving up, 0 minutes included."""
        row = self._seized.rows(place)
        klass = self.program.klass[row].astype(np.int64)
        return Spells(row, klass, self.log.enter[row], self.log.leave[row])

    def held(self, place: int) -> Spells:
        """Return the time for which units of a place were held: from the grant until the RELEASE."""
        queued = self.waited(place)
        granted = queued.where(~np.isnan(queued.end) & ~self.log.gone[queued.row])
        release = self.release_of[granted.row]
        end = np.full(len(release), np.nan)
        end[release >= 0] = self.log.enter[release[release >= 0]]
        return Spells(granted.row, granted.klass, granted.end, end)


class _ByPlace:
    """Some rows, grouped by their place, ascending within it."""

    def __init__(self, program: Program, rows: Ints) -> None:
        places = program.place[rows]
        self._rows = rows[np.argsort(places, kind="stable")]
        self._start = np.searchsorted(np.sort(places), np.arange(len(program.places) + 1))

    def rows(self, place: int) -> Ints:
        return self._rows[self._start[place] : self._start[place + 1]]


def waited(program: Program, log: Log, place: int) -> Spells:
    """Return `Occupancy.waited` of one place; for several, make the occupancy once."""
    return Occupancy(program, log).waited(place)


def held(program: Program, log: Log, place: int) -> Spells:
    """Return `Occupancy.held` of one place; for several, make the occupancy once."""
    return Occupancy(program, log).held(place)


def by_class(program: Program, spells: Spells) -> tuple[Level, ...]:
    """Split the level of some spells by priority class, one level for each class."""
    return tuple(spells.where(spells.klass == klass).level() for klass in range(program.classes))


def capacity(program: Program, place: int, klass: int) -> Level:
    """Return how many units of a place one class may see busy before it must wait, over time."""
    calendar = program.calendar
    row = np.flatnonzero((calendar.place == place) & (calendar.klass == klass))
    row = row[np.append(calendar.time[row][1:] > calendar.time[row][:-1], True)] if len(row) else row
    return changes_only(Level(calendar.time[row], calendar.capacity[row]))


def widest_capacity(program: Program, place: int) -> Level:
    """Return the capacity of whichever class has the most at each time: the units that are there to be held."""
    classes = (capacity(program, place, klass) for klass in range(program.classes))
    return reduce(most, classes, Level(np.empty(0), np.empty(0, dtype=np.int64)))


def changes_only(level: Level) -> Level:
    """Return the same step function without the times at which it stays as it is."""
    changes = np.diff(level.value, prepend=0) != 0
    return Level(level.time[changes], level.value[changes])


def least(one: Level, other: Level) -> Level:
    """Return the lesser of two step functions."""
    time = np.union1d(one.time, other.time)
    return Level(time, np.minimum(one.sampled(time), other.sampled(time)))


def most(one: Level, other: Level) -> Level:
    """Return the greater of two step functions."""
    time = np.union1d(one.time, other.time)
    return changes_only(Level(time, np.maximum(one.sampled(time), other.sampled(time))))


def total(one: Level, other: Level) -> Level:
    """Return the sum of two step functions."""
    time = np.union1d(one.time, other.time)
    return Level(time, one.sampled(time) + other.sampled(time))


def excess(one: Level, other: Level) -> Level:
    """Return by how much the first step function is above the second, 0 where it is not."""
    time = np.union1d(one.time, other.time)
    return Level(time, np.maximum(one.sampled(time) - other.sampled(time), 0))


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
