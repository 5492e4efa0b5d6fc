"""The figure of a load test: its sentences, computed from what was measured, its numbers, and its chart."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from report import load_chart
from report.figures import Figure
from report.load_run import LoadRun, Played
from report.svg import Wording
from report.words import Both, both, long_date, number, plain


def load(run: LoadRun) -> Figure | None:
    """Draw the course of a load test; None where it has none."""
    table, played = run.timeline, run.played
    if table.empty:
        return None
    width = table["until"] - table["second"]
    steps = table.assign(
        rate=table["accepted"] / width, **{name: table[f"{name}_us"] / 1000 for name in load_chart.LINES}
    )
    wording = Wording()
    incidents = pd.DataFrame(
        [(wording(one.name), one.start, one.end) for one in played.incidents], columns=["name", "start", "end"]
    )
    chart = load_chart.course(steps, (*played.peak, played.carried), played.required, incidents, wording)
    columns = ("seconds", "rate", *load_chart.LINES, "calls", "failed")
    return Figure(
        "load",
        load_title(run.outcome, played),
        load_subtitle(played),
        load_note(run.outcome, played),
        chart,
        [both(f"report.load.column.{name}") for name in columns],
        [_row(row) for row in steps.to_dict("records")],
        table.assign(required_per_second=played.required),
    )


def _row(row: Mapping[Hashable, Any]) -> list[Both | str]:
    times = ["—" if not row["calls"] else figures(row[name]) for name in load_chart.LINES]
    counts = [f"{int(row[name]):,}" for name in ("calls", "failed")]
    return [f"{int(row['second'])} – {int(row['until'])}", figures(row["rate"]), *times, *counts]


def figures(value: float) -> str:
    """Write a number with up to three figures, however small it is; a thousand and more as whole ones."""
    if not math.isfinite(value) or value <= 0:
        return number(value, 0)
    text = number(value, max(0, 2 - math.floor(math.log10(value))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def load_title(outcome: str, played: Played) -> Both:
    """Say how what was carried compares with what is required, as far as the run can be believed."""
    carried, required = figures(played.carried), figures(played.required)
    words = {"seconds": f"{played.peak[1] - played.peak[0]:g}", "carried": carried, "required": required}
    if outcome == "cannot_say":
        return both("report.load.title.cannot_say")
    if played.required <= 0:
        return both("report.load.title.nothing_required")
    if played.carried <= 0:
        return both("report.load.title.none", **words)
    times = figures(played.carried / played.required)
    if float(times.replace(",", "")) == 1 or float(carried.replace(",", "")) == float(required.replace(",", "")):
        return both("report.load.title.alike", **words)
    key = "more" if played.carried > played.required else "less"
    return both(f"report.load.title.{key}", **words, times=times)


def load_subtitle(played: Played) -> Both:
    """Say what was played, how fast, and that times and rates are real ones."""
    words = {"scale": f"{played.scale:g}", "speed": f"{played.speed:g}", "length": f"{played.length:g}"}
    return both("report.load.subtitle", window=window_words(played.window), arrivals=f"{played.arrivals:,}", **words)


def load_note(outcome: str, played: Played) -> Both:
    """Say how soon applicants were answered, how many calls failed, and which incidents there were."""
    if played.calls:
        words = {"calls": f"{played.calls:,}", "failed": f"{played.failed:,}", "within": duration(played.p95)}
        parts = [both("report.load.answered", **words)]
    else:
        parts = [both("report.load.unanswered")]
    parts += [
        both("report.load.incident", name=one.name, start=f"{one.start:.0f}", end=f"{one.end:.0f}")
        for one in played.incidents
    ] or [both("report.load.no_incident")]
    if outcome == "cannot_say":
        parts.append(both("report.load.not_believed"))
    return Both("".join(part.ja for part in parts), " ".join(part.en for part in parts))


def duration(milliseconds: float) -> Both:
    """Write a length of time: 12.3 ms, 1.20 s."""
    if milliseconds < 999.5:
        return both("report.load.ms", figure=figures(milliseconds))
    return both("report.load.s", figure=figures(milliseconds / 1000))


def window_words(window: str) -> Both:
    """Write a window of the load test, "2023-03-28 08:30/12:30" or with a second date, as people write it."""
    start, _, end = window.partition("/")
    try:
        first = dt.datetime.fromisoformat(start)
        last = dt.datetime.fromisoformat(end if "-" in end else f"{start[:10]} {end}")
    except ValueError:
        return plain(window)
    day, other = long_date(first.date()), long_date(last.date())
    same = first.date() == last.date()
    return Both(
        f"{day.ja}{first:%H:%M}〜{'' if same else other.ja}{last:%H:%M}",
        f"{day.en}, {first:%H:%M} to {'' if same else f'{other.en}, '}{last:%H:%M}",
    )
