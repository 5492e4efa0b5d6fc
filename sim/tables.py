"""The tables of an experiment: all replications and arms together, summarised and compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.measures.collect import Tables
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
    """Put the tables of all replications together; quantiles of waits are averaged over them."""
    parts = list(parts)
    quantiles = pd.concat([part.quantiles for part in parts], ignore_index=True)
    averaged = quantiles.groupby(["arm", "kind", "users", "q"], sort=True)["minutes"].mean().reset_index()
    laws = pd.concat([_law_table(part) for part in parts], ignore_index=True)
    return Results(
        measures=pd.concat([part.measures for part in parts], ignore_index=True),
        daily=pd.concat([part.daily for part in parts], ignore_index=True),
        wait_quantiles=averaged,
        laws=laws,
    )


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
