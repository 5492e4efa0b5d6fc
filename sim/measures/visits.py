"""Visits: what one person lived from coming into an office to leaving it, read from the log.

A step of role ARRIVE begins a visit when it is left; the waits and services of the entity up to the next arrival
belong to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.compilation import Compiled
from sim.demand.horizon import MINUTES_PER_DAY
from sim.kernels import kernel
from sim.log import Log
from sim.program import Bools, Floats, Ints
from sim.replication import Replication
from sim.steps import Role


@dataclass(frozen=True, slots=True)
class Visits:
    """All visits of a replication, warm-up included, as columns of shape (visits,).

    Attributes
    ----------
    household
        Index of the household.
    arrival, departure
        Model minutes; the departure is NaN while somebody still waits for ever.
    waiting, service
        Minutes in the visit.
    took_ticket
        False for those who saw the crowd and went home.
    served
        False for those who left without having been served.
    """

    household: Ints
    arrival: Floats
    departure: Floats
    waiting: Floats
    service: Floats
    took_ticket: Bools
    served: Bools

    @property
    def day(self) -> Ints:
        """Day number of the arrival."""
        return np.floor(self.arrival / MINUTES_PER_DAY).astype(np.int64)

    @property
    def hour(self) -> Ints:
        """Hour of the day of the arrival."""
        return np.floor(self.arrival % MINUTES_PER_DAY / 60).astype(np.int64)


def roles_of_rows(replication: Replication) -> Ints:
    """Role of each row of the program, as an index into `list(Role)`."""
    order = list(Role)
    return np.array([order.index(role) for role in replication.compiled.names.role])[replication.compiled.program.step]


def visits_of(replication: Replication) -> Visits:
    """Read the visits of a replication from its log.

    Rows of an entity are executed in ascending order, because jumps only go forward; so a running count of arrivals
    tells to which visit a row belongs.
    """
    return read_visits(replication.compiled, replication.log)


def read_visits(compiled: Compiled, log: Log) -> Visits:
    """Read the visits of a compiled program from its log."""
    order = list(Role)
    role = np.array([order.index(role) for role in compiled.names.role], dtype=np.int64)
    # Work in the back office has no visit of its own: its entities never arrive.
    visits = np.array([name.startswith("visit_") for name in compiled.names.flow], dtype=bool)
    steps = np.where(visits | (role == _ARRIVE), role, _NEITHER)
    arrived = log.leave[compiled.rows(role=Role.ARRIVE)]
    number = int(np.count_nonzero(~np.isnan(arrived)))
    program = compiled.program
    return Visits(*_visits(program.offset, program.step, log.enter, log.leave, steps, compiled.household, number))


_ARRIVE, _WAIT, _SERVE = (list(Role).index(role) for role in (Role.ARRIVE, Role.WAIT, Role.SERVE))
_NEITHER = -1


@kernel
def _visits(
    offset: Ints,
    step: npt.NDArray[np.int16],
    enter: Floats,
    leave: Floats,
    role: Ints,
    household: Ints,
    number: int,
) -> tuple[Ints, Floats, Floats, Floats, Floats, Bools, Bools]:
    """Go through all rows once; the columns of `Visits`.

    Parameters
    ----------
    role
        Shape (steps,): what a step is in a visit.
    number
        How many visits there are.
    """
    whose = np.empty(number, np.int64)
    arrival, departure = np.empty(number), np.empty(number)
    waiting, service = np.zeros(number), np.zeros(number)
    took_ticket, served = np.zeros(number, np.bool_), np.zeros(number, np.bool_)
    visit = -1
    for entity in range(len(offset) - 1):
        for row in range(offset[entity], offset[entity + 1]):
            does = role[step[row]]
            if does == _NEITHER or np.isnan(enter[row]):
                continue
            if does == _ARRIVE:
                if not np.isnan(leave[row]):
                    visit += 1
                    whose[visit] = household[entity]
                    arrival[visit] = departure[visit] = leave[row]
                continue
            if does == _WAIT:
                waiting[visit] += leave[row] - enter[row]
                took_ticket[visit] = True
            elif does == _SERVE:
                service[visit] += leave[row] - enter[row]
                served[visit] = True
            else:
                continue
            departure[visit] = max(departure[visit], leave[row]) if leave[row] == leave[row] else np.nan
    return whose, arrival, departure, waiting, service, took_ticket, served


def of_visiting_entities(replication: Replication) -> Bools:
    """Entities that visit an office; all others are notices and work in the back office. Shape (entities,)."""
    compiled = replication.compiled
    return np.array([name.startswith("visit_") for name in compiled.flows])[compiled.flow]


def of_visitors(replication: Replication) -> Bools:
    """Rows of entities that visit an office."""
    return of_visiting_entities(replication)[replication.compiled.program.entity_of_row()]
