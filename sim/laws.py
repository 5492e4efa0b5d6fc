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
from sim.program import TICKS_PER_MINUTE, Bools, Floats, Ints, Op, Program

_DELAY, _WORK, _SEIZE, _RELEASE = int(Op.DELAY), int(Op.WORK), int(Op.SEIZE), int(Op.RELEASE)
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
    sojourn
        Shape (places,): ticks inside the window between the step before each SEIZE and the step after it.
    held, planned
        Shape (places,): ticks inside the window of all steps between each grant and its RELEASE, and of holding on
        after the last step, by the log and by the program. Divided by the number of spells this is the mean service
        time; with throughput it is the busy time.
    """

    occupancy: Occupancy
    window: Window
    sojourn: Ints
    held: Ints
    planned: Ints

    @classmethod
    def of(cls, program: Program, log: Log, window: Window, occupancy: Occupancy) -> _Steps:
        c = program.calendar
        columns = (program.offset, program.op, program.place, program.value, program.jump)
        slow = (c.slow_time, c.slow_place, c.slowness)
        return cls(
            occupancy, window, *_lived(*columns, log.enter, log.leave, log.gone, *slow, *window, len(program.places))
        )


@kernel
def _lived(  # noqa: C901  one pass over the log, which is far larger than the cache
    offset: Ints,
    op: npt.NDArray[np.int8],
    place: npt.NDArray[np.int32],
    value: Floats,
    jump: npt.NDArray[np.int32],
    enter: Floats,
    leave: Floats,
    gone: Bools,
    slow_time: Floats,
    slow_place: Ints,
    slowness: Floats,
    first: float,
    last: float,
    places: int,
) -> tuple[Ints, Ints, Ints]:
    """Follow each entity through the steps that it lived, in their order; the columns of `_Steps`."""
    sojourn, held, planned = np.zeros(places, np.int64), np.zeros(places, np.int64), np.zeros(places, np.int64)
    most = 0
    for entity in range(len(offset) - 1):
        most = max(most, offset[entity + 1] - offset[entity])
    # Of one entity: ticks of all steps so far, just after each grant; -1 where nothing is held.
    held_since, planned_since = np.empty(most, np.int64), np.empty(most, np.int64)
    for entity in range(len(offset) - 1):
        begin, end = offset[entity], offset[entity + 1]
        before, came, left, left_as_planned, spent, due = -1, 0.0, 0.0, 0.0, 0, 0
        for row in range(begin, end):
            held_since[row - begin] = -1
            if np.isnan(enter[row]):
                continue
            if before >= 0 and op[before] == _SEIZE:
                sojourn[place[before]] += _ticks_inside_window(came, enter[row], first, last)
            before, came = row, left
            if op[row] == _RELEASE:
                seized = row + jump[row]
                held[place[seized]] += spent - held_since[seized - begin]
                planned[place[seized]] += due - planned_since[seized - begin]
                held_since[seized - begin] = -1
            left = left_as_planned = leave[row]
            if op[row] == _DELAY:
                left_as_planned = enter[row] + value[row]
            elif op[row] == _WORK:
                pace = _pace(enter[row], place[row], slow_time, slow_place, slowness)
                left_as_planned = enter[row] + np.rint(value[row] * pace * _TICKS) / _TICKS
            spent += _ticks_inside_window(enter[row], left, first, last)
            due += _ticks_inside_window(enter[row], left_as_planned, first, last)
            if op[row] == _SEIZE and not np.isnan(left) and not gone[row]:
                held_since[row - begin], planned_since[row - begin] = spent, due
        if before >= 0 and op[before] == _SEIZE:
            sojourn[place[before]] += _ticks_inside_window(came, left, first, last)
        idle, idle_as_planned = _idle(left, first, last), _idle(left_as_planned, first, last)
        for row in range(begin, end):
            if held_since[row - begin] >= 0:
                held[place[row]] += spent + idle - held_since[row - begin]
                planned[place[row]] += due + idle_as_planned - planned_since[row - begin]
    return sojourn, held, planned


@kernel
def _pace(begins: float, place: int, slow_time: Floats, slow_place: Ints, slowness: Floats) -> float:
    """How slow a place is when WORK begins there."""
    change = np.searchsorted(slow_time, begins, side="right") - 1
    while change >= 0 and slow_place[change] != place:
        change -= 1
    return slowness[change] if change >= 0 else 1.0


@kernel
def _idle(left: float, first: float, last: float) -> int:
    """Ticks inside the window after the last step; none for who never came to its end."""
    return 0 if np.isnan(left) else _ticks_inside_window(left, np.nan, first, last)


@kernel
def _ticks_inside_window(start: float, end: float, first: float, last: float) -> int:
    """`sim.levels.ticks_between` of one spell."""
    until = last if np.isnan(end) else min(max(end, first), last)
    return int(np.rint(until * _TICKS)) - int(np.rint(min(max(start, first), last) * _TICKS))


def _checks_at(steps: _Steps, name: str, place: int, on_duty: Level | None) -> Iterator[LawCheck]:
    program, window = steps.occupancy.program, steps.window
    queue, units = steps.occupancy.waited(place), steps.occupancy.held(place)
    waiting, busy = queue.level(), steps.occupancy.busy(place)

    yield _equal("little-waiting", name, waiting.ticks(window), int(steps.sojourn[place]))
    yield _equal("little-service", name, busy.ticks(window), int(steps.held[place]))
    yield _flow_balance(steps, name, queue, steps.occupancy.releases(place), waiting, busy)
    yield _equal("utilisation-law", name, busy.ticks(window), int(steps.planned[place]))

    allowed = _allowed(program, place, units)
    staff = widest_capacity(program, place) if on_duty is None else on_duty
    overtime = excess(least(busy, allowed), staff)
    worked, duty = busy.ticks(window) - overtime.ticks(window), staff.ticks(window)
    yield _minutes("utilisation", name, worked, duty, worked <= duty)
    yield _equal("capacity", name, excess(busy, allowed).ticks(window), 0)


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
