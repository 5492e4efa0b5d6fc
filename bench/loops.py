"""Loops written by hand for nothing but these models: the limit of what a compiled engine could reach.

They know that there is one class, no patience, no calendar but desks, and that customers pass the stages in order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numpy as np
from numba import njit

from bench.models import Model
from sim.log import Log
from sim.program import Floats, Ints

Function = TypeVar("Function", bound=Callable[..., object])

ROOM = 1024
"""More than ever are in service at once."""


def loop(function: Function) -> Function:
    """Compile a loop."""
    return cast("Function", njit(cache=True, nogil=True)(function))


def mean_waits(model: Model) -> Floats:
    """Mean wait at each stage, minutes, event by event; nothing else is kept."""
    nothing = np.empty((0, 0))
    waited = _events(model.arrivals, model.service, model.shift_start, model.desks, nothing, nothing)
    means: Floats = waited / model.customers
    return means


def log_of(model: Model) -> Log:
    """The whole log in the layout of `bench.programs`, event by event."""
    shape = (model.customers, 1 + 3 * model.stages)
    enter, leave = np.empty(shape), np.empty(shape)
    _events(model.arrivals, model.service, model.shift_start, model.desks, enter, leave)
    return Log(enter.ravel(), leave.ravel(), np.zeros(enter.size, np.bool_))


def mean_wait_by_recursion(model: Model) -> Floats:
    """Mean wait of one stage with a fixed number of desks, without events: when does the next desk become free?

    Kiefer & Wolfowitz, *On the theory of queues with many servers*, Trans. AMS 78 (1955).
    """
    waited = _recursion(model.arrivals, model.service[:, 0], int(model.desks[0, 0]))
    return np.array([waited / model.customers])


class Stages(NamedTuple):
    """Who waits where. `first` and `last` bound each stage's part of `queue`; `came` is when each joined it."""

    came: Floats
    queue: Ints
    first: Ints
    last: Ints
    desks: Ints
    busy: Ints
    waited: Floats


class Served(NamedTuple):
    """Ends of services under way: a heap of times and of customers, whose size its users carry."""

    end: Floats
    customer: Ints


@loop
def _events(
    arrivals: Floats, service: Floats, shift_start: Floats, desks: Ints, enter: Floats, leave: Floats
) -> Floats:
    """Run to the end; return the sum of waits at each stage, and write the log where it has room."""
    customers, count = service.shape
    numbers = np.zeros((4, count), np.int64)
    queue = np.empty((count, customers), np.int64)
    stages = Stages(np.empty(customers), queue, numbers[0], numbers[1], numbers[2], numbers[3], np.zeros(count))
    served, inside = Served(np.empty(ROOM), np.empty(ROOM, np.int64)), 0
    stage_of = np.zeros(customers, np.int8)
    coming = shift = 0
    while True:
        change = shift_start[shift] if shift < len(shift_start) else np.inf
        arrival = arrivals[coming] if coming < customers else np.inf
        now = min(change, arrival, served.end[0] if inside > 0 else np.inf)
        if now == np.inf:
            return stages.waited
        if now == change:
            for stage in range(count):
                stages.desks[stage] = desks[shift, stage]
                inside = _serve(stages, served, inside, stage, now, service, enter, leave)
            shift += 1
            continue
        if now == arrival:
            customer, stage = coming, 0
            coming += 1
            if len(enter) > 0:
                enter[customer, 0], leave[customer, 0] = 0.0, now
        else:
            customer = served.customer[0]
            inside -= 1
            _pop(served, inside)
            stage = stage_of[customer]
            stages.busy[stage] -= 1
            inside = _serve(stages, served, inside, stage, now, service, enter, leave)
            stage += 1
            if stage == count:
                continue
            stage_of[customer] = stage
        stages.came[customer] = now
        stages.queue[stage, stages.last[stage]] = customer
        stages.last[stage] += 1
        inside = _serve(stages, served, inside, stage, now, service, enter, leave)


@loop
def _serve(
    stages: Stages, served: Served, inside: int, stage: int, now: float, service: Floats, enter: Floats, leave: Floats
) -> int:
    """Start whom there is a desk for; return how many are in service then."""
    while stages.busy[stage] < stages.desks[stage] and stages.first[stage] < stages.last[stage]:
        customer = stages.queue[stage, stages.first[stage]]
        stages.first[stage] += 1
        stages.busy[stage] += 1
        came, end, row = stages.came[customer], now + service[customer, stage], 1 + 3 * stage
        stages.waited[stage] += now - came
        _push(served, inside, end, customer)
        inside += 1
        if len(enter) > 0:
            enter[customer, row], leave[customer, row] = came, now
            enter[customer, row + 1], leave[customer, row + 1] = now, end
            enter[customer, row + 2], leave[customer, row + 2] = end, end
    return inside


@loop
def _push(served: Served, size: int, end: float, customer: int) -> None:
    ends, who, place = served.end, served.customer, size
    while place > 0:
        parent = (place - 1) >> 1
        if ends[parent] <= end:
            break
        ends[place], who[place] = ends[parent], who[parent]
        place = parent
    ends[place], who[place] = end, customer


@loop
def _pop(served: Served, size: int) -> None:
    """Take the first out of a heap that has `size` left: sift the last one down."""
    ends, who, place = served.end, served.customer, 0
    end, customer = ends[size], who[size]
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and ends[child + 1] < ends[child]:
            child += 1
        if ends[child] >= end:
            break
        ends[place], who[place] = ends[child], who[child]
        place = child
    ends[place], who[place] = end, customer


@loop
def _recursion(arrivals: Floats, service: Floats, desks: int) -> float:
    free, waited = np.zeros(desks), 0.0
    for customer in range(len(arrivals)):
        start = max(arrivals[customer], free[0])
        waited += start - arrivals[customer]
        _replace_first(free, start + service[customer])
    return waited


@loop
def _replace_first(free: Floats, end: float) -> None:
    """Take the first out of a heap and put another in."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= len(free):
            break
        if child + 1 < len(free) and free[child + 1] < free[child]:
            child += 1
        if free[child] >= end:
            break
        free[place] = free[child]
        place = child
    free[place] = end
