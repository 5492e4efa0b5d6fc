"""Who waits and who is held at each place over time: spells and step functions, from a program and its log."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from sim.kernels import kernel
from sim.levels import Level, Window, changes_only, most, ticks_between
from sim.log import Log
from sim.program import TICKS_PER_MINUTE, Bools, Calendar, Floats, Ints, Op, Program
from sim.recall import OF_ALL


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
        return Level(*_under_way(np.sort(self.start), np.sort(self.end)))  # NaN comes last


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
        self._seized = _ByPlace(program, log, Op.SEIZE)
        self._released = _ByPlace(program, log, Op.RELEASE)
        released = self._released.all_rows
        self.release_of = np.full(program.rows, -1)
        self.release_of[released + program.jump[released]] = released
        self._busy: dict[int, tuple[Spells, Level]] = {}

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
        return self._held(place)[0]

    def busy(self, place: int) -> Level:
        """Return how many units of a place are held at each time."""
        return self._held(place)[1]

    def _held(self, place: int) -> tuple[Spells, Level]:
        """Found once for each place: laws and measures both ask."""
        if place not in self._busy:
            log, program = self.log, self.program
            rows = self._seized.rows(place)
            spells = Spells(*_granted(rows, program.klass, log.enter, log.leave, log.gone, self.release_of))
            self._busy[place] = spells, spells.level()
        return self._busy[place]


class _ByPlace:
    """The rows of one instruction that were entered, grouped by their place, ascending within it."""

    def __init__(self, program: Program, log: Log, op: Op) -> None:
        places = len(program.places)
        self.all_rows, self._start = _rows_by_place(program.op, program.place, log.enter, int(op), places)

    def rows(self, place: int) -> Ints:
        return self.all_rows[self._start[place] : self._start[place + 1]]


@kernel
def _rows_by_place(
    op: npt.NDArray[np.int8], place: npt.NDArray[np.int32], enter: Floats, wanted: int, places: int
) -> tuple[Ints, Ints]:
    """Entered rows of an instruction, place by place, and where those of each place begin."""
    start = np.zeros(places + 1, np.int64)
    for row in range(len(op)):
        if op[row] == wanted and not np.isnan(enter[row]):
            start[place[row] + 1] += 1
    for number in range(places):
        start[number + 1] += start[number]
    free = start[:-1].copy()
    rows = np.empty(start[-1], np.int64)
    for row in range(len(op)):
        if op[row] == wanted and not np.isnan(enter[row]):
            rows[free[place[row]]] = row
            free[place[row]] += 1
    return rows, start


@kernel
def _granted(
    rows: Ints, klass: npt.NDArray[np.int8], enter: Floats, leave: Floats, gone: Bools, release_of: Ints
) -> tuple[Ints, Ints, Floats, Floats]:
    """The columns of `Spells` for the SEIZE rows that got a unit."""
    row, own = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    start, end = np.empty(len(rows)), np.empty(len(rows))
    number = 0
    for seized in rows:
        if np.isnan(leave[seized]) or gone[seized]:
            continue
        given_back = release_of[seized]
        row[number], own[number], start[number] = seized, klass[seized], leave[seized]
        end[number] = enter[given_back] if given_back >= 0 else np.nan
        number += 1
    return row[:number].copy(), own[:number].copy(), start[:number].copy(), end[:number].copy()


@kernel
def _under_way(start: Floats, end: Floats) -> tuple[Floats, Ints]:
    """How many spells are under way, from sorted starts and sorted ends (NaN last), where that number changes."""
    time, value = np.empty(len(start) + len(end)), np.empty(len(start) + len(end), np.int64)
    began, ended, now, number = 0, 0, 0, 0
    while began < len(start) or (ended < len(end) and not np.isnan(end[ended])):
        if ended == len(end) or np.isnan(end[ended]) or (began < len(start) and start[began] <= end[ended]):
            moment = start[began]
        else:
            moment = end[ended]
        before = now
        while began < len(start) and start[began] == moment:
            began, now = began + 1, now + 1
        while ended < len(end) and end[ended] == moment:
            ended, now = ended + 1, now - 1
        if now != before:
            time[number], value[number] = moment, now
            number += 1
    return time[:number].copy(), value[:number].copy()


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
    return _capacity(program.calendar, place, klass)


def _capacity(calendar: Calendar, place: int, klass: int) -> Level:
    row = np.flatnonzero((calendar.place == place) & (calendar.klass == klass))
    row = row[np.append(calendar.time[row][1:] > calendar.time[row][:-1], True)] if len(row) else row
    return changes_only(Level(calendar.time[row], calendar.capacity[row]))


def widest_capacity(program: Program, place: int) -> Level:
    """Return the capacity of whichever class has the most at each time: the units that are there to be held."""
    return OF_ALL.recall(_widest_capacities, program.calendar, len(program.places), program.classes)[place]


def handovers(program: Program, place: int) -> Floats:
    """Return when a whole new crew takes a place over, strictly rising."""
    return OF_ALL.recall(_handovers, program.calendar, len(program.places))[place]


def _widest_capacities(calendar: Calendar, places: int, classes: int) -> tuple[Level, ...]:
    nothing = Level(np.empty(0), np.empty(0, dtype=np.int64))
    return tuple(
        reduce(most, (_capacity(calendar, place, klass) for klass in range(classes)), nothing)
        for place in range(places)
    )


def _handovers(calendar: Calendar, places: int) -> tuple[Floats, ...]:
    times = ((calendar.place == place) & calendar.handover for place in range(places))
    return tuple(np.unique(calendar.time[chosen]) for chosen in times)
