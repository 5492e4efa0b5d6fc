"""Visits: what one person lived from coming into an office to leaving it, read from the log.

A step of role ARRIVE begins a visit when it is left; the waits and services of the entity up to the next arrival
belong to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.demand.horizon import MINUTES_PER_DAY
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
    log, compiled = replication.log, replication.compiled
    role, order = roles_of_rows(replication), list(Role)
    entered = ~np.isnan(log.enter)
    arrives = entered & ~np.isnan(log.leave) & (role == order.index(Role.ARRIVE))
    visit = np.cumsum(arrives) - 1
    number = int(arrives.sum())
    # Work in the back office has no visit of its own: its entities never arrive.
    at_office = entered & of_visitors(replication)
    waits = at_office & (role == order.index(Role.WAIT))
    serves = at_office & (role == order.index(Role.SERVE))
    spent = log.leave - log.enter
    departure = log.leave[arrives].copy()
    np.maximum.at(departure, visit[waits | serves], log.leave[waits | serves])
    entity = compiled.program.entity_of_row()[arrives]
    return Visits(
        household=compiled.household[entity],
        arrival=log.leave[arrives],
        departure=departure,
        waiting=np.bincount(visit[waits], weights=spent[waits], minlength=number).astype(np.float64),
        service=np.bincount(visit[serves], weights=spent[serves], minlength=number).astype(np.float64),
        took_ticket=np.bincount(visit[waits], minlength=number) > 0,
        served=np.bincount(visit[serves], minlength=number) > 0,
    )


def of_visiting_entities(replication: Replication) -> Bools:
    """Entities that visit an office; all others are notices and work in the back office. Shape (entities,)."""
    compiled = replication.compiled
    return np.array([name.startswith("visit_") for name in compiled.flows])[compiled.flow]


def of_visitors(replication: Replication) -> Bools:
    """Rows of entities that visit an office."""
    return of_visiting_entities(replication)[replication.compiled.program.entity_of_row()]
