"""The study of the country as words and figures: tables with headings in two languages, and the same as plain text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

import numpy as np
import pandas as pd

from scenarios.schema.national import NationalScenario
from scenarios.schema.systems import Incident
from sim.national.filings import KINDS
from sim.national.findings import case_name, cases, example_office, highest_peaks, moment, of_arm, required, sentences
from sim.national.moves import filings_of_month, movers_of_month
from sim.national.offices import SIZE_EDGES, by_queue
from sim.national.outage import ALL, MEASURES, MORNING
from sim.national.rates import LENGTHS, PERIODS
from sim.national.replication import Stage
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
        filings_section(result, lang),
        peaks_section(result, lang),
        required_section(result, lang),
        sizes_section(result, lang),
        offices_section(result, lang, longest),
    ]
    return [*tables, outage_section(result, lang)] if len(result.outage) else tables


def render(result: NationalResult, lang: Lang, longest: int = 20) -> str:
    """Return the answer as plain text."""
    parts = [heading(result, lang), "", *sentences(result, lang)]
    for section in sections(result, lang, longest):
        parts += ["", section.title, *_lines(section)]
        parts += [section.note] if section.note else []
    return "\n".join(parts) + "\n"


def filings_of_all(result: NationalResult) -> float:
    """Return the filings of all kinds together, mean over the replications."""
    return float(of_arm(result.filings, "without").groupby("replication")["filings"].sum().mean())


def filings_section(result: NationalResult, lang: Lang) -> Section:
    """Return how many filings there are, by kind, and how the number comes together."""
    mean = of_arm(result.filings, "without").groupby("kind")["filings"].mean()
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


def peaks_section(result: NationalResult, lang: Lang) -> Section:
    """Return the busiest minute, hour and day of each system; the highest of all replications."""
    peaks = highest_peaks(result)
    rows = []
    for system, arm in cases(result):
        own = peaks[(peaks["system"] == system) & (peaks["arm"] == arm)]
        cells = [
            (f"{row['filings']:,}", moment(row["date"], int(row["minute"]), row["span"]))
            for row in own.to_dict("records")
        ]
        rows.append((case_name(system, arm, lang), *(text for cell in cells for text in cell)))
    spans = [say(f"national.span.{span}", lang) for span in LENGTHS]
    heads = [text for span in spans for text in (span, say("national.column.when", lang))]
    return Section(say("national.peaks.title", lang), (say("national.column.system", lang), *heads), tuple(rows))


def required_section(result: NationalResult, lang: Lang) -> Section:
    """Return the filings a minute that each system has to bear."""
    rows = tuple(
        (case_name(system, arm, lang), *(triple(rates) for rates in required(result, system, arm)))
        for system, arm in cases(result)
    )
    heads = (say("national.column.system", lang), *(say(f"national.period.{period}", lang) for period in PERIODS))
    note = say("national.required.note", lang)
    return Section(say("national.required.title", lang), heads, rows, note=note)


def triple(rates: Mapping[str, int]) -> str:
    """Write median, 95th percentile and maximum of whole filings."""
    return " / ".join(f"{rates[name]:,}" for name in ("p50", "p95", "max"))


def sizes_section(result: NationalResult, lang: Lang) -> Section:
    """Return crowding by size of the municipality."""
    numbers = ["towns", "load_max", "waiting", "overflowing", "share_overflowing", "visits", "overtime_h"]
    mean = of_arm(result.sizes, "without").groupby("people_from", as_index=False)[numbers].mean()
    rows = tuple(
        (
            size_class(int(row["people_from"]), lang),
            _whole(row["towns"]),
            f"{row['load_max']:.0%}",
            _whole(row["waiting"]),
            _whole(row["overflowing"]),
            f"{row['share_overflowing']:.0%}",
            _whole(row["visits"]),
            _whole(row["overtime_h"]),
        )
        for row in mean.to_dict("records")
    )
    headings = _headings(lang, "size", "towns", "load_max", "waiting", "overflowing", "share", "visits", "overtime_h")
    return Section(say("national.sizes.title", lang), headings, rows, note=say("national.sizes.note", lang))


def size_class(people_from: int, lang: Lang) -> str:
    """Return what a class of size is called by its least number of people."""
    if people_from == SIZE_EDGES[0]:
        return say("national.size.below", lang, people=f"{SIZE_EDGES[1]:,}")
    return say("national.size.from", lang, people=f"{people_from:,}")


def offices_section(result: NationalResult, lang: Lang, longest: int) -> Section:
    """Return the longest queues, and the municipality whose size the scenario asks about."""
    offices = by_queue(of_arm(result.offices, "without"))
    example = example_office(result, offices)
    figures = ("people", "windows", "clerks", "visits", "days_over", "queue_at_closing", "latest_min", "overtime_h")
    rows = tuple(
        (str(row["rank"]), row["worst_day"], *(_whole(row[name]) for name in figures))
        for row in [*offices.head(longest).to_dict("records"), *offices.iloc[[example]].to_dict("records")]
    )
    note = say("national.offices.note", lang, people=f"{int(result.scenario.country.example):,}")
    return Section(
        say("national.offices.title", lang), _headings(lang, "rank", "worst_day", *figures), rows, words=2, note=note
    )


def first_incident(scenario: NationalScenario) -> Incident:
    """Return the incident of a scenario that comes first."""
    return min(scenario.incidents, key=lambda each: str(each.at))


def outage_section(result: NationalResult, lang: Lang) -> Section:
    """Return all that the incident changes."""
    incident = first_incident(result.scenario)
    title = say(
        "national.outage.title", lang, incident=getattr(incident.label, lang), when=f"{incident.at:%Y-%m-%d %H:%M}"
    )
    note = say("national.outage.note", lang)
    if result.replications > 1:
        note += "\n" + say("national.outage.interval", lang, replications=result.replications)
    heads = _headings(lang, "measure", "without", "with", "difference")
    return Section(title, heads, tuple(outage_rows(result, lang)), note=note)


def outage_rows(
    result: NationalResult, lang: Lang, chosen: Collection[tuple[str, str]] | None = None
) -> list[tuple[str, str, str, str]]:
    """Return measure, without, with and difference as text.

    Parameters
    ----------
    chosen
        Measures and hours that are wanted; all of them if not given. What there was nothing to measure of is left out.
    """
    rows = []
    order = {measure: place for place, measure in enumerate(MEASURES)}
    table = result.outage.sort_values(["measure", "hour"], key=lambda names: names.map(order | _HOURS).fillna(0))
    for key, group in table.groupby(["measure", "unit", "hour"], sort=False):
        measure, unit, hour = (str(part) for part in key)
        nothing = group[["without", "with"]].isna().to_numpy().all()
        if nothing or (chosen is not None and (measure, hour) not in chosen):
            continue
        name = say(f"national.measure.{measure}", lang)
        name = name if hour == ALL else f"{name} {_hour(hour, lang)}"
        write = _whole if unit == "count" and result.replications == 1 else _tenth
        rows.append(
            (name, write(group["without"].mean()), write(group["with"].mean()), _change(group["difference"], unit))
        )
    return rows


_HOURS = {ALL: -2, MORNING: -1} | {f"{hour:02d}": hour for hour in range(24)}


def _hour(hour: str, lang: Lang) -> str:
    return say("national.outage.morning", lang) if hour == MORNING else say("national.outage.hour", lang, hour=hour)


def _change(differences: pd.Series, unit: str) -> str:
    """Write a mean difference, with the half-width of its interval where there are replications."""
    interval = mean_interval(differences.to_numpy())
    decimals = 0 if unit == "count" and interval.n == 1 else 2
    if np.isnan(interval.estimate):
        return "–"
    text = f"{interval.estimate:+z,.{decimals}f}"
    return text if np.isnan(interval.hi) else f"{text} ± {interval.hi - interval.estimate:,.{decimals}f}"


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
