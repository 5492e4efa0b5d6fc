"""The measures of one replication once more, in plain Python: entity by entity, row by row, without NumPy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import isnan
from statistics import fmean

import pandas as pd

from sim.demand.households import KINDS
from sim.measures.collect import Tables, tables_of
from sim.replication import Replication
from sim.steps import Role
from tests.sim.small import run_of, small

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def crowded(arm: str = "launch") -> Replication:
    """A replication in which all that can happen to a visitor happens to somebody."""
    changes = {
        "behaviour.balk": 0.5,
        "behaviour.balk_wait": 20.0,
        "behaviour.renege_per_hour": 0.3,
        "behaviour.hasty": 0.5,
        "behaviour.card_not_brought": 0.2,
        "one_stop.uptake": 0.4,
    }
    return run_of(small(changes, arm))


@cache
def crowded_tables(arm: str = "launch") -> Tables:
    return tables_of(crowded(arm), arm)


@dataclass
class Row:
    """One row that was entered."""

    entity: int
    household: int
    flow: str
    step: str
    role: Role
    activity: str
    enter: float
    leave: float


def rows_of(replication: Replication) -> Iterator[Row]:
    """Rows in the order of the table, with their names."""
    compiled, log = replication.compiled, replication.log
    names, program = compiled.names, compiled.program
    for entity in range(program.entities):
        for row in range(int(program.offset[entity]), int(program.offset[entity + 1])):
            if not isnan(log.enter[row]):
                step = int(program.step[row])
                yield Row(
                    entity,
                    int(compiled.household[entity]),
                    names.flow[step],
                    names.name[step],
                    names.role[step],
                    str(names.activity[step]),
                    float(log.enter[row]),
                    float(log.leave[row]),
                )


@dataclass
class Visit:
    """One visit, told by the rows between two arrivals of an entity."""

    household: int
    kind: str
    users: str
    site: str
    when: date
    arrival: float
    departure: float
    waiting: float = 0.0
    service: float = 0.0
    ticket: bool = False
    served: bool = False

    @property
    def hour(self) -> str:
        return f"{int(self.arrival % 1440 // 60):02d}"

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.when.weekday()]

    @property
    def is_move(self) -> bool:
        return self.kind not in ("certificate", "card_only")


def visits(replication: Replication) -> list[Visit]:
    """All visits, warm-up included."""
    people, horizon = replication.demand.people, replication.horizon
    found: list[Visit] = []
    for row in rows_of(replication):
        if not row.flow.startswith("visit_"):
            continue
        if row.role is Role.ARRIVE:
            found.append(
                Visit(
                    household=row.household,
                    kind=KINDS[people.kind[row.household]],
                    users="adopters" if replication.demand.adopts[row.household] else "others",
                    site=replication.scenario.sites[people.site[row.household]].id,
                    when=horizon.date_of(int(row.leave // 1440)),
                    arrival=row.leave,
                    departure=row.leave,
                )
            )
        elif row.role in (Role.WAIT, Role.SERVE):
            visit = found[-1]
            visit.departure = max(visit.departure, row.leave)
            if row.role is Role.WAIT:
                visit.waiting, visit.ticket = visit.waiting + row.leave - row.enter, True
            else:
                visit.service, visit.served = visit.service + row.leave - row.enter, True
    return found


def counted_visits(replication: Replication) -> list[Visit]:
    """Visits that began in the results' period."""
    start, end = replication.horizon.window
    return [visit for visit in visits(replication) if start <= visit.arrival < end]


def value(tables: Tables, measure: str, **group: str) -> float:
    """The one value of a measure in a group; what is not named is "all"."""
    row = row_of(tables, measure, **group)
    return float(row["value"])


def row_of(tables: Tables, measure: str, **group: str) -> pd.Series[float]:
    table = tables.measures
    chosen = table["measure"] == measure
    for name in ("kind", "users", "site", "weekday", "hour"):
        chosen &= table[name] == group.get(name, "all")
    assert chosen.sum() == 1, (measure, group, int(chosen.sum()))
    return table[chosen].iloc[0]


def percentile(values: Iterable[float], share: float) -> float:
    """The value at a share of the way through the sorted values, between two of them in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def average(values: Iterable[float]) -> float:
    return fmean(values)
