"""The answer of the study of the country on one screen: peaks, required rates, crowded offices, the incident."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.console import Console
from rich.table import Table

from cli.here import Here
from cli.national.answer import Answer
from sim.national.findings import case_name, cases, example_office, highest_peaks, of_arm, required, sentences
from sim.national.offices import by_queue
from sim.national.outage import ALL, MORNING
from sim.national.rates import LENGTHS, PERIODS
from sim.national.study import NationalResult
from sim.national.wording import filings_of_all, first_incident, outage_rows, size_class, triple

WIDTH = 80
LONGEST = 3
"""How many of the longest queues are shown, besides the office of the size that the scenario asks about."""
_RATES, _PER_MINUTE, _SIZES, _OFFICES, _INCIDENT, _WITH_INTERVALS = (
    (26, 17, 20, 14),
    (26, 17, 20, 14),
    (26, 14, 8, 9, 9, 9),
    (30, 8, 13, 13, 12),
    (50, 9, 9, 9),
    (42, 9, 9, 17),
)
"""Cells of the columns; with a blank between them they fill the width. Of many replications changes have intervals."""
SHOWN = (
    ("filings_held_up", ALL),
    ("held_up_mean", ALL),
    ("jobs_at_closing_check", ALL),
    ("jobs_at_closing_prepare", ALL),
    ("early_visits_next_morning", ALL),
    ("unprepared_visits_next_morning", ALL),
    ("wait_mean", MORNING),
)
"""Measures of the comparison that are shown; the run folder has all."""


def show(answer: Answer, here: Here) -> None:
    """Print the answer to standard output."""
    result = answer.result
    console = Console(width=WIDTH, highlight=False, markup=False, emoji=False)
    console.print(str(getattr(result.scenario.title, here.lang)), style="bold")
    console.print(_scope(result, here), end="\n\n")
    tables = [_rates(result, here), _per_minute(result, here), _sizes(result, here), _offices(result, here)]
    if len(result.outage):
        tables.append(_incident(result, here))
    for table in tables:
        console.print(table)
    for line in sentences(result, here.lang):
        console.print(line)
    assumed, total = answer.inputs()
    console.print(here.text("cli.national.assumed", assumed=assumed, total=total))
    console.print(here.text("cli.open", path=answer.run), soft_wrap=True)


def _scope(result: NationalResult, here: Here) -> str:
    period = result.scenario.period
    return here.text(
        "cli.national.scope",
        first=period.start,
        last=period.end,
        filings=f"{filings_of_all(result):,.0f}",
        n=result.replications,
        seed=result.seed,
    )


def _grid(widths: Sequence[int], headings: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for place, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        table.add_column(heading, width=width, justify="left" if place == 0 else "right", overflow="fold")
    return table


def _headings(here: Here, *names: str) -> list[str]:
    return [here.text(f"cli.national.{name}") for name in names]


def _rates(result: NationalResult, here: Here) -> Table:
    table = _grid(_RATES, [here.text("cli.national.peaks"), *(here.text(f"national.span.{span}") for span in LENGTHS)])
    peaks = highest_peaks(result).set_index(["system", "arm"])
    for system, arm in cases(result):
        own = peaks.loc[[(system, arm)]]
        table.add_row("  " + case_name(system, arm, here.lang), *(_peak(row) for _, row in own.iterrows()))
    return table


def _peak(row: pd.Series) -> str:
    minute = int(row["minute"])
    clock = "" if row["span"] == "day" else f" {minute // 60:02d}:{minute % 60:02d}"
    return f"{row['filings']:,} ({_day(row['date'])}{clock})"


def _day(date: str) -> str:
    """Write a date without its year, which stands above."""
    return date[5:]


def _per_minute(result: NationalResult, here: Here) -> Table:
    heads = [here.text("cli.national.per_minute"), *(here.text(f"national.period.{period}") for period in PERIODS)]
    table = _grid(_PER_MINUTE, heads)
    for system, arm in cases(result):
        cells = (triple(rates) for rates in required(result, system, arm))
        table.add_row("  " + case_name(system, arm, here.lang), *cells)
    return table


def _sizes(result: NationalResult, here: Here) -> Table:
    table = _grid(_SIZES, _headings(here, "by_size", "towns", "work", "waiting", "late", "overtime"))
    numbers = of_arm(result.sizes, "without").groupby("people_from", as_index=False).mean(numeric_only=True)
    for _, row in numbers.iterrows():
        counts = (f"{row[name]:,.0f}" for name in ("waiting", "overflowing", "overtime_h"))
        name = "  " + size_class(int(row["people_from"]), here.lang)
        table.add_row(name, f"{row['towns']:,.0f}", f"{row['load_max']:.0%}", *counts)
    return table


def _offices(result: NationalResult, here: Here) -> Table:
    table = _grid(_OFFICES, _headings(here, "longest", "windows", "worst_day", "queue", "leaves"))
    offices = by_queue(of_arm(result.offices, "without"))
    shown = [*offices.head(LONGEST).iterrows(), *offices.iloc[[example_office(result, offices)]].iterrows()]
    for _, row in shown:
        numbers = (f"{row['queue_at_closing']:,.0f}", f"{row['latest_min']:,.0f}")
        name = here.text("cli.national.office", rank=int(row["rank"]), people=f"{row['people']:,.0f}")
        table.add_row("  " + name, f"{row['windows']:,.0f}", _day(row["worst_day"]) or "–", *numbers)
    return table


def _incident(result: NationalResult, here: Here) -> Table:
    incident = first_incident(result.scenario)
    title = here.text(
        "cli.national.incident", incident=getattr(incident.label, here.lang), when=f"{incident.at:%m-%d %H:%M}"
    )
    widths = _INCIDENT if result.replications == 1 else _WITH_INTERVALS
    table = _grid(widths, [title, *_headings(here, "without", "with", "difference")])
    for name, *numbers in outage_rows(result, here.lang, SHOWN):
        table.add_row("  " + name, *numbers)
    return table
