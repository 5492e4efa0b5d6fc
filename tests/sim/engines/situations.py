"""What can happen in a program: situations in which an engine can go wrong, found in a program and its log."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import numpy as np

from sim.log import Log
from sim.program import Bools, Op, Program

Situation = Callable[[Program, Log], bool]


def _rows(program: Program, op: Op) -> Bools:
    rows: Bools = program.op == op
    return rows


def _waited(program: Program, log: Log) -> Bools:
    waited: Bools = _rows(program, Op.SEIZE) & (log.leave > log.enter)
    return waited


def classes_queue_together(program: Program, log: Log) -> bool:
    """Two classes wait at one place at the same time."""
    rows = np.nonzero(_waited(program, log))[0]
    return any(
        program.place[a] == program.place[b]
        and program.klass[a] != program.klass[b]
        and max(log.enter[a], log.enter[b]) < min(log.leave[a], log.leave[b])
        for a in rows
        for b in rows
    )


def capacity_of_a_class_rises_and_falls(program: Program, _: Log) -> bool:
    c = program.calendar
    for place, klass in set(zip(c.place.tolist(), c.klass.tolist(), strict=True)):
        steps = np.diff(c.capacity[(c.place == place) & (c.klass == klass)])
        if (steps > 0).any() and (steps < 0).any():
            return True
    return False


def something_takes_no_time(program: Program, log: Log) -> bool:
    entered = ~np.isnan(log.enter)
    return bool((entered & np.isin(program.op, (Op.DELAY, Op.WORK)) & (program.value == 0)).any())


def events_are_simultaneous(program: Program, log: Log) -> bool:
    """Two entities end a pause at the same instant."""
    ended = np.isin(program.op, (Op.AT, Op.DELAY, Op.WORK)) & (log.leave > log.enter)
    pairs = set(zip(log.leave[ended].tolist(), program.entity_of_row()[ended].tolist(), strict=True))
    return len({time for time, _ in pairs}) < len(pairs)


def seizes_are_nested(program: Program, log: Log) -> bool:
    """Somebody queues for a unit while holding another one."""
    entity = program.entity_of_row()
    for back in np.nonzero(_rows(program, Op.RELEASE))[0]:
        seized = back + program.jump[back]
        inside = np.arange(seized + 1, back)
        if entity[seized] == entity[back] and (_rows(program, Op.SEIZE)[inside] & ~np.isnan(log.enter[inside])).any():
            return True
    return False


def _patience_ends_now(program: Program, log: Log) -> Bools:
    patient = _rows(program, Op.SEIZE) & np.isfinite(program.value) & (program.value > 0)
    ends: Bools = patient & (log.leave - log.enter == program.value)
    return ends


def a_grant_comes_at_the_end_of_patience(program: Program, log: Log) -> bool:
    return bool((_patience_ends_now(program, log) & ~log.gone).any())


def a_grant_comes_too_late_at_the_end_of_patience(program: Program, log: Log) -> bool:
    """Patience runs out at the very instant in which somebody gives a unit of the place back."""
    back = _rows(program, Op.RELEASE)
    given = set(zip(program.place[back].tolist(), log.leave[back].tolist(), strict=True))
    gone = _patience_ends_now(program, log) & log.gone
    return any(pair in given for pair in zip(program.place[gone].tolist(), log.leave[gone].tolist(), strict=True))


def nobody_waits_for_a_token_that_is_there(program: Program, log: Log) -> bool:
    return bool((_rows(program, Op.AWAIT) & (log.leave == log.enter)).any())


def a_token_is_awaited_before_it_is_posted(program: Program, log: Log) -> bool:
    return bool((_rows(program, Op.AWAIT) & (log.leave > log.enter)).any())


def several_await_one_token(program: Program, log: Log) -> bool:
    token = program.place[_rows(program, Op.AWAIT) & (log.leave > log.enter)]
    return len(np.unique(token)) < len(token)


def _jumped(program: Program, log: Log, op: Op) -> bool:
    rows = np.nonzero(_rows(program, op) & (log.leave == log.enter))[0]
    end = program.offset[program.entity_of_row()[rows] + 1]
    far = (program.jump[rows] > 1) & (rows + 1 < end)
    return bool((far & np.isnan(log.enter[np.minimum(rows + 1, program.rows - 1)])).any())


def somebody_balks(program: Program, log: Log) -> bool:
    return _jumped(program, log, Op.IF_LONGER)


def a_token_decides_the_way(program: Program, log: Log) -> bool:
    return _jumped(program, log, Op.IF_POSTED)


def somebody_reneges(_: Program, log: Log) -> bool:
    return bool(log.gone.any())


def somebody_has_no_steps(program: Program, _: Log) -> bool:
    return bool((np.diff(program.offset) == 0).any())


def nobody_has_any_steps(program: Program, _: Log) -> bool:
    return program.rows == 0


def a_place_never_opens(program: Program, log: Log) -> bool:
    """Somebody queues without end at a place whose class has no unit, ever."""
    c = program.calendar
    for row in np.nonzero(_rows(program, Op.SEIZE) & ~np.isnan(log.enter) & np.isnan(log.leave))[0]:
        if not c.capacity[(c.place == program.place[row]) & (c.klass == program.klass[row])].any():
            return True
    return False


def a_token_is_never_posted(program: Program, log: Log) -> bool:
    return bool((_rows(program, Op.AWAIT) & ~np.isnan(log.enter) & np.isnan(log.leave)).any())


def a_new_crew_takes_over_from_busy_people(program: Program, log: Log) -> bool:
    c = program.calendar
    back = np.nonzero(_rows(program, Op.RELEASE) & ~np.isnan(log.enter))[0]
    seized = back + program.jump[back]
    return any(
        ((program.place[back] == place) & (log.leave[seized] < time) & (log.enter[back] > time)).any()
        for time, place in zip(c.time[c.handover], c.place[c.handover], strict=True)
    )


def work_is_slowed(program: Program, log: Log) -> bool:
    worked = _rows(program, Op.WORK) & (program.value > 0) & ~np.isnan(log.leave)
    return bool((log.leave - log.enter != program.value)[worked].any())


def an_arrival_meets_another_event(program: Program, log: Log) -> bool:
    """Somebody arrives at the instant at which somebody else ends a pause."""
    first = program.offset[:-1][np.diff(program.offset) > 0]
    arrives = first[(program.op[first] == Op.AT) & (program.value[first] > 0)]
    others = np.isin(program.op, (Op.DELAY, Op.WORK)) & (log.leave > log.enter)
    return bool(np.isin(log.leave[arrives], log.leave[others]).any())


def a_unit_is_given_back_twice(program: Program, _: Log) -> bool:
    back = np.nonzero(_rows(program, Op.RELEASE))[0]
    seized = back + program.jump[back]
    return len(np.unique(seized)) < len(seized)


def patience_is_without_end(program: Program, _: Log) -> bool:
    return bool((program.value[_rows(program, Op.SEIZE)] == inf).any())


SITUATIONS: tuple[Situation, ...] = (
    classes_queue_together,
    capacity_of_a_class_rises_and_falls,
    something_takes_no_time,
    events_are_simultaneous,
    seizes_are_nested,
    a_grant_comes_at_the_end_of_patience,
    a_grant_comes_too_late_at_the_end_of_patience,
    nobody_waits_for_a_token_that_is_there,
    a_token_is_awaited_before_it_is_posted,
    several_await_one_token,
    somebody_balks,
    a_token_decides_the_way,
    somebody_reneges,
    somebody_has_no_steps,
    nobody_has_any_steps,
    a_place_never_opens,
    a_token_is_never_posted,
    a_new_crew_takes_over_from_busy_people,
    work_is_slowed,
    an_arrival_meets_another_event,
    patience_is_without_end,
)
