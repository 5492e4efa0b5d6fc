"""Laws of queueing that hold on every run, whatever the model: each side is computed by a way of its own.

One side comes from the queue's own columns (SEIZE, RELEASE) as a step function, the other from the steps around or
inside it, so an error in either shows. Equalities are exact, because model time lies on a grid.

Sources: Little, J.D.C. (1961), A proof for the queuing formula L = λW, Operations Research 9(3), 383-387; Denning, P.J.
and Buzen, J.P. (1978), The operational analysis of queueing network models, ACM Computing Surveys 10(3), 225-261.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sim.kernels import kernel
from sim.levels import Level, Window, excess, least, most, total
from sim.log import Log
from sim.occupancy import Occupancy, Spells, handovers, widest_capacity
from sim.program import TICKS_PER_MINUTE, Floats, Ints, Op, Program

_DELAY, _WORK = int(Op.DELAY), int(Op.WORK)
_TICKS = float(TICKS_PER_MINUTE)

Law = Literal["little-waiting", "little-service", "flow-balance", "utilisation-law", "utilisation", "capacity"]


@dataclass(frozen=True, slots=True)
class LawCheck:
    """One law at one place in one window.

    Attributes
    ----------
    law
        `little-waiting`, `little-service`: number present integrated over time == sum of the times spent.
        `flow-balance`: present at the start + arrivals == departures + present at the end.
        `utilisation-law`: busy time == throughput x mean service time, as the program's own durations give it.
        `utilisation`: busy time less overtime <= staffed time. Only what the calendar explains counts as overtime:
        work still under way after capacity fell or a new crew came, and capacity beyond the units on duty.
        `capacity`: time with more units busy than capacity and work carried over explain == 0.
    place
        Name.
    left, right
        The two sides, in unit-minutes (counts for `flow-balance`).
    gap
        left - right.
    holds
        True if the sides are equal; for `utilisation`, if left is not above right.
    """

    law: Law
    place: str
    left: float
    right: float
    gap: float
    holds: bool


def check_laws(
    program: Program,
    log: Log,
    window: Window,
    places: Sequence[str] | None = None,
    staffed: Mapping[str, Level] | None = None,
    occupancy: Occupancy | None = None,
) -> list[LawCheck]:
    """Check all laws at each place in a window [start, end) of minutes.

    Parameters
    ----------
    program, log
        One run. What never ended counts until the end of the window.
    window
        Minutes on the time grid, 0 <= start <= end.
    places
        Names; all places by default.
    staffed
        Units on duty over time for some places; by default the widest capacity of any class.
    occupancy
        Of this run, if it has been made already.
    """
    steps = _Steps.of(program, log, window, occupancy or Occupancy(program, log))
    checks: list[LawCheck] = []
    for name in program.places if places is None else places:
        place = program.places.index(name)
        on_duty = (staffed or {}).get(name)
        checks.extend(_checks_at(steps, name, place, on_duty))
    return checks


@dataclass(frozen=True, slots=True)
class _Steps:
    """The run as steps one after another, for the side of each law that does not look at the queue's own times.

    Attributes
    ----------
    came, went
        Shape (rows,): when the step before ended, and when the step after began. NaN where never.
    spent, planned
        Shape (rows + 1,): ticks inside the window of all rows up to each row, by the log and by the program.
    idle_from, idle_from_planned
        Shape (entities,): when the entity had nothing more to do, NaN if it never came to its end.
    """

    occupancy: Occupancy
    window: Window
    came: Floats
    went: Floats
    spent: Ints
    planned: Ints
    idle_from: Floats
    idle_from_planned: Floats

    @classmethod
    def of(cls, program: Program, log: Log, window: Window, occupancy: Occupancy) -> _Steps:
        c = program.calendar
        columns = (program.offset, program.op, program.place, program.value, log.enter, log.leave)
        slow = (c.slow_time, c.slow_place, c.slowness)
        return cls(occupancy, window, *_lived(*columns, *slow, *window))


@kernel
def _lived(
    offset: Ints,
    op: npt.NDArray[np.int8],
    place: npt.NDArray[np.int32],
    value: Floats,
    enter: Floats,
    leave: Floats,
    slow_time: Floats,
    slow_place: Ints,
    slowness: Floats,
    first: float,
    last: float,
) -> tuple[Floats, Floats, Ints, Ints, Floats, Floats]:
    """Follow each entity through the steps that it lived, in their order; the columns of `_Steps` from `came` on.

    DELAY and WORK must take the minutes of the program, WORK at the pace of its place when it begins.
    """
    rows, entities = len(op), len(offset) - 1
    came, went = np.full(rows, np.nan), np.full(rows, np.nan)
    spent, planned = np.zeros(rows + 1, np.int64), np.zeros(rows + 1, np.int64)
    idle_from, idle_from_planned = np.zeros(entities), np.zeros(entities)
    for entity in range(entities):
        before, left = -1, 0.0
        for row in range(offset[entity], offset[entity + 1]):
            spent[row + 1], planned[row + 1] = spent[row], planned[row]
            if np.isnan(enter[row]):
                continue
            came[row] = left
            if before >= 0:
                went[before] = enter[row]
            until = leave[row]
            if op[row] == _DELAY:
                until = enter[row] + value[row]
            elif op[row] == _WORK:
                change = np.searchsorted(slow_time, enter[row], side="right") - 1
                while change >= 0 and slow_place[change] != place[row]:
                    change -= 1
                pace = slowness[change] if change >= 0 else 1.0
                until = enter[row] + np.rint(value[row] * pace * _TICKS) / _TICKS
            spent[row + 1] += _ticks_inside_window(enter[row], leave[row], first, last)
            planned[row + 1] += _ticks_inside_window(enter[row], until, first, last)
            before, left = row, leave[row]
            idle_from[entity], idle_from_planned[entity] = leave[row], until
        if before >= 0:
            went[before] = leave[before]
    return came, went, spent, planned, idle_from, idle_from_planned


@kernel
def _ticks_inside_window(start: float, end: float, first: float, last: float) -> int:
    """`sim.occupancy.ticks_between` of one spell."""
    until = last if np.isnan(end) else min(max(end, first), last)
    return int(np.rint(until * _TICKS)) - int(np.rint(min(max(start, first), last) * _TICKS))


def _checks_at(steps: _Steps, name: str, place: int, on_duty: Level | None) -> Iterator[LawCheck]:
    program, window = steps.occupancy.program, steps.window
    queue, units = steps.occupancy.waited(place), steps.occupancy.held(place)
    waiting, busy = queue.level(), units.level()

    sojourns = int(_ticks_of(queue.row, steps.came, steps.went, *window))
    yield _equal("little-waiting", name, waiting.ticks(window), sojourns)
    yield _equal("little-service", name, busy.ticks(window), _ticks_inside(steps, units, steps.spent, steps.idle_from))
    yield _flow_balance(steps, name, queue, steps.occupancy.releases(place), waiting, busy)
    planned = _ticks_inside(steps, units, steps.planned, steps.idle_from_planned)
    yield _equal("utilisation-law", name, busy.ticks(window), planned)

    allowed = _allowed(program, place, units)
    staff = widest_capacity(program, place) if on_duty is None else on_duty
    overtime = excess(least(busy, allowed), staff)
    worked, duty = busy.ticks(window) - overtime.ticks(window), staff.ticks(window)
    yield _minutes("utilisation", name, worked, duty, worked <= duty)
    yield _equal("capacity", name, excess(busy, allowed).ticks(window), 0)


def _ticks_inside(steps: _Steps, units: Spells, running: Ints, idle_from: Floats) -> int:
    """Return the ticks of all steps between each grant and its RELEASE, and of holding on after the last step.

    Divided by the number of spells this is the mean service time; with throughput it is the busy time.
    """
    offset, release_of = steps.occupancy.program.offset, steps.occupancy.release_of
    return int(_ticks_held(units.row, release_of, offset, running, idle_from, *steps.window))


@kernel
def _ticks_of(rows: Ints, start: Floats, end: Floats, first: float, last: float) -> int:
    ticks = 0
    for row in rows:
        ticks += _ticks_inside_window(start[row], end[row], first, last)
    return ticks


@kernel
def _ticks_held(
    row: Ints, release_of: Ints, offset: Ints, running: Ints, idle_from: Floats, first: float, last: float
) -> int:
    ticks = 0
    for spell in range(len(row)):
        seized, given_back = row[spell], release_of[row[spell]]
        if given_back >= 0:
            ticks += running[given_back] - running[seized + 1]
            continue
        entity = np.searchsorted(offset, seized, side="right") - 1
        ticks += running[offset[entity + 1]] - running[seized + 1]
        if not np.isnan(idle_from[entity]):
            ticks += _ticks_inside_window(idle_from[entity], np.nan, first, last)
    return ticks


def _flow_balance(steps: _Steps, name: str, queue: Spells, releases: Ints, waiting: Level, busy: Level) -> LawCheck:
    log, (start, end) = steps.occupancy.log, steps.window

    def happened(times: Floats) -> int:
        return int(np.count_nonzero((times >= start) & (times < end)))

    def present(at: float) -> int:
        return int(waiting.before(at) + busy.before(at))

    arrivals = happened(queue.start)
    departures = happened(log.enter[releases]) + happened(log.leave[queue.row[log.gone[queue.row]]])
    left, right = present(start) + arrivals, departures + present(end)
    return LawCheck("flow-balance", name, float(left), float(right), float(left - right), left == right)


def _allowed(program: Program, place: int, units: Spells) -> Level:
    """Return how many units may be busy: the widest capacity, or what was begun before it changed; and old crews."""
    widest = widest_capacity(program, place)
    changed = _next(widest.time, units.start)
    relieved = np.fmin(_next(handovers(program, place), units.start), units.end)
    old_crew = Spells(units.row, units.klass, relieved, units.end).where(relieved < _or_ever(units.end))
    carried = Spells(units.row, units.klass, changed, relieved).where(changed < _or_ever(relieved))
    return total(old_crew.level(), most(widest, carried.level()))


def _next(times: Floats, after: Floats) -> Floats:
    """Return the first of the times after each given one, infinity where there is none."""
    return np.append(times, np.inf)[np.searchsorted(times, after, side="right")]


def _or_ever(times: Floats) -> Floats:
    return np.where(np.isnan(times), np.inf, times)


def _equal(law: Law, place: str, left: int, right: int) -> LawCheck:
    return _minutes(law, place, left, right, left == right)


def _minutes(law: Law, place: str, left: int, right: int, holds: bool) -> LawCheck:
    minutes = left / TICKS_PER_MINUTE, right / TICKS_PER_MINUTE
    return LawCheck(law, place, *minutes, (left - right) / TICKS_PER_MINUTE, holds)
