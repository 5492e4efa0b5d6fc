"""What is to happen next, for the compiled engine: known arrivals, events due now, and a heap of later ones.

Order is time, then who was scheduled first (`number`). Most entities begin by waiting for a time of their own; these
arrivals are sorted once instead of filling the heap.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile a function of the engine: without the interpreter's lock, and without counting references.

    Counting took two thirds of the time. Without it a function must not make arrays.
    """
    return cast("Function", njit(cache=True, nogil=True, _nrt=False)(function))  # type: ignore[call-overload]


Records = npt.NDArray[np.void]

EVENT = np.dtype([("time", "f8"), ("number", "i8"), ("entity", "i8"), ("row", "i8")], align=True)
"""One pending event. `row` is -1 to wake the entity; else it is a patience timer that was set at this row."""

COUNTERS = np.dtype(
    [
        ("numbers", "i8"),
        ("later", "i8"),
        ("put", "i8"),
        ("taken", "i8"),
        ("known", "i8"),
        ("came", "i8"),
        ("changed", "i8"),
        ("slowed", "i8"),
        ("served", "i8"),
    ]
)
"""Numbers given, size of the heap, end and start of the ring of events due now, arrivals known and come, calendar rows
done."""

NOTHING, ARRIVAL, NOW, LATER = range(4)
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
    arrivals, ring = np.zeros(entities, EVENT), np.zeros(entities + 1, EVENT)
    return Agenda(arrivals, ring, np.zeros(entities + timers + 1, EVENT), np.zeros(1, COUNTERS))


def sort_arrivals(agenda: Agenda) -> None:
    """Sort the arrivals by time; equal times keep the order in which they were noted."""
    known = agenda.arrivals[: int(agenda.counters["known"][0])]
    known[:] = known[np.argsort(known["time"], kind="stable")]


@kernel
def schedule(agenda: Agenda, time: float, entity: int, row: int) -> None:
    """Put an event into the heap: sift it up from the end."""
    heap, count = agenda.heap, agenda.counters[0]
    number, place = count.numbers, count.later
    count.numbers = number + 1
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
def drop_first(agenda: Agenda) -> None:
    """Take the first event out of the heap: sift the last one down from the top."""
    heap = agenda.heap
    size = agenda.counters[0].later - 1
    agenda.counters[0].later = size
    time, number, entity, row = heap[size].time, heap[size].number, heap[size].entity, heap[size].row
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
    event = agenda.ring[count.put]
    event.number, event.entity = count.numbers, entity
    count.numbers += 1
    count.put = count.put + 1 if count.put + 1 < len(agenda.ring) else 0


@kernel
def expect(agenda: Agenda, time: float, entity: int) -> None:
    """Note the first wait of an entity, in the order in which entities start."""
    count = agenda.counters[0]
    _put(agenda.arrivals, count.known, time, count.numbers, entity, WAKE)
    count.numbers += 1
    count.known += 1


@kernel
def next_event(agenda: Agenda, now: float) -> tuple[int, float]:
    """Where the next event is, and its time; `NOTHING` and infinity when there is none."""
    count = agenda.counters[0]
    source, time, number = NOTHING, np.inf, 0
    if count.taken != count.put:
        source, time, number = NOW, now, agenda.ring[count.taken].number
    if count.later > 0 and _before(agenda.heap, 0, time, number):
        source, time, number = LATER, agenda.heap[0].time, agenda.heap[0].number
    if count.came < count.known and _before(agenda.arrivals, count.came, time, number):
        source, time = ARRIVAL, agenda.arrivals[count.came].time
    return source, time


@kernel
def take(agenda: Agenda, source: int) -> tuple[int, int]:
    """Take the event that `next_event` found: its entity, and the row of a patience timer or -1."""
    count = agenda.counters[0]
    if source == NOW:
        entity = agenda.ring[count.taken].entity
        count.taken = count.taken + 1 if count.taken + 1 < len(agenda.ring) else 0
        return entity, WAKE
    if source == ARRIVAL:
        count.came += 1
        return agenda.arrivals[count.came - 1].entity, WAKE
    entity, row = agenda.heap[0].entity, agenda.heap[0].row
    drop_first(agenda)
    return entity, row
