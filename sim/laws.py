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

from sim.log import Log
from sim.occupancy import (
    Level,
    Occupancy,
    Spells,
    Window,
    excess,
    least,
    most,
    ticks_between,
    total,
    widest_capacity,
)
from sim.program import TICKS_PER_MINUTE, Floats, Ints, Op, Program, on_grid

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
    """
    steps = _Steps.of(program, log, window)
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
    def of(cls, program: Program, log: Log, window: Window) -> _Steps:
        rows = np.flatnonzero(~np.isnan(log.enter))  # in the order in which each entity lived them
        entity = np.searchsorted(program.offset, rows, side="right") - 1
        first, last = np.diff(entity, prepend=-1) != 0, np.diff(entity, append=-1) != 0
        came, went = np.full(program.rows, np.nan), np.full(program.rows, np.nan)
        came[rows] = np.where(first, 0.0, np.roll(log.leave[rows], 1))
        went[rows] = np.where(last, log.leave[rows], np.roll(log.enter[rows], -1))
        planned_end = log.leave.copy()
        timed = rows[np.isin(program.op[rows], (Op.DELAY, Op.WORK))]
        planned_end[timed] = log.enter[timed] + _planned_minutes(program, log, timed)
        idle_from, idle_from_planned = np.zeros(program.entities), np.zeros(program.entities)
        idle_from[entity[last]] = log.leave[rows[last]]
        idle_from_planned[entity[last]] = planned_end[rows[last]]
        spent = _running_ticks(rows, log.enter, log.leave, window)
        planned = _running_ticks(rows, log.enter, planned_end, window)
        return cls(Occupancy(program, log), window, came, went, spent, planned, idle_from, idle_from_planned)


def _running_ticks(rows: Ints, enter: Floats, until: Floats, window: Window) -> Ints:
    ticks = np.zeros(len(enter) + 1, dtype=np.int64)
    ticks[rows + 1] = ticks_between(enter[rows], until[rows], window)
    return np.cumsum(ticks)


def _planned_minutes(program: Program, log: Log, rows: Ints) -> Floats:
    """Return how long DELAY and WORK rows must take: WORK at the pace of its place when it begins."""
    minutes = program.value[rows].copy()
    for place in np.unique(program.calendar.slow_place):
        slow = program.calendar.slow_place == place
        here = (program.op[rows] == Op.WORK) & (program.place[rows] == place)
        changes = np.searchsorted(program.calendar.slow_time[slow], log.enter[rows[here]], side="right")
        pace = np.append(1.0, program.calendar.slowness[slow])[changes]
        minutes[here] = on_grid(minutes[here] * pace)
    return minutes


def _checks_at(steps: _Steps, name: str, place: int, on_duty: Level | None) -> Iterator[LawCheck]:
    program, window = steps.occupancy.program, steps.window
    queue, units = steps.occupancy.waited(place), steps.occupancy.held(place)
    waiting, busy = queue.level(), units.level()

    sojourns = int(ticks_between(steps.came[queue.row], steps.went[queue.row], window).sum())
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
    program, release_of = steps.occupancy.program, steps.occupancy.release_of[units.row]
    entity = np.searchsorted(program.offset, units.row, side="right") - 1
    kept = release_of < 0
    until = np.where(kept, program.offset[entity + 1], release_of)
    inside = running[until] - running[units.row + 1]
    idle = idle_from[entity[kept]]
    idle = idle[~np.isnan(idle)]
    return int(inside.sum() + ticks_between(idle, np.full(len(idle), np.nan), steps.window).sum())


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
    calendar = program.calendar
    handovers = np.unique(calendar.time[(calendar.place == place) & calendar.handover])
    changed = _next(widest.time, units.start)
    relieved = np.fmin(_next(handovers, units.start), units.end)
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
