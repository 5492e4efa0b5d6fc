"""The country under other assumptions: one run for each, and the figures that a reviewer asks about.

`scenarios/studies/national_assumptions.py` asks; `docs/national.md` shows the answer of the reference run.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from scenarios.evidence import evidence_of
from scenarios.replacing import replace
from scenarios.schema.national import NationalScenario
from sim.national.findings import BACK_OFFICE, change, highest_peaks, of_arm
from sim.national.outage import MORNING
from sim.national.study import NationalResult, run_national
from texts import Lang, say
from texts.reader import language_of

AS_IT_IS = ""
"""The variant in which nothing is changed."""

FIGURES = (
    "portal_minute",
    "portal_hour",
    "relay_minute_after",
    "waiting",
    "overflowing",
    "load_largest",
    "filings_held_up",
    "jobs_left",
    "early_next_morning",
    "unprepared_next_morning",
    "wait_next_morning",
)
"""Columns of the table. The last five are what the incident makes more: late filings, jobs left at closing, early and
unprepared visits and mean wait of the next morning. `load_largest` is the work over windows in the largest places."""


def extremes(scenario: NationalScenario, keys: Sequence[str]) -> dict[str, dict[str, object]]:
    """Return two variants for each key: its least and its greatest value, as far as the value in use is another.

    Raises
    ------
    KeyError
        For a key that is no quantity of the scenario, or has no range.
    """
    known = {row.key: row for row in evidence_of(scenario)}
    found: dict[str, dict[str, object]] = {}
    for key in keys:
        row = known[key]
        if row.low is None or row.high is None:
            raise KeyError(key)
        for value in (row.low, row.high):
            if value != row.value:
                found[f"{key} = {value:g}"] = {key: int(value) if value == int(value) else value}
    return found


def vary(scenario: NationalScenario, *variants: Mapping[str, Any], seed: int = 1) -> pd.DataFrame:
    """Run the scenario as it is and once for each variant, on the same random numbers, one replication each.

    Parameters
    ----------
    variants
        By name: what to put where, as `scenarios.replacing.replace` takes it.

    Returns
    -------
    pd.DataFrame
        variant, and the columns of `FIGURES`.

    Raises
    ------
    ScenarioError
        For a key that there is not, or a value that it cannot have.
    """
    changes = {name: own for group in variants for name, own in group.items()}
    made = {AS_IT_IS: scenario} | {name: replace(scenario, own) for name, own in changes.items()}
    rows = []
    for place, (name, own) in enumerate(made.items()):
        if sys.stderr.isatty():
            print(f"\r{place}/{len(made)} ", end="", file=sys.stderr, flush=True)  # noqa: T201
        rows.append({"variant": name, **_figures(run_national(own, seed))})
    return pd.DataFrame(rows, columns=["variant", *FIGURES])


def _figures(result: NationalResult) -> dict[str, float]:
    peaks = highest_peaks(result).set_index(["system", "arm", "span"])["filings"]
    sizes = of_arm(result.sizes, "without")
    largest = sizes[sizes["people_from"] == sizes["people_from"].max()]
    return {
        "portal_minute": int(peaks["portal", "without", "minute"]),
        "portal_hour": int(peaks["portal", "without", "hour"]),
        "relay_minute_after": float(peaks.get(("relay", "with", "minute"), np.nan)),
        "waiting": int(sizes["waiting"].sum()),
        "overflowing": int(sizes["overflowing"].sum()),
        "load_largest": float(largest["load_max"].iloc[0]),
        "filings_held_up": _more(result, "filings_held_up"),
        "jobs_left": sum(_more(result, f"jobs_at_closing_{kind}") for kind in BACK_OFFICE),
        "early_next_morning": _more(result, "early_visits_next_morning"),
        "unprepared_next_morning": _more(result, "unprepared_visits_next_morning"),
        "wait_next_morning": _more(result, "wait_mean", MORNING),
    }


def _more(result: NationalResult, measure: str, hour: str = "all") -> float:
    without, within = change(result, measure, hour)
    return within - without


def cells(row: pd.Series, lang: Lang) -> tuple[str, ...]:
    """Write one variant: its name, then its figures."""
    name = str(row["variant"]) if row["variant"] else say("national.variant.as_it_is", lang)
    return (name, *(_figure(column, float(row[column])) for column in FIGURES))


def _figure(column: str, value: float) -> str:
    if np.isnan(value):
        return "–"
    if column == "load_largest":
        return f"{value:.0%}"
    if column == "wait_next_morning":
        return f"{value:+z.2f}"
    return f"{value:+z,.0f}" if column in ("jobs_left", *FIGURES[-3:]) else f"{value:,.0f}"


def headings(lang: Lang) -> tuple[str, ...]:
    """Return what the columns are called."""
    return (say("national.variant.name", lang), *(say(f"national.variant.{column}", lang) for column in FIGURES))


def show(table: pd.DataFrame, lang: Lang | None = None) -> None:
    """Print the table of `vary`: a block for each figure would be long, so a row for each variant."""
    spoken = language_of() if lang is None else lang
    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings(spoken)):
        grid.add_column(heading, justify="left" if place == 0 else "right", overflow="fold", no_wrap=place == 0)
    for _, row in table.iterrows():
        grid.add_row(*cells(row, spoken))
    Console(width=150, highlight=False, markup=False, emoji=False).print(grid)
