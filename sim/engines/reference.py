"""The reference engine: what a program means, said with SimPy. Places are small classes, entities are processes.

SimPy's order is the order of the model: time, then urgency (capacity changes before arrivals before all else), then
who was scheduled first. An event is made by AT a later time, by DELAY and WORK (even of 0 minutes), by every grant and
every giving up after a wait, and by the end of an AWAIT that had to wait. All other steps happen inline, within the
event that led to them.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Generator
from functools import partial
from itertools import pairwise
from math import inf, nan
from operator import itemgetter

import numpy as np
from simpy import Environment
from simpy.events import URGENT, Event, EventPriority, Process, Timeout

from sim.log import Log
from sim.program import TICKS_PER_MINUTE, Op, Program, ProgramError

# Plain integers: comparing members of an enum would take half of the run time.
_AT, _DELAY, _WORK, _SEIZE, _RELEASE = int(Op.AT), int(Op.DELAY), int(Op.WORK), int(Op.SEIZE), int(Op.RELEASE)
_POST, _AWAIT, _IF_POSTED, _IF_LONGER = int(Op.POST), int(Op.AWAIT), int(Op.IF_POSTED), int(Op.IF_LONGER)
_PAUSES = (_WORK, _AT, _AWAIT)

_FIRST = EventPriority(URGENT - 1)
"""More urgent than anything that SimPy schedules by itself."""


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
    world = World(program)
    world.schedule_changes()
    world.start_all(program.offset.tolist())
    world.env.run()
    return Log(
        enter=np.array(world.enter, dtype=np.float64),
        leave=np.array(world.leave, dtype=np.float64),
        gone=np.array(world.gone, dtype=np.bool_),
    )


class Place:
    """Units that can be held, and one queue for each priority class."""

    __slots__ = ("busy", "capacity", "handover", "queues", "slowness")

    def __init__(self, classes: int) -> None:
        self.busy = 0
        self.capacity = [0] * classes
        self.queues: list[OrderedDict[int, Event]] = [OrderedDict() for _ in range(classes)]
        self.handover = -inf
        self.slowness = 1.0

    def started(self, klass: int) -> bool:
        """Take a unit at once if there is room; nobody of the class waits then, because `serve` leaves nobody."""
        room = self.busy < self.capacity[klass]
        self.busy += room
        return room

    def serve(self) -> None:
        """Start whom there is room for: the lower class first, then first come first served."""
        for queue, capacity in zip(self.queues, self.capacity, strict=True):
            while queue and self.busy < capacity:
                self.busy += 1
                _, turn = queue.popitem(last=False)
                turn.succeed(True)


class Instant(Event):
    """An event at a known time that comes before what else is scheduled for that time."""

    def __init__(self, env: Environment, time: float, priority: EventPriority) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, priority, time - env.now)


class World:
    """All that an entity can touch: the clock, the places, the tokens, the step table and the log, as plain lists."""

    def __init__(self, program: Program) -> None:
        self.env = Environment(initial_time=0.0)
        self.places = [Place(program.classes) for _ in program.places]
        self.posted = [False] * program.tokens
        self.awaiting: list[list[Event]] = [[] for _ in range(program.tokens)]
        self.calendar = program.calendar
        self.op: list[int] = program.op.tolist()
        self.place: list[int] = program.place.tolist()
        self.klass: list[int] = program.klass.tolist()
        self.value: list[float] = program.value.tolist()
        self.jump: list[int] = program.jump.tolist()
        self.enter = [nan] * program.rows
        self.leave = [nan] * program.rows
        self.gone = [False] * program.rows
        self.held = [False] * program.rows

    def start_all(self, offset: list[int]) -> None:
        """Start the entities in order; those that first of all wait for a later time are arrivals.

        An arrival becomes a process when it comes, so that SimPy does not carry all who will ever come through the run.
        """
        later: list[tuple[float, int, int]] = []
        for start, end in pairwise(offset):
            if start < end and self.op[start] == _AT and self.value[start] > 0.0:
                self.enter[start] = 0.0
                later.append((self.value[start], start, end))
            else:
                Process(self.env, self.entity(start, end))
        later.sort(key=itemgetter(0))
        Process(self.env, self.arrivals(later))

    def arrivals(self, later: list[tuple[float, int, int]]) -> Generator[Event, bool, None]:
        """Let each arrival live when its time has come, before whatever else is due then."""
        for time, start, end in later:
            if time > self.env.now:
                yield Instant(self.env, time, URGENT)
            self.leave[start] = time
            Process(self.env, self.entity(start + 1, end))

    def entity(self, row: int, end: int) -> Generator[Event, bool, None]:
        """Live the rows from `row` to `end`. An event says True, or False where patience ran out."""
        env, op, value, enter, leave = self.env, self.op, self.value, self.enter, self.leave
        now = env.now
        while row < end:
            enter[row] = now
            code = op[row]
            ahead = 1
            if code == _SEIZE:
                here, klass = self.places[self.place[row]], self.klass[row]
                self.held[row] = here.started(klass) or (yield self.queued(here.queues[klass], row))
                if not self.held[row]:
                    self.gone[row] = True
                    ahead = self.jump[row]
            elif code == _DELAY:
                yield Timeout(env, value[row])
            elif code == _RELEASE:
                self.release(row)
            elif code in _PAUSES:
                pause = self.pause(code, row)
                if pause is not None:
                    yield pause
            else:
                ahead = self.decided(code, row)
            leave[row] = now = env.now
            row += ahead

    def queued(self, queue: OrderedDict[int, Event], row: int) -> Event:
        """Stand in a queue; return the event of being granted (True) or giving up (False)."""
        turn = queue[row] = Event(self.env)
        patience = self.value[row]
        if patience < inf:
            timer = Timeout(self.env, patience)
            timer.callbacks.append(partial(give_up, queue, row))
        return turn

    def release(self, row: int) -> None:
        """Give a unit back and serve the place. What an old crew held frees nothing."""
        seized = row + self.jump[row]
        if not self.held[seized]:
            raise ProgramError(f"row {row} gives back what row {seized} does not hold")
        self.held[seized] = False
        here = self.places[self.place[row]]
        if self.leave[seized] >= here.handover:
            here.busy -= 1
        here.serve()

    def pause(self, code: int, row: int) -> Event | None:
        """Return the event that ends an AT, WORK or AWAIT; None where there is nothing to wait for."""
        target, value = self.place[row], self.value[row]
        if code == _WORK:
            return Timeout(self.env, rounded(value * self.places[target].slowness))
        if code == _AT:
            return Timeout(self.env, value - self.env.now) if value > self.env.now else None
        if self.posted[target]:
            return None
        arrival = Event(self.env)
        self.awaiting[target].append(arrival)
        return arrival

    def decided(self, code: int, row: int) -> int:
        """Do a POST, IF_POSTED, IF_LONGER or GOTO; return how many rows to go on."""
        target = self.place[row]
        if code == _POST:
            self.posted[target] = True
            for arrival in self.awaiting[target]:
                arrival.succeed(True)
            self.awaiting[target].clear()
            return 1
        if code == _IF_POSTED:
            goes = self.posted[target]
        elif code == _IF_LONGER:
            goes = sum(map(len, self.places[target].queues)) >= self.value[row]
        else:
            goes = True
        return self.jump[row] if goes else 1

    def schedule_changes(self) -> None:
        """Make the changes due by time 0, and schedule one event for each later time of change."""
        calendar = self.calendar
        changes: defaultdict[float, list[int]] = defaultdict(list)
        for index, time in enumerate(calendar.time.tolist()):
            changes[max(time, 0.0)].append(index)
        slowings: defaultdict[float, list[int]] = defaultdict(list)
        for index, time in enumerate(calendar.slow_time.tolist()):
            slowings[max(time, 0.0)].append(index)
        for time in sorted(changes.keys() | slowings.keys()):
            change = partial(self.change, changes[time], slowings[time])
            if time == 0.0:
                change(None)
            else:
                Instant(self.env, time, _FIRST).callbacks.append(change)

    def change(self, changes: list[int], slowings: list[int], _: Event | None) -> None:
        """Make all changes of one instant, then serve the places that they touched."""
        calendar = self.calendar
        for index in changes:
            here = self.places[calendar.place[index]]
            here.capacity[calendar.klass[index]] = int(calendar.capacity[index])
            if calendar.handover[index]:
                here.busy = 0
                here.handover = self.env.now
        for index in slowings:
            self.places[calendar.slow_place[index]].slowness = float(calendar.slowness[index])
        for touched in np.unique(calendar.place[changes]):
            self.places[touched].serve()


def give_up(queue: OrderedDict[int, Event], row: int, _: Event) -> None:
    """End the patience of whoever stands in the queue for this row; nothing if the turn came in time."""
    turn = queue.pop(row, None)
    if turn is not None:
        turn.succeed(False)


def rounded(minutes: float) -> float:
    """Round one duration to the time grid, half to even; the same number as `sim.program.on_grid`."""
    return round(minutes * TICKS_PER_MINUTE) / TICKS_PER_MINUTE
