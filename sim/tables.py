"""The tables of an experiment: all replications and arms together, summarised and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.measures.collect import Tables
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
        `E-tables-mixed` where one part holds rows of more than one run, `E-tables-repeated` where a run comes twice.
    """
    parts = list(parts)
    _require_each_run_once(parts)
    quantiles = pd.concat([part.quantiles for part in parts], ignore_index=True)
    averaged = quantiles.groupby(["arm", "kind", "users", "q"], sort=True)["minutes"].mean().reset_index()
    laws = pd.concat([_law_table(part) for part in parts], ignore_index=True)
    return Results(
        measures=pd.concat([part.measures for part in parts], ignore_index=True),
        daily=pd.concat([part.daily for part in parts], ignore_index=True),
        wait_quantiles=averaged,
        laws=laws,
    )


def _require_each_run_once(parts: list[Tables]) -> None:
    """One table, one run: what is mixed or counted twice would look like a result."""
    seen: set[tuple[str, int]] = set()
    for part in parts:
        tables = (part.measures, part.daily, part.quantiles)
        runs = {(str(arm), int(number)) for table in tables for arm, number in _runs(table)}
        if len(runs) != 1:
            raise StatisticsError("E-tables-mixed", runs=", ".join(f"{arm}/{number}" for arm, number in sorted(runs)))
        arm, number = runs.pop()
        if (arm, number) in seen:
            raise StatisticsError("E-tables-repeated", arm=arm, replication=number)
        seen.add((arm, number))


def _runs(table: pd.DataFrame) -> Iterator[tuple[str, int]]:
    return table[["arm", "replication"]].drop_duplicates().itertuples(index=False, name=None)


def _law_table(part: Tables) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            name: [getattr(check, name) for check in part.laws]
            for name in ("law", "place", "left", "right", "gap", "holds")
        }
    )
    table.insert(0, "replication", np.full(len(table), int(part.measures["replication"].iloc[0])))
    table.insert(0, "arm", str(part.measures["arm"].iloc[0]))
    return table
