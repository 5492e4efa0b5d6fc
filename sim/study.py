"""Plumbing of study scripts: move one number of a scenario, run each value on the same random numbers, print a table.

`scenarios/studies/` holds the scripts; a planner copies one and changes the question.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

import pandas as pd
from rich.console import Console
from rich.table import Table

from scenarios.replacing import replace
from scenarios.schema import Scenario
from sim.experiment import Plan, run_experiment
from sim.summary import CANNOT_SAY, SURE_TEXTS
from texts import Lang, catalogue, say
from texts.reader import language_of

_LEVEL = ["measure", "unit", "value", "estimate", "lo95", "hi95"]
_CHANGE = ["difference", "difference_lo95", "difference_hi95", "sure"]
_DIMENSIONS = ["kind", "users", "site", "weekday", "hour"]


def vary(
    scenario: Scenario,
    key: str,
    values: Sequence[object],
    measures: Sequence[str],
    replications: int = 10,
    seed: int = 1,
    jobs: int | None = None,
) -> pd.DataFrame:
    """Run a scenario once for each value of a key, all on the same random numbers.

    Parameters
    ----------
    key
        A key path such as "one_stop.uptake" (see `scenarios.replacing.replace`).
    values
        What to put there; all others are compared with the first. A number replaces the quantity with its range.
    measures
        Names such as "wait_mean" (see `texts/measures.toml`), over all kinds, users, sites and hours.
    jobs
        Processes; as many as there are cores if not given.

    Returns
    -------
    pd.DataFrame
        One row per measure and value: measure, unit, value, estimate, lo95, hi95; difference, difference_lo95,
        difference_hi95 and sure ('lower', 'higher', 'cannot say') against the first value, empty in its own row.

    Raises
    ------
    ScenarioError
        For a key that there is not, or a value that it cannot have.
    KeyError
        For a measure that there is not.
    """
    arms = {str(value): replace(scenario, {key: value}) for value in values}
    total = len(arms) * replications
    plan = Plan(arms, seed, replications, jobs=jobs or os.cpu_count() or 1)
    results = run_experiment(plan, _teller(total)).results
    first, *others = arms
    levels = _overall(results.summary())
    compared = [_overall(results.comparison(first, arm)).assign(arm=arm) for arm in others or [first]]
    changes = pd.concat(compared if others else [compared[0][:0]])  # of one value alone there are no changes
    changes = changes.rename(columns={"lo95": "difference_lo95", "hi95": "difference_hi95"})
    wanted = pd.MultiIndex.from_product([measures, arms], names=["measure", "arm"]).to_frame(index=False)
    table = wanted.merge(levels, how="left", on=["measure", "arm"]).merge(
        changes[["measure", "arm", *_CHANGE]], how="left", on=["measure", "arm"]
    )
    if table["unit"].isna().any():
        raise KeyError(str(table.loc[table["unit"].isna(), "measure"].iloc[0]))
    table["value"] = pd.Series(list(values) * len(measures))
    return table[[*_LEVEL, *_CHANGE]]


def _overall(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table[_DIMENSIONS] == "all").all(axis=1)]


def _teller(total: int) -> Callable[[int], None]:
    """Say on a terminal how far the work is; say nothing in a file."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda done: print(f"\r{done}/{total} ", end="\n" if done == total else "", file=sys.stderr, flush=True)  # noqa: T201


def show(table: pd.DataFrame, lang: Lang | None = None) -> None:
    """Print the table of `vary`: for each measure a line per value, with its change against the first."""
    spoken = language_of() if lang is None else lang
    console = Console(width=sum(_WIDTHS) + len(_WIDTHS), highlight=False, markup=False, emoji=False)
    headings = [say(f"study.column.{name}", spoken) for name in _COLUMNS]
    console.print(_grid([headings]))
    for (measure, unit), rows in table.groupby(["measure", "unit"], sort=False):
        console.print(f"{_named(f'measure.{measure}', spoken)} ({_named(f'unit.{unit}', spoken)})", style="bold")
        console.print(_grid([_cells(row, spoken) for _, row in rows.iterrows()]))


_COLUMNS = ("value", "estimate", "range", "difference", "range", "sure")
_WIDTHS = (10, 8, 18, 8, 18, 16)


def _grid(rows: list[list[str]]) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    for place, width in enumerate(_WIDTHS):
        grid.add_column(width=width, justify="left" if place in (0, len(_WIDTHS) - 1) else "right")
    for row in rows:
        grid.add_row(*row)
    return grid


def _cells(row: pd.Series, lang: Lang) -> list[str]:
    cells = [f"  {row['value']}", _figure(row["estimate"]), _span(row["lo95"], row["hi95"], "")]
    if pd.isna(row["difference"]):
        return cells
    sure = say(SURE_TEXTS.get(str(row["sure"]), SURE_TEXTS[CANNOT_SAY]), lang)
    return [*cells, _figure(row["difference"], "+"), _span(row["difference_lo95"], row["difference_hi95"], "+"), sure]


def _figure(value: float, sign: str = "") -> str:
    """Write about four figures; a dash where there is no number."""
    decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 3
    return "-" if pd.isna(value) else f"{value:{sign},.{decimals}f}"


def _span(low: float, high: float, sign: str) -> str:
    return "" if pd.isna(low) or pd.isna(high) else f"{_figure(low, sign)} .. {_figure(high, sign)}"


def _named(key: str, lang: Lang) -> str:
    return say(key, lang) if key in catalogue() else key.partition(".")[2]
