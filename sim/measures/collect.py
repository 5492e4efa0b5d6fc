"""All tables of one replication."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from sim.laws import LawCheck
from sim.measures.citizens import put_citizens
from sim.measures.grouping import ALL_ROWS
from sim.measures.lawfulness import checks_of
from sim.measures.staff import daily_staff, put_staff
from sim.measures.systems import put_systems
from sim.measures.tidy import DAILY, MEASURES, QUANTILES, Run, TidyRows
from sim.measures.visits import visits_of
from sim.measures.waiting import daily_waiting, put_waiting, wait_quantiles
from sim.occupancy import Occupancy
from sim.replication import Replication
from sim.stopwatch import Seconds, timed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Tables:
    """What is kept of one replication; the log itself is not.

    Attributes
    ----------
    arm, replication
        Of which run it is.
    rows, daily_rows, quantile_rows
        Rows of `MEASURES`, `DAILY` and `QUANTILES` of `sim.measures.tidy`; `measures`, `daily` and `quantiles` are the
        same as tables, for whoever looks at one replication alone.
    laws
        Operational laws at every place; all must hold.
    seconds
        What each stage of the replication took, measures included.
    """

    arm: str
    replication: int
    rows: list[tuple[object, ...]]
    daily_rows: list[tuple[object, ...]]
    quantile_rows: list[tuple[object, ...]]
    laws: list[LawCheck]
    seconds: Seconds = field(default_factory=dict)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Columns arm, replication, measure, unit, kind, users, site, weekday, hour, value, count."""
        return self._frame(MEASURES, self.rows)

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Columns arm, replication, date, measure, unit, site, value."""
        return self._frame(DAILY, self.daily_rows)

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """Columns arm, replication, kind, users, q, minutes."""
        return self._frame(QUANTILES, self.quantile_rows)

    def _frame(self, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> pd.DataFrame:
        from sim.frames import frame  # noqa: PLC0415  workers do without pandas

        return frame(columns, [(self.run, rows)])

    def overall(self, measure: str) -> float:
        """Return a measure over everybody and everywhere."""
        return next(cast("float", row[-2]) for row in self.rows if row[0] == measure and row[2:-2] == ALL_ROWS)

    @property
    def run(self) -> Run:
        """Arm and number of the replication."""
        return self.arm, self.replication


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
    return Tables(
        arm,
        replication.number,
        rows=rows.rows,
        daily_rows=[*daily_waiting(replication, visits), *daily_staff(replication)],
        quantile_rows=wait_quantiles(replication, visits),
        laws=checks_of(replication, occupancy),
    )
