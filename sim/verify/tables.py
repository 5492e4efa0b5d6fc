"""Program tables for textbook queues: customers come in as columns, a program that any engine can run goes out."""

from __future__ import annotations

import numpy as np

from sim.log import Log
from sim.program import Calendar, Floats, Ints, Op, Program, on_grid

_STEPS = ("arrival", "queue", "service", "departure")


def network_program(
    arrival: Floats,
    visits: Ints,
    place: Ints,
    service: Floats,
    capacity: Ints,
    *,
    klass: Ints | None = None,
    patience: Floats | None = None,
) -> Program:
    """Return the program of customers who arrive, visit places one after the other, and leave.

    Parameters
    ----------
    arrival, visits
        Shape (customers,): time of arrival in minutes, and number of visits (at least 1).
    place, service
        Shape (sum of visits,), customer by customer, visit by visit: place index, service minutes.
    capacity
        Shape (places,): servers, open from time 0 to every class.
    klass, patience
        Shape (sum of visits,): priority class (none given: one class), and minutes after which a waiting customer gives
        up this visit and goes on to the next (none given: never).
    """
    customers, places = len(visits), len(capacity)
    classes = 1 if klass is None else int(klass.max()) + 1
    seize = 3 * np.arange(len(place)) + np.repeat(np.arange(customers), visits) + 1
    offset = np.concatenate(([0], np.cumsum(1 + 3 * visits)))
    rows = int(offset[-1])
    op, step = np.full(rows, Op.AT, np.int8), np.zeros(rows, np.int16)
    where, queue, jump = np.zeros(rows, np.int32), np.zeros(rows, np.int8), np.zeros(rows, np.int32)
    value = np.zeros(rows)
    for ahead, code in enumerate((Op.SEIZE, Op.WORK, Op.RELEASE)):
        op[seize + ahead], step[seize + ahead], where[seize + ahead] = code, ahead + 1, place
    queue[seize], jump[seize], jump[seize + 2] = 0 if klass is None else klass, 3, -2
    value[offset[:-1]], value[seize + 1] = on_grid(arrival), on_grid(service)
    value[seize] = np.inf if patience is None else on_grid(patience)
    return Program(
        offset=offset,
        op=op,
        place=where,
        klass=queue,
        value=value,
        jump=jump,
        step=step,
        places=tuple(f"station {k}" for k in range(places)),
        steps=_STEPS,
        classes=classes,
        tokens=0,
        calendar=_always(capacity, classes),
    ).checked()


def queue_program(
    arrival: Floats, service: Floats, servers: int, klass: Ints | None = None, patience: Floats | None = None
) -> Program:
    """Return the program of one queue; columns have shape (customers,). Without patience nobody gives up."""
    place = np.zeros(len(arrival), np.int64)
    return network_program(arrival, place + 1, place, service, np.array([servers]), klass=klass, patience=patience)


def waits(program: Program, log: Log) -> Floats:
    """Return the minutes in queue of each visit, served or given up; NaN where the engine lost the customer."""
    seize = program.op == Op.SEIZE
    return np.asarray(log.leave[seize] - log.enter[seize])


def _always(capacity: Ints, classes: int) -> Calendar:
    places = len(capacity)
    size = places * classes
    return Calendar(
        time=np.zeros(size),
        place=np.repeat(np.arange(places), classes),
        klass=np.tile(np.arange(classes), places),
        capacity=np.repeat(capacity, classes),
        handover=np.zeros(size, np.bool_),
        slow_time=np.zeros(0),
        slow_place=np.zeros(0, np.int64),
        slowness=np.zeros(0),
    )
