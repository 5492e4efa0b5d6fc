"""Small programs by hand: steps and calendars with names, in the order in which a person lives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from sim.program import Calendar, Op, Program


@dataclass(frozen=True, slots=True)
class Step:
    """One row. `target` is the name of a place or the index of a token."""

    op: Op
    target: str | int = 0
    klass: int = 0
    value: float = 0.0
    jump: int = 0
    name: str = "step"


@dataclass(frozen=True, slots=True)
class Change:
    """From `time` on a class (None: every class) may hold so many units, or work at the place takes so much longer."""

    time: float
    place: str
    units: int = 0
    klass: int | None = None
    handover: bool = False
    slowness: float | None = None


def at(time: float) -> Step:
    return Step(Op.AT, value=time, name="at")


def delay(minutes: float) -> Step:
    return Step(Op.DELAY, value=minutes, name="delay")


def work(place: str, minutes: float) -> Step:
    return Step(Op.WORK, place, value=minutes, name="work")


def seize(place: str, klass: int = 0, patience: float = inf, jump: int = 0) -> Step:
    return Step(Op.SEIZE, place, klass, patience, jump, name=f"queue for {place}")


def release(place: str, jump: int = 0) -> Step:
    """Without a jump, `build` finds the last SEIZE of the place that has no RELEASE yet."""
    return Step(Op.RELEASE, place, jump=jump, name=f"leave {place}")


def post(token: int) -> Step:
    return Step(Op.POST, token, name="post")


def wait_for(token: int) -> Step:
    return Step(Op.AWAIT, token, name="await")


def if_posted(token: int, jump: int) -> Step:
    return Step(Op.IF_POSTED, token, jump=jump, name="if posted")


def if_longer(place: str, count: int, jump: int) -> Step:
    return Step(Op.IF_LONGER, place, value=float(count), jump=jump, name="if longer")


def goto(jump: int) -> Step:
    return Step(Op.GOTO, jump=jump, name="goto")


def served(place: str, *body: Step, klass: int = 0, patience: float = inf) -> list[Step]:
    """Queue, do the body while holding the place, leave. Whoever gives up goes on after the leaving."""
    return [seize(place, klass, patience, len(body) + 2), *body, release(place, -len(body) - 1)]


def units(place: str, count: int, since: float = 0.0, klass: int | None = None, handover: bool = False) -> Change:
    return Change(since, place, count, klass, handover)


def slow(place: str, slowness: float, since: float = 0.0) -> Change:
    return Change(since, place, slowness=slowness)


def build(entities: Sequence[Sequence[Step]], *changes: Change, classes: int = 1, tokens: int = 0) -> Program:
    """Make a checked program. Places are numbered in the order in which the changes, then the steps name them."""
    rows = [step for steps in entities for step in _released(steps)]
    named = [c.place for c in changes] + [r.target for r in rows if isinstance(r.target, str)]
    places: dict[str | int, int] = {name: index for index, name in enumerate(dict.fromkeys(named))}
    names = {name: index for index, name in enumerate(dict.fromkeys(row.name for row in rows))}
    return Program(
        offset=np.cumsum([0, *map(len, entities)], dtype=np.int64),
        op=np.array([row.op for row in rows], dtype=np.int8),
        place=np.array([places.get(row.target, row.target) for row in rows], dtype=np.int32),
        klass=np.array([row.klass for row in rows], dtype=np.int8),
        value=np.array([row.value for row in rows], dtype=np.float64),
        jump=np.array([row.jump for row in rows], dtype=np.int32),
        step=np.array([names[row.name] for row in rows], dtype=np.int16),
        places=tuple(dict.fromkeys(named)),
        steps=tuple(names),
        classes=classes,
        tokens=tokens,
        calendar=calendar_of(changes, places, classes),
    ).checked()


def _released(steps: Sequence[Step]) -> list[Step]:
    rows = list(steps)
    held: dict[str | int, list[int]] = {}
    for index, row in enumerate(rows):
        if row.op == Op.SEIZE:
            held.setdefault(row.target, []).append(index)
        elif row.op == Op.RELEASE and row.jump == 0:
            rows[index] = replace(row, jump=held[row.target].pop() - index)
        elif row.op == Op.RELEASE and index + row.jump in held.get(row.target, []):
            held[row.target].remove(index + row.jump)
    return rows


def calendar_of(changes: Sequence[Change], places: Mapping[str | int, int], classes: int) -> Calendar:
    ordered = sorted(changes, key=lambda change: change.time)
    staffing = [
        (c.time, places[c.place], klass, c.units, c.handover)
        for c in ordered
        if c.slowness is None
        for klass in (range(classes) if c.klass is None else [c.klass])
    ]
    pace = [(c.time, places[c.place], c.slowness) for c in ordered if c.slowness is not None]
    time, place, klass, count, handover = zip(*staffing, strict=True) if staffing else ((),) * 5
    slow_time, slow_place, slowness = zip(*pace, strict=True) if pace else ((),) * 3
    return Calendar(
        time=np.array(time, dtype=np.float64),
        place=np.array(place, dtype=np.int64),
        klass=np.array(klass, dtype=np.int64),
        capacity=np.array(count, dtype=np.int64),
        handover=np.array(handover, dtype=np.bool_),
        slow_time=np.array(slow_time, dtype=np.float64),
        slow_place=np.array(slow_place, dtype=np.int64),
        slowness=np.array(slowness, dtype=np.float64),
    )
