"""The models of the race as program tables for our engines, and the mean waits out of their logs."""

from __future__ import annotations

import numpy as np

from bench.models import Model
from sim.log import Log
from sim.program import Calendar, Floats, Ints, Op, Program

NOTHING = np.zeros(0)


def program_of(model: Model) -> Program:
    """Lay out a model: one row to arrive, then three a stage (queue, be served, leave)."""
    shape = (model.customers, 1 + 3 * model.stages)
    op, place = np.empty(shape, np.int8), np.zeros(shape, np.int32)
    value, jump = np.zeros(shape), np.zeros(shape, np.int32)
    op[:, 0], op[:, 1::3], op[:, 2::3], op[:, 3::3] = Op.AT, Op.SEIZE, Op.DELAY, Op.RELEASE
    place[:, 1:] = np.repeat(np.arange(model.stages), 3)
    value[:, 0], value[:, 1::3], value[:, 2::3] = model.arrivals, np.inf, model.service
    jump[:, 3::3] = -2
    return Program(
        offset=np.arange(model.customers + 1) * shape[1],
        op=op.ravel(),
        place=place.ravel(),
        klass=np.zeros(op.size, np.int8),
        value=value.ravel(),
        jump=jump.ravel(),
        step=np.tile(np.arange(shape[1], dtype=np.int16), model.customers),
        places=tuple(f"stage {stage}" for stage in range(model.stages)),
        steps=("arrive", *(f"{what} {stage}" for stage in range(model.stages) for what in ("queue", "serve", "leave"))),
        classes=1,
        tokens=0,
        calendar=calendar_of(model.shift_start, model.desks),
    )


def calendar_of(start: Floats, desks: Ints) -> Calendar:
    """Lay out shifts as a calendar: every stage changes at the start of every shift."""
    changes = desks.size
    return Calendar(
        time=np.repeat(start, desks.shape[1]),
        place=np.tile(np.arange(desks.shape[1]), len(start)),
        klass=np.zeros(changes, np.int64),
        capacity=desks.ravel(),
        handover=np.zeros(changes, np.bool_),
        slow_time=NOTHING,
        slow_place=NOTHING.astype(np.int64),
        slowness=NOTHING,
    )


def mean_waits(model: Model, log: Log) -> Floats:
    """Mean wait at each stage, minutes, shape (stages,). Sums of times on the grid are exact in any order."""
    rows = (model.customers, 1 + 3 * model.stages)
    waited = log.leave.reshape(rows)[:, 1::3] - log.enter.reshape(rows)[:, 1::3]
    means: Floats = waited.sum(axis=0) / model.customers
    return means
