"""The tables of an experiment: all replications and arms together, summarised and compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from sim.frames import frame
from sim.measures.collect import Tables
from sim.measures.tidy import DAILY, MEASURES, QUANTILES, Run
from sim.statistics import StatisticsError
from sim.summary import compare, summarise


@dataclass(frozen=True, slots=True)
class Results:
    """Tables of all replications, under the names that a run folder gives them."""

    measures: pd.DataFrame
    daily: pd.DataFrame
    wait_quantiles: pd.DataFrame
    laws: pd.DataFrame

    def summary(self) -> pd.DataFrame:
        """Estimate and interval of every measure of every arm."""
        return summarise(self.measures)

    def comparison(self, before: str, after: str) -> pd.DataFrame:
        """Paired differences between two arms."""
        return compare(self.measures, before, after)


def gather(parts: Iterable[Tables]) -> Results:
    """Put the tables of all replications together; quantiles of waits are averaged over them.

    Raises
    ------
    StatisticsError
        `E-tables-repeated` where a run comes twice: what is counted twice would look like a result.
    """
    parts = list(parts)
    _require_each_run_once(parts)
    quantiles = frame(QUANTILES, [(part.run, part.quantile_rows) for part in parts])
    averaged = quantiles.groupby(["arm", "kind", "users", "q"], sort=True)["minutes"].mean().reset_index()
    return Results(
        measures=frame(MEASURES, [(part.run, part.rows) for part in parts]),
        daily=frame(DAILY, [(part.run, part.daily_rows) for part in parts]),
        wait_quantiles=averaged,
        laws=_law_table(parts),
    )


def _require_each_run_once(parts: list[Tables]) -> None:
    seen: set[Run] = set()
    for part in parts:
        if part.run in seen:
            raise StatisticsError("E-tables-repeated", arm=part.arm, replication=part.replication)
        seen.add(part.run)


def _law_table(parts: list[Tables]) -> pd.DataFrame:
    table = frame(("law", "place"), [(part.run, [(check.law, check.place) for check in part.laws]) for part in parts])
    for name in ("left", "right", "gap", "holds"):
        table[name] = [getattr(check, name) for part in parts for check in part.laws]
    return table
