"""Engines that are wrong on purpose, each in one way that a real engine could be wrong in."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sim.engines.reference import run
from sim.log import Engine, Log
from sim.program import Floats, Op, Program, on_grid


def changed(change: Callable[[Program], Program]) -> Engine:
    """Return the reference engine, fed with something else than it was asked to run."""

    def engine(program: Program) -> Log:
        return run(change(program))

    return engine


def _longer(program: Program) -> Program:
    work = program.op == Op.WORK
    return replace(program, value=np.where(work, on_grid(program.value * 1.03), program.value))


def _smaller(program: Program) -> Program:
    calendar = program.calendar
    return replace(program, calendar=replace(calendar, capacity=calendar.capacity - 1))


def _classless(program: Program) -> Program:
    return replace(program, klass=np.zeros_like(program.klass))


def _patient(program: Program) -> Program:
    return replace(program, value=np.where(program.op == Op.SEIZE, np.inf, program.value))


def _forgetful(program: Program) -> Program:
    """Let each customer's third visit, the first of a rework, take no time."""
    work = program.op == Op.WORK
    before = np.concatenate(([0], np.cumsum(work)))
    visit = before[1:] - np.repeat(before[program.offset[:-1]], np.diff(program.offset))
    return replace(program, value=np.where(work & (visit == 3), 0.0, program.value))


service_three_percent_too_long = changed(_longer)
one_unit_too_few = changed(_smaller)
blind_to_classes = changed(_classless)
blind_to_patience = changed(_patient)
third_visit_takes_no_time = changed(_forgetful)


def loses_a_customer(program: Program) -> Log:
    """Run, and forget that the last customer was served."""
    log = run(program)
    leave = log.leave.copy()
    leave[-3:] = np.nan
    return replace(log, leave=leave)


def last_come_first_served(program: Program) -> Log:
    """Run one queue without classes or patience, the latest arrival first: the same mean wait, another law."""
    value = program.value.reshape(-1, 4)
    arrival, service = value[:, 0], value[:, 2]
    free = int(program.calendar.capacity[0])
    start: Floats = np.full(len(arrival), np.nan)
    ends: list[float] = []
    stack: list[int] = []

    def serve(customer: int, time: float) -> None:
        start[customer] = time
        heapq.heappush(ends, time + service[customer])

    def until(time: float) -> None:
        while ends and ends[0] <= time:
            end = heapq.heappop(ends)
            if stack:
                serve(stack.pop(), end)

    for customer, time in enumerate(arrival.tolist()):
        until(time)
        if len(ends) < free:
            serve(customer, time)
        else:
            stack.append(customer)
    until(np.inf)
    enter, leave = np.zeros_like(value), np.zeros_like(value)
    enter[:, 1], leave[:, 1], enter[:, 2], leave[:, 2] = arrival, start, start, start + service
    return Log(enter.ravel(), leave.ravel(), np.zeros(program.rows, np.bool_))
