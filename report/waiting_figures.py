"""The figures on waiting: 50 people before and after, and the peak of each day of the season."""

from __future__ import annotations

import datetime as dt
import math

import altair as alt
import pandas as pd

from report import charts
from report.figures import Figure, arm_names, cells_of, grouped
from report.findings import Change, Verdict, change
from report.headline import still_inside
from report.svg import Wording
from report.words import Both, both, name_of, number, places, short_date
from results.store import Run

MAIN_SITE = "main"
LIMIT = 30.0
"""Minutes; the measure `wait_over_30_share` is about them."""
PEAK_MEASURES = ("wait_max", "wait_p95", "wait_p90", "wait_mean")
"""The measure of the season's curve: the first of these that the daily table has."""


def site_name(run: Run, site: str = MAIN_SITE) -> Both:
    """Return what a site is called in this run."""
    return name_of("site", site, run.manifest.labels)


def fifty(run: Run, arms: list[str]) -> Figure | None:
    """Draw the waits of 50 equally likely people an arm; None where nobody waited."""
    quantiles = run.table("wait_quantiles")
    quantiles = quantiles[(quantiles["kind"] == "all") & (quantiles["users"] == "all")].dropna(subset="minutes")
    parts = [quantiles[quantiles["arm"] == arm].sort_values("q") for arm in arms]
    if any(part.empty for part in parts):
        return None
    names = arm_names(arms)
    beyond = [int((part["minutes"] > LIMIT).sum()) for part in parts]
    comparison = run.table("comparison") if len(arms) > 1 else None
    found = None if comparison is None else change(comparison, "wait_over_30_share")
    wording = Wording()
    notes = [
        [
            both(f"report.fifty.middle.{'one' if len(arms) == 1 else 'of'}", arm=name, minutes=_middle(part)),
            both("report.fifty.beyond", count=count, total=len(part), limit=f"{LIMIT:.0f}"),
        ]
        for name, part, count in zip(names, parts, beyond, strict=True)
    ]
    return Figure(
        "fifty",
        fifty_title(beyond, found),
        both("report.fifty.subtitle"),
        still_inside(run.table("summary"), arms),
        charts.dots(parts, notes, LIMIT, both("report.axis.wait"), wording),
        [both("report.fifty.position"), *names],
        _positions(parts),
        pd.concat(parts)[["arm", "q", "minutes"]].reset_index(drop=True).assign(unit="min"),
    )


def _middle(part: pd.DataFrame) -> str:
    middle = float(part["minutes"].median())
    return number(middle, 0 if middle >= 10 else 1)


def _positions(parts: list[pd.DataFrame]) -> list[list[Both | str]]:
    """Print the waits of some of the fifty, in order: the 5th, 13th, 25th, 38th, 45th, 48th."""
    minutes = [part.set_index("q")["minutes"] for part in parts]
    rows: list[list[Both | str]] = []
    for place in (5, 13, 25, 38, 45, 48, 50):
        cells = [number(own[place], places(own[place])) if place in own.index else "—" for own in minutes]
        rows.append([both("report.fifty.row", place=place), *cells])
    return rows


def fifty_title(beyond: list[int], found: Change | None) -> Both:
    """Say how many of 50 wait long, and that they get fewer or more only where the interval of their share says so."""
    if len(beyond) == 1:
        return both("report.fifty.title.one", after=beyond[0], limit=f"{LIMIT:.0f}")
    before, after = beyond
    told = Verdict.CANNOT_SAY if found is None else found.verdict
    moved = {Verdict.LOWER: after < before, Verdict.HIGHER: after > before}.get(told, False)
    key = told.value if moved else "tiny" if told in (Verdict.LOWER, Verdict.HIGHER) and before == after else "none"
    return both(f"report.fifty.title.{key}", before=before, after=after, limit=f"{LIMIT:.0f}")


def season(run: Run, arms: list[str]) -> Figure | None:
    """Draw each day's peak at the main office over the season; None where nobody came there."""
    daily = run.table("daily")
    daily = daily[daily["site"] == MAIN_SITE]
    measure = next((name for name in PEAK_MEASURES if (daily["measure"] == name).any()), None)
    if measure is None:
        return None
    values = daily[daily["measure"] == measure].groupby(["arm", "date"])["value"]
    days = values.agg(value="mean", lo="min", hi="max").dropna().reset_index()
    parts = [days[days["arm"] == arm].sort_values("date") for arm in arms]
    if any(part.empty for part in parts):
        return None
    names = arm_names(arms)
    subtitle = both(
        "report.season.subtitle",
        site=site_name(run),
        measure=name_of("measure", measure),
        n=run.manifest.replications.done,
    )
    long = pd.concat(parts)
    wording = Wording()
    first = dt.date.fromisoformat(min(long["date"]))
    words = [wording(names[arms.index(arm)]) for arm in long["arm"]]
    number_of = [(dt.date.fromisoformat(day) - first).days for day in long["date"]]
    frame = long[["value", "lo", "hi"]].assign(x=number_of, arm=words)
    ticks = _mondays(first, max(number_of))
    labels = ", ".join(f"'{wording(_tick(first + dt.timedelta(days=day)))}'" for day in ticks)
    axis = alt.Axis(title=None, grid=False, values=ticks, labelExpr=f"[{labels}][indexof({ticks}, datum.value)]")
    renamed = long.rename(columns={"value": "estimate", "lo": "lo95", "hi": "hi95"})
    spread = [both("report.column.spread")]
    return Figure(
        "season",
        _season_title(parts),
        subtitle,
        both("report.season.note", n=run.manifest.replications.done),
        charts.curve(frame, charts.Arms(names), axis, both("report.axis.minutes"), wording),
        [both("report.season.x"), *(c for name in names for c in (both("report.column.of", arm=name), *spread))],
        [
            cells_of(group, lambda day: short_date(dt.date.fromisoformat(day)))
            for group in grouped(renamed, "date", arms)
        ],
        pd.DataFrame({"date": long["date"], "arm": long["arm"], "measure": measure, "unit": "min"})
        .assign(mean=long["value"], lowest=long["lo"], highest=long["hi"])
        .reset_index(drop=True),
    )


def _mondays(first: dt.date, last: int) -> list[int]:
    """Return the Mondays of a season as numbers of days, at most a dozen of them; all days where it has none."""
    mondays = [day for day in range(last + 1) if (first + dt.timedelta(days=day)).weekday() == 0]
    days = mondays or list(range(last + 1))
    return days[:: math.ceil(len(days) / 9)]


def _tick(day: dt.date) -> Both:
    written = short_date(day)
    return Both(f"{day.month}/{day.day}", written.en.replace(written.en.split()[1], written.en.split()[1][:3]))


def _season_title(parts: list[pd.DataFrame]) -> Both:
    peaks = [part.iloc[int(part["value"].to_numpy().argmax())] for part in parts]
    days = [short_date(dt.date.fromisoformat(peak["date"])) for peak in peaks]
    figures = [number(peak["value"], places(peak["value"])) for peak in peaks]
    if len(peaks) == 1:
        return both("report.season.title.one", day=days[0], figure=figures[0])
    return both("report.season.title.two", day1=days[0], before=figures[0], day2=days[1], after=figures[1])
