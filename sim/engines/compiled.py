"""The compiled engine: the program table interpreted by Numba. Its log equals the reference engine's bit for bit.

The reference says what a program means; here each of its rules stands once more, over records. An event wakes an
entity, which lives its steps until it has to wait.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.engines.agenda import (
    NOTHING,
    WAKE,
    Agenda,
    Records,
    expect,
    kernel,
    new_agenda,
    next_event,
    schedule,
    sort_arrivals,
    take,
    wake_now,
)
from sim.log import Log
from sim.program import TICKS_PER_MINUTE, Bools, Floats, Op, Program, ProgramError

# Plain integers: Numba takes them as constants.
_AT, _DELAY, _WORK, _SEIZE, _RELEASE = int(Op.AT), int(Op.DELAY), int(Op.WORK), int(Op.SEIZE), int(Op.RELEASE)
_POST, _AWAIT, _IF_POSTED, _IF_LONGER = int(Op.POST), int(Op.AWAIT), int(Op.IF_POSTED), int(Op.IF_LONGER)
_TICKS = float(TICKS_PER_MINUTE)
_FINE = -1
_NOBODY = -1

# Records keep together what one step touches, so that a woken entity costs one cache miss and not nine.
STEP = np.dtype(
    [
        ("op", "i1"),
        ("klass", "i1"),
        ("gone", "u1"),
        ("held", "u1"),
        ("place", "i4"),
        ("jump", "i4"),
        ("value", "f8"),
        ("enter", "f8"),
        ("leave", "f8"),
    ],
    align=True,
)
ENTITY = np.dtype([("row", "i8"), ("end", "i8"), ("standing", "i8"), ("before", "i8"), ("after", "i8")])
"""Where it is, where its rows end, the row at which it stands in a queue (-1: in none), its neighbours there."""
PLACE = np.dtype([("busy", "i8"), ("waiting", "i8"), ("handover", "f8"), ("slowness", "f8")])
QUEUE = np.dtype([("capacity", "i8"), ("first", "i8"), ("last", "i8")])
"""One per place and class: place * classes + class."""
TOKEN = np.dtype([("first", "i4"), ("last", "i4"), ("posted", "u1")], align=True)
CHANGE = np.dtype(
    [("time", "f8"), ("place", "i8"), ("queue", "i8"), ("capacity", "i8"), ("handover", "u1")], align=True
)
TOUCHED = np.dtype([("time", "f8"), ("place", "i8")])
"""Places whose capacity changes, once per instant, by time and then by place."""
SLOWING = np.dtype([("time", "f8"), ("place", "i8"), ("slowness", "f8")])


class World(NamedTuple):
    """All state of a run, as arrays of records."""

    steps: Records
    people: Records
    places: Records
    queues: Records
    tokens: Records
    changes: Records
    slowings: Records
    touched: Records
    agenda: Agenda


def run(program: Program) -> Log:
    """Run a program until nothing more can happen.

    Parameters
    ----------
    program
        A table that has passed `Program.checked`.

    Returns
    -------
    Log
        Entities that wait for ever keep a NaN in `leave` (see `sim.waiting`).

    Raises
    ------
    ProgramError
        Where an entity gives back a unit that it does not hold.
    """
    world = _world(program)
    wrong = _start_all(world)
    if wrong == _FINE:
        sort_arrivals(world.agenda)
        wrong = _run(world)
    if wrong != _FINE:
        seized = wrong + int(program.jump[wrong])
        raise ProgramError(f"row {wrong} gives back what row {seized} does not hold")
    log = Log(np.empty(program.rows), np.empty(program.rows), np.empty(program.rows, np.bool_))
    _read(world.steps, log.enter, log.leave, log.gone)
    return log


def _world(program: Program) -> World:
    """Lay out the program as records, with everything closed and nobody anywhere."""
    steps = np.empty(program.rows, STEP)
    _fill(steps, program.op, program.klass, program.place, program.jump, program.value)
    people = np.zeros(program.entities, ENTITY)
    people["row"], people["end"] = program.offset[:-1], program.offset[1:]
    people["standing"] = _NOBODY
    places = np.zeros(len(program.places), PLACE)
    places["handover"], places["slowness"] = -np.inf, 1.0
    queues = np.zeros(len(program.places) * program.classes, QUEUE)
    queues["first"] = queues["last"] = _NOBODY
    tokens = np.zeros(program.tokens, TOKEN)
    tokens["first"] = tokens["last"] = _NOBODY
    timers = int(np.count_nonzero((program.op == _SEIZE) & np.isfinite(program.value)))
    return World(steps, people, places, queues, tokens, *_calendar(program), new_agenda(program.entities, timers))


@kernel
def _fill(
    steps: Records,
    op: npt.NDArray[np.int8],
    klass: npt.NDArray[np.int8],
    place: npt.NDArray[np.int32],
    jump: npt.NDArray[np.int32],
    value: Floats,
) -> None:
    """Write the columns of the program into records: one pass over memory instead of one per column."""
    for row in range(len(steps)):
        step = steps[row]
        step.op, step.klass, step.gone, step.held = op[row], klass[row], 0, 0
        step.place, step.jump, step.value = place[row], jump[row], value[row]
        step.enter = step.leave = np.nan


@kernel
def _read(steps: Records, enter: Floats, leave: Floats, gone: Bools) -> None:
    """Read the log out of the records, in one pass."""
    for row in range(len(steps)):
        step = steps[row]
        enter[row], leave[row], gone[row] = step.enter, step.leave, step.gone != 0


def _calendar(program: Program) -> tuple[Records, Records, Records]:
    """The calendar as records; what is due before time 0 is due at 0."""
    calendar = program.calendar
    changes = np.zeros(len(calendar.time), CHANGE)
    changes["time"] = np.maximum(calendar.time, 0.0)
    changes["place"], changes["capacity"] = calendar.place, calendar.capacity
    changes["queue"], changes["handover"] = calendar.place * program.classes + calendar.klass, calendar.handover
    slowings = np.zeros(len(calendar.slow_time), SLOWING)
    slowings["time"] = np.maximum(calendar.slow_time, 0.0)
    slowings["place"], slowings["slowness"] = calendar.slow_place, calendar.slowness
    order = np.lexsort((changes["place"], changes["time"]))
    touched = np.zeros(len(order), TOUCHED)
    touched["time"], touched["place"] = changes["time"][order], changes["place"][order]
    touched = touched[np.append(True, touched[1:] != touched[:-1])[: len(touched)]]
    return changes, slowings, touched


@kernel
def _start_all(world: World) -> int:
    """Start every entity at time 0, in order; those that first wait for a later time are arrivals."""
    _change(world, 0.0)
    for entity in range(len(world.people)):
        row = world.people[entity].row
        if row == world.people[entity].end:
            continue
        step = world.steps[row]
        if step.op == _AT and step.value > 0.0:
            step.enter = 0.0
            expect(world.agenda, step.value, entity)
        else:
            wrong = _live(world, entity, row, 0.0)
            if wrong != _FINE:
                return wrong
    return _FINE


@kernel
def _run(world: World) -> int:
    """Run to the end; return -1, or the row of a RELEASE that had nothing to give back."""
    now = 0.0
    while True:
        source, time = next_event(world.agenda, now)
        change = _next_change(world)
        if source == NOTHING and change == np.inf:
            return _FINE
        if change <= time:  # at one instant capacity changes come first
            now = change
            _change(world, now)
            continue
        now = time
        entity, timer = take(world.agenda, source)
        if timer == WAKE:
            wrong = _wake(world, entity, now)
            if wrong != _FINE:
                return wrong
        elif world.people[entity].standing == timer:
            _leave_queue(world, entity)
            world.steps[timer].gone = 1
            wake_now(world.agenda, entity)


@kernel
def _wake(world: World, entity: int, now: float) -> int:
    """End the step at which an entity waits, and let it live on."""
    row = world.people[entity].row
    step = world.steps[row]
    step.leave = now
    return _live(world, entity, row + (step.jump if step.gone else 1), now)


@kernel
def _live(world: World, entity: int, row: int, now: float) -> int:  # noqa: C901, PLR0911, PLR0912  one branch an op
    """Live from a row on, until the entity has to wait or is done; return -1, or the row that broke a rule."""
    steps, end = world.steps, world.people[entity].end
    while row < end:
        step = steps[row]
        step.enter = now
        op = step.op
        ahead = 1
        if op == _SEIZE:
            if not _start(world, row):
                _join_queue(world, entity, row)
                if step.value < np.inf:
                    schedule(world.agenda, now + step.value, entity, row)
                return _pause(world, entity, row)
        elif op == _DELAY:
            schedule(world.agenda, now + step.value, entity, WAKE)
            return _pause(world, entity, row)
        elif op == _RELEASE:
            if not _release(world, row):
                return row
        elif op == _WORK:
            minutes = step.value * world.places[step.place].slowness
            schedule(world.agenda, now + np.rint(minutes * _TICKS) / _TICKS, entity, WAKE)
            return _pause(world, entity, row)
        elif op == _AT:
            if step.value > now:
                schedule(world.agenda, step.value, entity, WAKE)
                return _pause(world, entity, row)
        elif op == _AWAIT:
            if not world.tokens[step.place].posted:
                _join_awaiting(world, step.place, entity)
                return _pause(world, entity, row)
        elif op == _POST:
            _post(world, step.place)
        elif op == _IF_POSTED:
            ahead = step.jump if world.tokens[step.place].posted else 1
        elif op == _IF_LONGER:
            ahead = step.jump if world.places[step.place].waiting >= step.value else 1
        else:  # GOTO
            ahead = step.jump
        step.leave = now
        row += ahead
    return _FINE


@kernel
def _pause(world: World, entity: int, row: int) -> int:
    """Remember where an entity waits."""
    world.people[entity].row = row
    return _FINE


@kernel
def _queue_of(world: World, place: int, klass: int) -> int:
    return place * (len(world.queues) // len(world.places)) + klass


@kernel
def _start(world: World, row: int) -> bool:
    """Take a unit at once if there is room; serving is eager, so nobody of the class waits when there is."""
    step = world.steps[row]
    place = world.places[step.place]
    if place.busy >= world.queues[_queue_of(world, step.place, step.klass)].capacity:
        return False
    place.busy += 1
    step.held = 1
    return True


@kernel
def _release(world: World, row: int) -> bool:
    """Give a unit back and serve the place; False where it was not held. What an old crew held frees nothing."""
    step = world.steps[row]
    seized = world.steps[row + step.jump]
    if not seized.held:
        return False
    seized.held = 0
    place = world.places[step.place]
    if seized.leave >= place.handover:
        place.busy -= 1
    _serve(world, step.place)
    return True


@kernel
def _serve(world: World, number: int) -> None:
    """Start whom there is room for: the lower class first, then first come first served."""
    place = world.places[number]
    if place.waiting == 0:
        return
    for klass in range(len(world.queues) // len(world.places)):
        queue = world.queues[_queue_of(world, number, klass)]
        while queue.first != _NOBODY and place.busy < queue.capacity:
            entity = queue.first
            world.steps[world.people[entity].standing].held = 1
            place.busy += 1
            _leave_queue(world, entity)
            wake_now(world.agenda, entity)


@kernel
def _join_queue(world: World, entity: int, row: int) -> None:
    """Stand at the end of a class's queue, a list linked through the people in it."""
    step, person = world.steps[row], world.people[entity]
    queue = world.queues[_queue_of(world, step.place, step.klass)]
    person.standing, person.before, person.after = row, queue.last, _NOBODY
    if queue.last == _NOBODY:
        queue.first = entity
    else:
        world.people[queue.last].after = entity
    queue.last = entity
    world.places[step.place].waiting += 1


