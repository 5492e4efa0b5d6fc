"""All tables of one replication."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from sim.laws import LawCheck
from sim.measures.citizens import put_citizens
from sim.measures.lawfulness import checks_of
from sim.measures.staff import daily_staff, put_staff
from sim.measures.systems import put_systems
from sim.measures.tidy import TidyRows
from sim.measures.visits import visits_of
from sim.measures.waiting import daily_waiting, put_waiting, wait_quantiles
from sim.occupancy import Occupancy
from sim.replication import Replication
from sim.stopwatch import Seconds, timed


@dataclass(frozen=True, slots=True)
class Tables:
    """What is kept of one replication; the log itself is not.

    Attributes
    ----------
    measures
        arm, replication, measure, unit, kind, users, site, weekday, hour, value, count.
    daily
        arm, replication, date, measure, unit, site, value.
    quantiles
        arm, kind, users, q, minutes, replication.
    laws
        Operational laws at every place; all must hold.
    seconds
        What each stage of the replication took, measures included.
    """

    measures: pd.DataFrame
    daily: pd.DataFrame
    quantiles: pd.DataFrame
    laws: list[LawCheck]
    seconds: Seconds = field(default_factory=dict)


def tables_of(replication: Replication, arm: str) -> Tables:
    """Compute all tables of one replication of an arm."""
    measuring: Seconds = {}
    with timed(measuring, "measures"):
        tables = _tables(replication, arm)
    return replace(tables, seconds=replication.seconds | measuring)


def _tables(replication: Replication, arm: str) -> Tables:
    rows = TidyRows()
    visits, occupancy = visits_of(replication), Occupancy(replication.compiled.program, replication.log)
    put_waiting(rows, replication, visits)
    put_citizens(rows, replication, visits)
    put_staff(rows, replication, occupancy)
    put_systems(rows, replication)
    daily = pd.concat([daily_waiting(replication, visits), daily_staff(replication)], ignore_index=True)
    return Tables(
        measures=rows.table(arm, replication.number),
        daily=_marked(daily, arm, replication.number),
        quantiles=_marked(wait_quantiles(replication, visits), arm, replication.number),
        laws=checks_of(replication, occupancy),
    )


def _marked(table: pd.DataFrame, arm: str, replication: int) -> pd.DataFrame:
    """Say of which run a table is: one log, one run."""
    return table.assign(arm=arm, replication=replication)
