"""The study of the country as words and figures: tables with headings in two languages, and the same as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

import numpy as np
import pandas as pd

from sim.national.filings import KINDS
from sim.national.moves import filings_of_month, movers_of_month
from sim.national.offices import SIZE_EDGES, by_queue
from sim.national.replication import Stage
from sim.national.sizes import nearest_in_size
from sim.national.study import NationalResult
from sim.statistics import mean_interval
from texts import Lang, say


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the answer.

    Attributes
    ----------
    headings, rows
        Cells as text; the first `words` columns are words, the others figures.
    note
        What to know beside it; empty for nothing.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    note: str = ""


def heading(result: NationalResult, lang: Lang) -> str:
    """Return the line above all tables: which scenario, which days, how many replications, which seed."""
    scenario = result.scenario
    return say(
        "national.heading",
        lang,
        title=getattr(scenario.title, lang),
        first=scenario.period.start,
        last=scenario.period.end,
        replications=result.replications,
        seed=result.seed,
    )


def stage_name(stage: Stage, lang: Lang) -> str:
    """Return what a stage of the work is called, for a progress bar."""
    return say(f"national.stage.{stage}", lang)


def sections(result: NationalResult, lang: Lang, longest: int = 20) -> list[Section]:
    """Return the answer table by table.

    Parameters
    ----------
    longest
        How many of the longest queues are listed.
    """
    tables = [
        _filings(result, lang),
        _peaks(result, lang),
        _required(result, lang),
        _sizes(result, lang),
        _offices(result, lang, longest),
    ]
    return [*tables, _outage(result, lang)] if len(result.outage) else tables


def render(result: NationalResult, lang: Lang, longest: int = 20) -> str:
    """Return the answer as plain text."""
    parts = [heading(result, lang)]
    for section in sections(result, lang, longest):
        parts += ["", section.title, *_lines(section)]
        parts += [section.note] if section.note else []
    return "\n".join(parts) + "\n"


def _filings(result: NationalResult, lang: Lang) -> Section:
    mean = _of(result.filings, "without").groupby("kind")["filings"].mean()
    rows = [(say(f"national.filing.{kind}", lang), f"{mean[kind]:,.0f}") for kind in KINDS]
    rows.append((say("national.filing.total", lang), f"{mean.sum():,.0f}"))
    scenario, first = result.scenario, result.scenario.period.start
    between, _ = filings_of_month(scenario, first.year, first.month)
    note = say(
        "national.filings.note",
        lang,
        month=f"{first:%Y-%m}",
        movers=f"{movers_of_month(scenario, first.year, first.month):,}",
        persons=f"{float(scenario.moves.persons_per_filing):g}",
        between=f"{between:,}",
        within=f"{float(scenario.moves.within_per_move):g}",
    )
    return Section(say("national.filings.title", lang), _headings(lang, "kind", "filings"), tuple(rows), note=note)


def _peaks(result: NationalResult, lang: Lang) -> Section:
    """Return the highest of all replications."""
    ordered = result.peaks.sort_values("filings", ascending=False, kind="stable")
    highest = ordered.drop_duplicates(["system", "arm", "span"]).sort_index()
    rows = tuple(
        (
            say(f"national.system.{row['system']}", lang),
            say(f"national.arm.{row['arm']}", lang),
            say(f"national.span.{row['span']}", lang),
            row["date"]
            if row["span"] == "day"
            else f"{row['date']} {row['minute'] // 60:02d}:{row['minute'] % 60:02d}",
            f"{row['filings']:,}",
        )
        for row in highest.to_dict("records")
    )
    headings = _headings(lang, "system", "arm", "span", "when", "filings")
    return Section(say("national.peaks.title", lang), headings, rows, words=4)


def _required(result: NationalResult, lang: Lang) -> Section:
    rows = tuple(
        (
            say(f"national.system.{row['system']}", lang),
            say(f"national.arm.{row['arm']}", lang),
            say(f"national.period.{row['period']}", lang),
            f"{row['p50']:,.0f}",
            f"{row['p95']:,.0f}",
            f"{row['max']:,}",
        )
        for row in result.required_rates.to_dict("records")
    )
    headings = _headings(lang, "system", "arm", "span", "p50", "p95", "max")
    note = say("national.required.note", lang)
    return Section(say("national.required.title", lang), headings, rows, words=3, note=note)


def _sizes(result: NationalResult, lang: Lang) -> Section:
    numbers = ["towns", "overflowing", "share_overflowing", "visits", "overtime_h"]
    mean = _of(result.sizes, "without").groupby("people_from", as_index=False)[numbers].mean()
    rows = tuple(
        (
            _size_class(int(row["people_from"]), lang),
            _whole(row["towns"]),
            _whole(row["overflowing"]),
            f"{row['share_overflowing']:.0%}",
            _whole(row["visits"]),
            _whole(row["overtime_h"]),
        )
        for row in mean.to_dict("records")
    )
    headings = _headings(lang, "size", "towns", "overflowing", "share", "visits", "overtime_h")
    return Section(say("national.sizes.title", lang), headings, rows)


def _size_class(people_from: int, lang: Lang) -> str:
    if people_from == SIZE_EDGES[0]:
        return say("national.size.below", lang, people=f"{SIZE_EDGES[1]:,}")
    return say("national.size.from", lang, people=f"{people_from:,}")


def _offices(result: NationalResult, lang: Lang, longest: int) -> Section:
    """Return the longest queues, and the municipality whose size the scenario asks about."""
    offices = by_queue(_of(result.offices, "without"))
    size = int(result.scenario.country.example)
    example = nearest_in_size(offices["people"].to_numpy(dtype=np.int64), size)
    figures = ("people", "windows", "clerks", "visits", "days_over", "queue_at_closing", "latest_min", "overtime_h")
    rows = tuple(
        (str(row["rank"]), row["worst_day"], *(_whole(row[name]) for name in figures))
        for row in [*offices.head(longest).to_dict("records"), *offices.iloc[[example]].to_dict("records")]
    )
    note = say("national.offices.note", lang, people=f"{size:,}")
    return Section(
        say("national.offices.title", lang), _headings(lang, "rank", "worst_day", *figures), rows, words=2, note=note
    )


def _outage(result: NationalResult, lang: Lang) -> Section:
    incident = min((each for each in result.scenario.incidents if each.at is not None), key=lambda each: str(each.at))
    title = say(
        "national.outage.title", lang, incident=getattr(incident.label, lang), when=f"{incident.at:%Y-%m-%d %H:%M}"
    )
    rows = []
    for key, group in result.outage.groupby(["measure", "unit", "hour"], sort=False):
        measure, unit, hour = (str(part) for part in key)
        if group[["without", "with"]].isna().to_numpy().all():
            continue
        name = say(f"national.measure.{measure}", lang)
        name = name if hour == "all" else f"{name} {say('national.outage.hour', lang, hour=hour)}"
        write = _whole if unit == "count" and result.replications == 1 else _tenth
        rows.append(
            (name, write(group["without"].mean()), write(group["with"].mean()), _change(group["difference"], unit))
        )
    note = say("national.outage.note", lang)
    if result.replications > 1:
        note += "\n" + say("national.outage.interval", lang, replications=result.replications)
    return Section(title, _headings(lang, "measure", "without", "with", "difference"), tuple(rows), note=note)


def _change(differences: pd.Series, unit: str) -> str:
    """Write a mean difference, with the half-width of its interval where there are replications."""
    interval = mean_interval(differences.to_numpy())
    decimals = 0 if unit == "count" and interval.n == 1 else 2
    if np.isnan(interval.estimate):
        return "–"
    text = f"{interval.estimate:+,.{decimals}f}"
    return text if np.isnan(interval.hi) else f"{text} ± {interval.hi - interval.estimate:,.{decimals}f}"


def _of(table: pd.DataFrame, arm: str) -> pd.DataFrame:
    return table[table["arm"] == arm]


def _headings(lang: Lang, *names: str) -> tuple[str, ...]:
    return tuple(say(f"national.column.{name}", lang) for name in names)


def _whole(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:,.0f}"


def _tenth(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:,.1f}"


def _lines(section: Section) -> Iterator[str]:
    """Write a table in columns; full-width characters take two places."""
    table: Sequence[tuple[str, ...]] = (section.headings, *section.rows)
    widths = [max(_width(line[place]) for line in table) for place in range(len(section.headings))]
    for line in table:
        cells = [
            cell + " " * (width - _width(cell)) if place < section.words else " " * (width - _width(cell)) + cell
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield ("  " + "  ".join(cells)).rstrip()


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
