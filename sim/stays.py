"""Stays: what one entity lives from its arrival to its departure, and the steps of it that take time.

A visit to an office is a stay, and so is a notice or a preparation; the event log is written from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.measures.visits import of_visitors, roles_of_rows
from sim.program import Bools, Floats, Ints, Op
from sim.replication import Replication
from sim.steps import PlaceKind, Role
from sim.units import NOTHING, holdings, units_of_rows

_TAKES_TIME = (Op.AT, Op.DELAY, Op.WORK, Op.SEIZE, Op.AWAIT)


@dataclass(frozen=True, slots=True)
class Stays:
    """All stays as columns of shape (stays,), and the stay of each row of the program (-1: none).

    Attributes
    ----------
    row, entity
        The row whose end begins the stay, and the program's entity.
    arrival, departure
        Minutes; the departure is NaN where the stay never ended.
    """

    row: Ints
    entity: Ints
    arrival: Floats
    departure: Floats
    of_row: Ints


def stays_of(replication: Replication) -> Stays:
    """Split entities into stays. Visitors begin at each arrival; all others when their first step is over."""
    program, log = replication.compiled.program, replication.log
    entity, visitor = program.entity_of_row(), of_visitors(replication)
    role, order = roles_of_rows(replication), list(Role)
    is_first = np.zeros(program.rows, dtype=bool)
    is_first[program.offset[:-1][np.diff(program.offset) > 0]] = True
    begins = np.where(visitor, role == order.index(Role.ARRIVE), is_first) & ~np.isnan(log.leave)
    row = np.flatnonzero(begins)
    running = np.cumsum(begins) - 1
    takes_part = ~np.isnan(log.enter) & ~begins & (running >= 0)
    takes_part[takes_part] = entity[row][running[takes_part]] == entity[takes_part]
    away = visitor & (role != order.index(Role.WAIT)) & (role != order.index(Role.SERVE))
    of_row = np.where(takes_part & ~away, running, NOTHING)
    latest = log.leave[row].copy()
    inside = np.flatnonzero(of_row != NOTHING)
    left = log.leave[inside]
    np.maximum.at(latest, of_row[inside], np.where(np.isnan(left), np.inf, left))
    return Stays(row, entity[row], log.leave[row], np.where(np.isinf(latest), np.nan, latest), of_row)


@dataclass(frozen=True, slots=True)
class TimedRows:
    """Rows of stays that take time, as columns of shape (timed rows,).

    Attributes
    ----------
    place, unit, clerk
        Index of the place whose unit is held, its number, and the clerk's number; -1 where nothing is held.
    """

    row: Ints
    stay: Ints
    enter: Floats
    leave: Floats
    place: Ints
    unit: Ints
    clerk: Ints

    def where(self, chosen: Bools) -> TimedRows:
        """Return the chosen rows. `chosen` has shape (timed rows,)."""
        return TimedRows(
            self.row[chosen],
            self.stay[chosen],
            self.enter[chosen],
            self.leave[chosen],
            self.place[chosen],
            self.unit[chosen],
            self.clerk[chosen],
        )


def timed_rows(replication: Replication, stays: Stays) -> TimedRows:
    """Find the steps that take time: every queue that is joined, however short, and all else that took any."""
    program, log = replication.compiled.program, replication.log
    row = np.flatnonzero((stays.of_row != NOTHING) & np.isin(program.op, _TAKES_TIME))
    clerks = np.flatnonzero([name.split("/")[0] == PlaceKind.CLERKS for name in program.places])
    hands = holdings(program, log, clerks)
    desk, clerk = hands.outermost[row], hands.inner[row]
    unit = units_of_rows(program, log)
    rows = TimedRows(
        row=row,
        stay=stays.of_row[row],
        enter=log.enter[row],
        leave=log.leave[row],
        place=np.where(desk == NOTHING, NOTHING, program.place[desk]),
        unit=np.where(desk == NOTHING, NOTHING, unit[desk]),
        clerk=np.where(clerk == NOTHING, NOTHING, unit[clerk]),
    )
    joins_a_queue = (program.op[row] == Op.SEIZE) & (rows.place == NOTHING)
    return rows.where((rows.leave != rows.enter) | joins_a_queue)
