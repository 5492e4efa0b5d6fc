"""What is to happen next, for the compiled engine: known arrivals, events due now, and a heap of later ones.

Order is time, then who was scheduled first (`number`). Most entities begin by waiting for a time of their own; these
arrivals are sorted once instead of filling the heap, and they were all scheduled before anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

import sim.kept  # noqa: F401 - says where to keep what is compiled, before anything is

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile a function of the engine: without the interpreter's lock, without counting references, and in one piece.

    Counting took two thirds of the time. Without it a function must not make arrays. A call hands over the address,
    length and strides of every array of the world, which took a third of what was left; so nothing is called.
    """
    compiled = njit(cache=True, nogil=True, _nrt=False, forceinline=True)  # type: ignore[call-overload]
    return cast("Function", compiled(function))


Records = npt.NDArray[np.void]

ARRIVAL = np.dtype([("time", "f8"), ("entity", "i4")], align=True)
DUE = np.dtype([("number", "i8"), ("entity", "i4")], align=True)
EVENT = np.dtype([("time", "f8"), ("number", "i8"), ("entity", "i4"), ("row", "i4")], align=True)
"""One pending event. `row` is -1 to wake the entity; else it is a patience timer that was set at this row."""

COUNTERS = np.dtype(
    [
        ("numbers", "i8"),
        ("later", "i8"),
        ("hole", "i8"),
        ("put", "i8"),
        ("taken", "i8"),
        ("known", "i8"),
        ("came", "i8"),
        ("changed", "i8"),
        ("slowed", "i8"),
        ("served", "i8"),
    ]
)
"""Numbers given, size of the heap and whether its first place is empty, end and start of the ring of events due now,
arrivals known and come, calendar rows done."""

NOTHING, CAME, NOW, LATER = range(4)
"""Where the next event is."""

WAKE = -1


class Agenda(NamedTuple):
    """All pending events.

    Attributes
    ----------
    arrivals
        First waits of entities; `sort_arrivals` puts them in order.
    ring
        Entities to be woken at the present time.
    heap
        All other events.
    counters
        One record of `COUNTERS`.
    """

    arrivals: Records
    ring: Records
    heap: Records
    counters: Records


def new_agenda(entities: int, timers: int) -> Agenda:
    """Room for one wake per entity and all patience timers that could ever be set."""
    arrivals, ring = np.empty(entities, ARRIVAL), np.empty(entities + 1, DUE)
    return Agenda(arrivals, ring, np.empty(entities + timers + 1, EVENT), np.zeros(1, COUNTERS))


def sort_arrivals(agenda: Agenda) -> None:
    """Sort the arrivals by time; equal times keep the order in which they were noted."""
    known = agenda.arrivals[: int(agenda.counters["known"][0])]
    time = known["time"].copy()
    if np.all(time[1:] >= time[:-1]):
        return
    order = np.argsort(time)  # three times as fast as a stable sort, and the same where no times are equal
    ordered = time[order]
    if np.any(ordered[1:] == ordered[:-1]):
        order = np.argsort(time, kind="stable")
    known[:] = known[order]


@kernel
def schedule(agenda: Agenda, time: float, entity: int, row: int) -> None:
    """Put an event into the heap: into its empty first place if there is one, else at its end."""
    heap, count = agenda.heap, agenda.counters[0]
    number = count.numbers
    count.numbers = number + 1
    if count.hole:
        count.hole = 0
        _sink(heap, count.later, time, number, entity, row)
        return
    place = count.later
    count.later = place + 1
    while place > 0:
        # A newer event has the higher number, so among equal times it stays below without comparing numbers.
        parent = (place - 1) >> 1
        if heap[parent].time <= time:
            break
        _copy(heap, parent, place)
        place = parent
    _put(heap, place, time, number, entity, row)


@kernel
def _sink(heap: Records, size: int, time: float, number: int, entity: int, row: int) -> None:
    """Put an event into the empty first place of a heap, and let it sink to where it belongs."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and _before(heap, child + 1, heap[child].time, heap[child].number):
            child += 1
        if not _before(heap, child, time, number):
            break
        _copy(heap, child, place)
        place = child
    _put(heap, place, time, number, entity, row)


@kernel
def _fill_hole(agenda: Agenda) -> None:
    """Move the last event of the heap into its empty first place."""
    heap, count = agenda.heap, agenda.counters[0]
    count.hole = 0
    count.later -= 1
    last = heap[count.later]
    _sink(heap, count.later, last.time, last.number, last.entity, last.row)


@kernel
def _before(heap: Records, place: int, time: float, number: int) -> bool:
    return bool(heap[place].time < time or (heap[place].time == time and heap[place].number < number))


@kernel
def _put(heap: Records, place: int, time: float, number: int, entity: int, row: int) -> None:
    heap[place].time = time
    heap[place].number = number
    heap[place].entity = entity
    heap[place].row = row


@kernel
def _copy(heap: Records, source: int, target: int) -> None:
    _put(heap, target, heap[source].time, heap[source].number, heap[source].entity, heap[source].row)


@kernel
def wake_now(agenda: Agenda, entity: int) -> None:
    """Let an entity go on at the present time, after all that is already due."""
    count = agenda.counters[0]
    due = agenda.ring[count.put]
    due.number, due.entity = count.numbers, entity
    count.numbers += 1
    count.put = count.put + 1 if count.put + 1 < len(agenda.ring) else 0


@kernel
def expect(agenda: Agenda, time: float, entity: int) -> None:
    """Note the first wait of an entity, in the order of entities."""
    count = agenda.counters[0]
    arrival = agenda.arrivals[count.known]
    arrival.time, arrival.entity = time, entity
    count.known += 1


@kernel
def next_event(agenda: Agenda, now: float) -> tuple[int, float]:
    """Where the next event is, and its time; `NOTHING` and infinity when there is none."""
    count = agenda.counters[0]
    if count.hole:
        # Only now: what was taken out last has mostly scheduled something that took its place.
        _fill_hole(agenda)
    source, time = NOTHING, np.inf
    if count.later > 0:
        source, time = LATER, agenda.heap[0].time
    if count.taken != count.put and (time > now or agenda.heap[0].number > agenda.ring[count.taken].number):
        source, time = NOW, now
    if count.came < count.known and agenda.arrivals[count.came].time <= time:
        source, time = CAME, agenda.arrivals[count.came].time
    return source, time


@kernel
def take(agenda: Agenda, source: int) -> tuple[int, int]:
    """Take the event that `next_event` found: its entity, and the row of a patience timer or -1."""
    count = agenda.counters[0]
    if source == NOW:
        entity = agenda.ring[count.taken].entity
        count.taken = count.taken + 1 if count.taken + 1 < len(agenda.ring) else 0
        return entity, WAKE
    if source == CAME:
        count.came += 1
        return agenda.arrivals[count.came - 1].entity, WAKE
    count.hole = 1
    return agenda.heap[0].entity, agenda.heap[0].row
