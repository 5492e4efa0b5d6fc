"""The compiled engine: the program table interpreted by Numba. Its log equals the reference engine's bit for bit.

The reference says what a program means; here each of its rules stands once more, over records. An event wakes an
entity, which lives its steps until it has to wait.
"""

from __future__ import annotations

import numpy as np

from sim.engines.agenda import NOTHING, WAKE, expect, kernel, next_event, schedule, sort_arrivals, take, wake_now
from sim.engines.world import GONE, HELD, NEITHER, NOBODY, World, world_of
from sim.log import Log
from sim.program import TICKS_PER_MINUTE, Op, Program, ProgramError

# Plain integers: Numba takes them as constants.
_AT, _DELAY, _WORK, _SEIZE, _RELEASE = int(Op.AT), int(Op.DELAY), int(Op.WORK), int(Op.SEIZE), int(Op.RELEASE)
_POST, _AWAIT, _IF_POSTED, _IF_LONGER = int(Op.POST), int(Op.AWAIT), int(Op.IF_POSTED), int(Op.IF_LONGER)
_TICKS = float(TICKS_PER_MINUTE)
_FINE = -1


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
        Where an entity gives back a unit that it does not hold, or the table is too large for this engine.
    """
    world = world_of(program)
    _expect_all(world)
    sort_arrivals(world.agenda)
    wrong = _run(world)
    if wrong != _FINE:
        seized = wrong + int(program.jump[wrong])
        raise ProgramError(f"row {wrong} gives back what row {seized} does not hold")
    return Log(world.enter, world.leave, world.gone())


@kernel
def _expect_all(world: World) -> None:
    """Note the arrivals: entities that first of all wait for a later time."""
    for entity in range(len(world.people)):
        person = world.people[entity]
        if person.row < person.end and _arrives(world, person.row):
            world.enter[person.row] = 0.0
            expect(world.agenda, world.steps[person.row].value, entity)


@kernel
def _arrives(world: World, row: int) -> bool:
    return bool(world.steps[row].op == _AT and world.steps[row].value > 0.0)


@kernel
def _run(world: World) -> int:
    """Run to the end; return -1, or the row of a RELEASE that had nothing to give back."""
    _change(world, 0.0)
    wrong = _start_others(world)
    now = 0.0
    while wrong == _FINE:
        source, time = next_event(world.agenda, now)
        change = _next_change(world)
        if source == NOTHING and change == np.inf:
            break
        if change <= time:  # at one instant capacity changes come first
            now = change
            _change(world, now)
            continue
        now = time
        entity, timer = take(world.agenda, source)
        if timer == WAKE:
            wrong = _wake(world, entity, now)
        elif world.people[entity].standing == timer:
            _leave_queue(world, entity)
            world.fate[timer] = GONE
            wake_now(world.agenda, entity)
    return wrong


@kernel
def _start_others(world: World) -> int:
    """Start all entities that do not arrive later, in order; return -1, or the row that broke a rule."""
    for entity in range(len(world.people)):
        row = world.people[entity].row
        if row < world.people[entity].end and not _arrives(world, row):
            wrong = _live(world, entity, row, 0.0)
            if wrong != _FINE:
                return wrong
    return _FINE


@kernel
def _wake(world: World, entity: int, now: float) -> int:
    """End the step at which an entity waits, and let it live on."""
    row = world.people[entity].row
    world.leave[row] = now
    return _live(world, entity, row + (world.steps[row].jump if world.fate[row] == GONE else 1), now)


@kernel
def _live(world: World, entity: int, row: int, now: float) -> int:  # noqa: C901, PLR0911, PLR0912  one branch an op
    """Live from a row on, until the entity has to wait or is done; return -1, or the row that broke a rule."""
    steps, end = world.steps, world.people[entity].end
    while row < end:
        step = steps[row]
        world.enter[row] = now
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
        world.leave[row] = now
        row += ahead
    return _FINE


@kernel
def _pause(world: World, entity: int, row: int) -> int:
    """Remember where an entity waits."""
    world.people[entity].row = row
    return _FINE


@kernel
def _queue_of(world: World, place: int, klass: int) -> int:
    return place * world.classes + klass


@kernel
def _start(world: World, row: int) -> bool:
    """Take a unit at once if there is room; serving is eager, so nobody of the class waits when there is."""
    step = world.steps[row]
    place = world.places[step.place]
    if place.busy >= world.queues[_queue_of(world, step.place, step.klass)].capacity:
        return False
    place.busy += 1
    world.fate[row] = HELD
    return True


@kernel
def _release(world: World, row: int) -> bool:
    """Give a unit back and serve the place; False where it was not held. What an old crew held frees nothing."""
    step = world.steps[row]
    seized = row + step.jump
    if world.fate[seized] != HELD:
        return False
    world.fate[seized] = NEITHER
    place = world.places[step.place]
    if world.leave[seized] >= place.handover:
        place.busy -= 1
    _serve(world, step.place)
    return True


@kernel
def _serve(world: World, number: int) -> None:
    """Start whom there is room for: the lower class first, then first come first served."""
    place = world.places[number]
    if place.waiting == 0:
        return
    for klass in range(world.classes):
        queue = world.queues[_queue_of(world, number, klass)]
        while queue.first != NOBODY and place.busy < queue.capacity:
            entity = queue.first
            world.fate[world.people[entity].standing] = HELD
            place.busy += 1
            _leave_queue(world, entity)
            wake_now(world.agenda, entity)


@kernel
def _join_queue(world: World, entity: int, row: int) -> None:
    """Stand at the end of a class's queue, a list linked through the people in it."""
    step, person = world.steps[row], world.people[entity]
    queue = world.queues[_queue_of(world, step.place, step.klass)]
    person.standing, person.before, person.after = row, queue.last, NOBODY
    if queue.last == NOBODY:
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
    if person.before == NOBODY:
        queue.first = person.after
    else:
        world.people[person.before].after = person.after
    if person.after == NOBODY:
        queue.last = person.before
    else:
        world.people[person.after].before = person.before
    world.places[step.place].waiting -= 1
    person.standing = NOBODY


@kernel
def _join_awaiting(world: World, number: int, entity: int) -> None:
    """Wait for a token, after those who came before."""
    token = world.tokens[number]
    world.people[entity].after = NOBODY
    if token.first == NOBODY:
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
    token.first = NOBODY
    while entity != NOBODY:
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