@kernel
def _leave_queue(world: World, entity: int) -> None:
    """Take an entity out of the queue in which it stands, wherever in it."""
    person = world.people[entity]
    step = world.steps[person.standing]
    queue = world.queues[_queue_of(world, step.place, step.klass)]
    if person.before == _NOBODY:
        queue.first = person.after
    else:
        world.people[person.before].after = person.after
    if person.after == _NOBODY:
        queue.last = person.before
    else:
        world.people[person.after].before = person.before
    world.places[step.place].waiting -= 1
    person.standing = _NOBODY


@kernel
def _join_awaiting(world: World, number: int, entity: int) -> None:
    """Wait for a token, after those who came before."""
    token = world.tokens[number]
    world.people[entity].after = _NOBODY
    if token.first == _NOBODY:
        token.first = entity
    else:
        world.people[token.last].after = entity
    token.last = entity


@kernel
def _post(world: World, number: int) -> None:
    """Post a token and wake all who await it, in the order in which they came."""
    token = world.tokens[number]
    token.posted = 1
    entity = token.first
    token.first = _NOBODY
    while entity != _NOBODY:
        wake_now(world.agenda, entity)
        entity = world.people[entity].after


@kernel
def _next_change(world: World) -> float:
    """When the calendar changes next; infinity when it does not."""
    count = world.agenda.counters[0]
    time = world.changes[count.changed].time if count.changed < len(world.changes) else np.inf
    return min(time, world.slowings[count.slowed].time) if count.slowed < len(world.slowings) else time


@kernel
def _change(world: World, now: float) -> None:
    """Make all changes due by now, then serve the places that they touched, in ascending order."""
    count = world.agenda.counters[0]
    while count.changed < len(world.changes) and world.changes[count.changed].time <= now:
        change = world.changes[count.changed]
        world.queues[change.queue].capacity = change.capacity
        if change.handover:
            world.places[change.place].busy = 0
            world.places[change.place].handover = now
        count.changed += 1
    while count.slowed < len(world.slowings) and world.slowings[count.slowed].time <= now:
        slowing = world.slowings[count.slowed]
        world.places[slowing.place].slowness = slowing.slowness
        count.slowed += 1
    while count.served < len(world.touched) and world.touched[count.served].time <= now:
        _serve(world, world.touched[count.served].place)
        count.served += 1
