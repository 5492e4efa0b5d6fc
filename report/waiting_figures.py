"""The figures on waiting: by hour of the day, and by day of the season."""

from __future__ import annotations

import datetime as dt

import altair as alt
import pandas as pd

from report import charts
from report.figures import Figure, arm_names, cells_of, drawn, grouped, per_lang, value_columns
from report.findings import pick
from report.headline import still_inside
from report.words import Both, both, name_of, number, places, short_date
from results.store import Run
from texts import Lang

MAIN_SITE = "main"
PEAK_MEASURES = ("wait_max", "wait_p95", "wait_p90", "wait_mean")
"""The measure of the season's curve: the first of these that the daily table has."""


def _site(run: Run) -> Both:
    return name_of("site", MAIN_SITE, run.manifest.labels)


def wait_by_hour(run: Run, arms: list[str]) -> Figure | None:
    """Draw the mean wait at the main office by the hour of arrival; None where the summary has no hours."""
    summary = run.table("summary")
    rows = pick(summary, "wait_mean", site=MAIN_SITE, hour="*").dropna(subset="estimate")
    parts = [rows[rows["arm"] == arm].sort_values("hour") for arm in arms]
    if any(part.empty for part in parts):
        return None
    names = arm_names(arms)
    title = _hours_title(parts)
    subtitle = both("report.hours.subtitle", site=_site(run))
    long = pd.concat(parts)
    frame = pd.DataFrame(
        {"x": long["hour"].astype(int), "value": long["estimate"], "lo": long["lo95"], "hi": long["hi95"]}
    )
    of_arm = [names[arms.index(arm)] for arm in long["arm"]]

    def draw(lang: Lang) -> alt.TopLevelMixin:
        hours = alt.Axis(title=both("report.hours.x").in_(lang), labelAngle=0, grid=False)
        return charts.curve(
            per_lang(frame, lang, arm=of_arm),
            charts.Arms([name.in_(lang) for name in names]),
            alt.X("x:O", axis=hours),
            both("report.axis.minutes").in_(lang),
            points=True,
        )

    table = [cells_of(part, number_hour) for part in grouped(long, "hour", arms)]
    return Figure(
        "wait_by_hour",
        title,
        subtitle,
        still_inside(summary, arms, site=MAIN_SITE),
        drawn("hours", title, subtitle, draw),
        [both("report.hours.x"), *value_columns(names)],
        table,
        pd.DataFrame({"hour": long["hour"], "arm": long["arm"], "unit": "min"})
        .assign(wait_mean=long["estimate"], lo95=long["lo95"], hi95=long["hi95"])
        .reset_index(drop=True),
    )


def _hours_title(parts: list[pd.DataFrame]) -> Both:
    peak = parts[0].iloc[int(parts[0]["estimate"].to_numpy().argmax())]
    values = [part.set_index("hour")["estimate"].get(peak["hour"], float("nan")) for part in parts]
    figures = [number(value, places(*values)) for value in values]
    hour = int(peak["hour"])
    if len(figures) == 1:
        return both("report.hours.title.one", hour=hour, figure=figures[0])
    return both("report.hours.title.two", hour=hour, before=figures[0], after=figures[1])


def number_hour(hour: str) -> Both:
    """Name an hour of arrival: 9時台, 9:00."""
    return both("report.hours.row", hour=int(hour))


def season(run: Run, arms: list[str]) -> Figure | None:
    """Draw each day's peak at the main office over the season; None where the daily table has no such measure."""
    if "daily" not in run.tables:
        return None
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
    title = _season_title(parts)
    subtitle = both(
        "report.season.subtitle", site=_site(run), measure=name_of("measure", measure), n=run.manifest.replications.done
    )
    long = pd.concat(parts)
    of_arm = [names[arms.index(arm)] for arm in long["arm"]]

    mondays = _mondays(sorted(set(long["date"])))

    def draw(lang: Lang) -> alt.TopLevelMixin:
        label = "utcmonth(datum.value) + 1 + '/' + utcdate(datum.value)"
        if lang == "en":
            label = "utcdate(datum.value) + ' ' + utcFormat(datum.value, '%b')"
        axis = alt.Axis(title=None, labelExpr=label, values=mondays, grid=False)
        return charts.curve(
            per_lang(long.rename(columns={"date": "x"}).drop(columns="arm"), lang, arm=of_arm),
            charts.Arms([name.in_(lang) for name in names]),
            alt.X("x:T", scale=alt.Scale(type="utc"), axis=axis),
            both("report.axis.minutes").in_(lang),
            points=False,
        )

    renamed = long.rename(columns={"value": "estimate", "lo": "lo95", "hi": "hi95"})
    table = [
        cells_of(group, lambda day: short_date(dt.date.fromisoformat(day))) for group in grouped(renamed, "date", arms)
    ]
    columns = [
        column for name in names for column in (both("report.column.of", arm=name), both("report.column.spread"))
    ]
    return Figure(
        "season",
        title,
        subtitle,
        both("report.season.note", n=run.manifest.replications.done),
        drawn("season", title, subtitle, draw),
        [both("report.season.x"), *columns],
        table,
        pd.DataFrame({"date": long["date"], "arm": long["arm"], "measure": measure, "unit": "min"})
        .assign(mean=long["value"], lowest=long["lo"], highest=long["hi"])
        .reset_index(drop=True),
    )


def _mondays(days: list[str]) -> list[int]:
    """Return the Mondays of a season, or all days where it has none, as milliseconds of UTC (as Vega takes them)."""
    first, last = (dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC) for day in (days[0], days[-1]))
    every = [first + dt.timedelta(days=count) for count in range((last - first).days + 1)]
    return [int(day.timestamp() * 1000) for day in [d for d in every if d.weekday() == 0] or every]


def _season_title(parts: list[pd.DataFrame]) -> Both:
    peaks = [part.iloc[int(part["value"].to_numpy().argmax())] for part in parts]
    days = [short_date(dt.date.fromisoformat(peak["date"])) for peak in peaks]
    figures = [number(peak["value"], places(peak["value"])) for peak in peaks]
    if len(peaks) == 1:
        return both("report.season.title.one", day=days[0], figure=figures[0])
    return both("report.season.title.two", day1=days[0], before=figures[0], day2=days[1], after=figures[1])
