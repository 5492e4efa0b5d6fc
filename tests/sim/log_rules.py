"""What must hold of the log of any engine, in plain Python and straight from the words of `sim.program`.

A log does not tell the order of events within one instant, so each rule says what must hold whatever that order was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isnan

import numpy as np

from sim.log import Log
from sim.program import Op, Program, on_grid


@dataclass(frozen=True, slots=True)
class Turn:
    """One entity at one SEIZE: came, left the queue (inf: never), gave up or not, gave the unit back (inf: never)."""

    place: int
    klass: int
    came: float
    left: float
    gone: bool
    back: float
    patience: float

    @property
    def started(self) -> bool:
        return self.left < inf and not self.gone


def turns(program: Program, log: Log) -> list[Turn]:
    back = {
        row + int(program.jump[row]): float(log.enter[row])
        for row in np.flatnonzero((program.op == Op.RELEASE) & ~np.isnan(log.enter)).tolist()
    }
    return [
        Turn(
            place=int(program.place[row]),
            klass=int(program.klass[row]),
            came=float(log.enter[row]),
            left=inf if isnan(log.leave[row]) else float(log.leave[row]),
            gone=bool(log.gone[row]),
            back=back.get(row, inf),
            patience=float(program.value[row]),
        )
        for row in np.flatnonzero((program.op == Op.SEIZE) & ~np.isnan(log.enter)).tolist()
    ]


def visited(program: Program, log: Log, entity: int) -> Iterator[int]:
    """Follow the entity from row to row as the table and the log say."""
    row, end = int(program.offset[entity]), int(program.offset[entity + 1])
    while row < end:
        yield row
        if isnan(log.leave[row]):
            return
        op, jump = program.op[row], int(program.jump[row])
        if op == Op.GOTO or log.gone[row]:
            row += jump
        elif op in (Op.IF_POSTED, Op.IF_LONGER):
            row += 1 if row + 1 < end and not isnan(log.enter[row + 1]) else jump
        else:
            row += 1


def check_steps_join_in_time(program: Program, log: Log) -> None:
    """Nobody is at two steps at once or between two; every step entered is left, gone or waited at for ever."""
    reached = np.zeros(program.rows, dtype=np.bool_)
    for entity in range(program.entities):
        now = 0.0
        for row in visited(program, log, entity):
            reached[row] = True
            assert log.enter[row] == now
            if isnan(log.leave[row]):
                assert program.op[row] in (Op.SEIZE, Op.AWAIT)
            else:
                assert log.leave[row] >= now
                now = float(log.leave[row])
    assert np.array_equal(~np.isnan(log.enter), reached)
    assert np.isnan(log.leave[~reached]).all()
    assert not log.gone[(program.op != Op.SEIZE) | np.isnan(log.leave)].any()


def check_durations(program: Program, log: Log) -> None:
    """Every step that is no queue takes exactly as long as the table says."""
    first_post = dict.fromkeys(range(program.tokens), inf)
    for row in np.flatnonzero((program.op == Op.POST) & ~np.isnan(log.enter)):
        first_post[int(program.place[row])] = min(first_post[int(program.place[row])], float(log.enter[row]))
    for row in np.flatnonzero(~np.isnan(log.enter)):
        op, now, value, target = Op(program.op[row]), log.enter[row], program.value[row], int(program.place[row])
        end = inf if isnan(log.leave[row]) else log.leave[row]
        if op == Op.AT:
            assert end == max(now, value)
        elif op == Op.DELAY:
            assert end == now + value
        elif op == Op.WORK:
            assert end == now + on_grid(value * slowness_at(program, target, now))
        elif op == Op.AWAIT:
            assert end == max(now, first_post[target])
        elif op != Op.SEIZE:
            assert end == now


def check_branches(program: Program, log: Log) -> None:
    """IF_POSTED and IF_LONGER go where the state at that instant says; at a tie either way may be right."""
    queued = turns(program, log)
    posted = [(int(program.place[row]), float(log.enter[row])) for row in np.flatnonzero(program.op == Op.POST)]
    for entity in range(program.entities):
        path = [*visited(program, log, entity), int(program.offset[entity + 1])]
        for row, following in pairwise(path):
            now, target, value, jump = log.enter[row], program.place[row], program.value[row], program.jump[row]
            if jump == 1 or isnan(log.leave[row]):
                continue
            if program.op[row] == Op.IF_POSTED:
                surely = any(token == target and time < now for token, time in posted)
                perhaps = any(token == target and time <= now for token, time in posted)
            elif program.op[row] == Op.IF_LONGER:
                here = [turn for turn in queued if turn.place == target]
                surely = sum(turn.came < now < turn.left for turn in here) >= value
                perhaps = sum(turn.came <= now <= turn.left for turn in here) >= value
            else:
                continue
            assert not surely or following == row + jump
            assert perhaps or following == row + 1


def check_patience(program: Program, log: Log) -> None:
    """Nobody waits longer than the patience, and who gives up does so at its very end."""
    for turn in turns(program, log):
        assert turn.left - turn.came <= turn.patience
        assert not turn.gone or turn.left == turn.came + turn.patience


def check_first_come_first_served(program: Program, log: Log) -> None:
    """Within a class of a place nobody starts while an earlier one still stands in the queue."""
    everyone = turns(program, log)
    for late in everyone:
        for early in everyone:
            if late.started and (early.place, early.klass) == (late.place, late.klass) and early.came < late.came:
                assert early.left <= late.left


def check_class_order(program: Program, log: Log) -> None:
    """Nobody of a higher class starts while one of a lower class, with no less capacity, waits on."""
    everyone = turns(program, log)
    for low in everyone:
        for high in everyone:
            if high.started and low.place == high.place and low.klass < high.klass and low.came < high.left < low.left:
                allowed = [capacity_at(program, low.place, turn.klass, high.left) for turn in (low, high)]
                assert allowed[0] < allowed[1]


def check_capacity(program: Program, log: Log) -> None:
    """At every instant: whoever started found room, and whoever waits on has none.

    Of those who start at t and stay, take all whose class has at most c units: the last of them to start found all the
    others there, so they and those from before are at most c.
    """
    everyone = turns(program, log)
    for place in range(len(program.places)):
        here = [turn for turn in everyone if turn.place == place]
        changes = program.calendar.time[program.calendar.place == place].tolist()
        for now in sorted({turn.left for turn in here} | {turn.back for turn in here} | {0.0, *changes}):
            if not 0 <= now < inf:
                continue
            since = handover_at(program, place, now)
            staying = [turn for turn in here if turn.started and since <= turn.left <= now < turn.back]
            starting = [capacity_at(program, place, turn.klass, now) for turn in staying if turn.left == now]
            before = len(staying) - len(starting)
            for allowed in starting:
                assert before + sum(other <= allowed for other in starting) <= allowed
            for turn in here:
                if turn.came <= now < turn.left:
                    assert len(staying) >= capacity_at(program, place, turn.klass, now)


def capacity_at(program: Program, place: int, klass: int, now: float) -> int:
    calendar = program.calendar
    due = (calendar.place == place) & (calendar.klass == klass) & (calendar.time <= now)
    return int(calendar.capacity[due][-1]) if due.any() else 0


def handover_at(program: Program, place: int, now: float) -> float:
    calendar = program.calendar
    due = calendar.time[(calendar.place == place) & calendar.handover & (calendar.time <= now)]
    return float(due[-1]) if len(due) else -inf


def slowness_at(program: Program, place: int, now: float) -> float:
    calendar = program.calendar
    due = calendar.slowness[(calendar.slow_place == place) & (calendar.slow_time <= now)]
    return float(due[-1]) if len(due) else 1.0


RULES = (
    check_steps_join_in_time,
    check_durations,
    check_branches,
    check_patience,
    check_first_come_first_served,
    check_class_order,
    check_capacity,
)
