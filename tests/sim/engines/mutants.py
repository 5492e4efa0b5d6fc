"""Reference engines that are wrong on purpose, each in one rule of order or of places; a fair test tells them all."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, inf
from unittest.mock import patch

from simpy.events import NORMAL, URGENT, Event, EventPriority

from sim.engines import reference
from sim.engines.reference import Instant, Place, World
from sim.log import Engine, Log
from sim.program import TICKS_PER_MINUTE, Op, Program


class LastComeFirst(Place):
    """The last to come is served first."""

    def serve(self) -> None:
        for queue, capacity in zip(self.queues, self.capacity, strict=True):
            while queue and self.busy < capacity:
                self.busy += 1
                queue.popitem(last=True)[1].succeed(True)


class HighClassFirst(Place):
    """The higher class goes first."""

    def serve(self) -> None:
        for queue, capacity in zip(reversed(self.queues), reversed(self.capacity), strict=True):
            while queue and self.busy < capacity:
                self.busy += 1
                queue.popitem(last=False)[1].succeed(True)


class OneForAll(Place):
    """The class with the most units decides for all."""

    def started(self, klass: int) -> bool:  # noqa: ARG002
        room = self.busy < max(self.capacity)
        self.busy += room
        return room


class OneAtATime(Place):
    """A place that opens starts one person only."""

    def serve(self) -> None:
        for queue, capacity in zip(self.queues, self.capacity, strict=True):
            if queue and self.busy < capacity:
                self.busy += 1
                queue.popitem(last=False)[1].succeed(True)
                return


class FromTheBack(World):
    """Touched places are served from the last to the first: seen where the one hands on to the other."""

    def change(self, changes: list[int], slowings: list[int], event: Event | None) -> None:
        served: list[Place] = []
        with patch.object(Place, "serve", lambda place: served.append(place)):  # noqa: PLW0108 - a list's method would not be bound
            super().change(changes, slowings, event)
        for place in reversed(served):
            place.serve()


class OldCrewCounts(World):
    """What an old crew gives back is free for the new one."""

    def release(self, row: int) -> None:
        here = self.places[self.place[row]]
        handover, here.handover = here.handover, -inf
        super().release(row)
        here.handover = handover


class LastAwaitsFirst(World):
    """Whoever awaits a token longest goes on last."""

    def decided(self, code: int, row: int) -> int:
        if code == Op.POST:
            self.awaiting[self.place[row]].reverse()
        return super().decided(code, row)


class Impatient(World):
    """Patience ends a tick too early."""

    def queued(self, queue: object, row: int) -> Event:
        self.value[row] = max(self.value[row] - 1 / TICKS_PER_MINUTE, 0.0)
        return super().queued(queue, row)  # type: ignore[arg-type]


class StrictBalking(World):
    """Balks only where more than so many wait."""

    def decided(self, code: int, row: int) -> int:
        if code == Op.IF_LONGER:
            self.value[row] += 1
        return super().decided(code, row)


def _late(priority: EventPriority) -> Callable[[Instant, object, float, EventPriority], None]:
    """Schedule instants of one priority after what else is due."""
    real = Instant.__init__

    def init(self: Instant, env: object, time: float, given: EventPriority) -> None:
        real(self, env, time, NORMAL if given == priority else given)  # type: ignore[arg-type]

    return init


def _engine(target: object, name: str, value: object) -> Engine:
    def run(program: Program) -> Log:
        with patch.object(target, name, value):
            return reference.run(program)

    return run


def _rounded_down(minutes: float) -> float:
    return floor(minutes * TICKS_PER_MINUTE) / TICKS_PER_MINUTE


def _give_up_at_last(queue: object, row: int, event: Event) -> None:
    """Wait once more for whatever is due now: the end of patience comes after every grant of its instant."""
    again = Event(event.env)
    again.callbacks.append(lambda _: _GIVE_UP(queue, row, event))  # type: ignore[arg-type]
    again.succeed()


_GIVE_UP = reference.give_up

MUTANTS: dict[str, Engine] = {
    "last come, first served": _engine(reference, "Place", LastComeFirst),
    "the higher class first": _engine(reference, "Place", HighClassFirst),
    "one capacity for all classes": _engine(reference, "Place", OneForAll),
    "one start at a time": _engine(reference, "Place", OneAtATime),
    "places served from the last": _engine(reference, "World", FromTheBack),
    "an old crew frees units": _engine(reference, "World", OldCrewCounts),
    "the last to await goes first": _engine(reference, "World", LastAwaitsFirst),
    "patience ends early": _engine(reference, "World", Impatient),
    "patience ends after every grant of the instant": _engine(reference, "give_up", _give_up_at_last),
    "balking one later": _engine(reference, "World", StrictBalking),
    "capacity changes last": _engine(Instant, "__init__", _late(EventPriority(URGENT - 1))),
    "arrivals last": _engine(Instant, "__init__", _late(URGENT)),
    "work rounded down": _engine(reference, "rounded", _rounded_down),
}
