"""What the incidents change: the filings that they held up, and the next morning at the offices, arm against arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenarios.schema.base import span
from scenarios.schema.national import NationalScenario
from sim.demand.horizon import MINUTES_PER_DAY, Horizon
from sim.national.reading import jobs_of, rows_named, tickets_of
from sim.national.replication import NationalRun
from sim.program import Floats, Ints

JOBS = {"check": ("move_out_online", "duplicate"), "prepare": ("preparation",), "post": ("move_out_post",)}
"""Journeys of each kind of back-office work."""

ALL, MORNING = "all", "until noon"
"""Of a whole day, and of those who come before noon; else the hour of arrival, "08"."""
NOON = 12 * 60


_WHEN = ("same_day", "next_morning", "next_day")
MEASURES = (
    "filings_held_up",
    "held_up_mean",
    "held_up_max",
    *(f"jobs_at_closing_{kind}" for kind in JOBS),
    *(f"jobs_at_opening_{kind}" for kind in JOBS),
    *(f"early_visits_{when}" for when in _WHEN),
    *(f"unprepared_visits_{when}" for when in _WHEN),
    "wait_mean",
)
"""What is compared, in the order in which it is shown."""


@dataclass(frozen=True, slots=True)
class Days:
    """Day numbers of the first incident and of the next opening day after it."""

    incident: int
    next: int


@dataclass(frozen=True, slots=True)
class Morning:
    """What is kept of one arm for the comparison.

    Attributes
    ----------
    visible
        Minute at which each online filing can first be seen by the municipalities; the same filings in both arms.
    measures
        measure, unit, hour, value: NaN where there was nothing to measure.
    """

    visible: Floats
    measures: pd.DataFrame


def days_of_incident(scenario: NationalScenario, horizon: Horizon) -> Days | None:
    """Day of the first incident of a scenario and the next opening day; None where nothing goes wrong."""
    times = [incident.at for incident in scenario.incidents if incident.at is not None]
    if not times:
        return None
    day = horizon.day_of(min(times).date())
    return Days(day, int(horizon.next_open(np.array([day + 1]))[0]))


def morning_of(run: NationalRun, days: Days) -> Morning:
    """Measure the day of the incident and the next morning in one arm."""
    rows: list[tuple[str, str, str, float]] = []
    _put_jobs(rows, run, days)
    _put_visits(rows, run, days)
    _put_waits(rows, run, days)
    return Morning(_visible(run), pd.DataFrame(rows, columns=["measure", "unit", "hour", "value"]))


def _visible(run: NationalRun) -> Floats:
    rows = rows_named(run, "relay_latency")
    first = np.array([name == "relay_latency" for name in run.compiled.names.name])
    return np.asarray(run.log.leave[rows[first[run.compiled.program.step[rows]]]], dtype=np.float64)


def compare(without: Morning, within: Morning, replication: int) -> pd.DataFrame:
    """Set the two arms of one replication side by side.

    Returns
    -------
    pd.DataFrame
        replication, measure, unit, hour, without, with, difference.
    """
    table = without.measures.rename(columns={"value": "without"})
    table["with"] = within.measures["value"]
    held = _held_up(without.visible, within.visible)
    table = pd.concat([pd.DataFrame(held, columns=["measure", "unit", "hour", "without", "with"]), table])
    table["difference"] = table["with"] - table["without"]
    table.insert(0, "replication", replication)
    return table.reset_index(drop=True)


def _held_up(without: Floats, within: Floats) -> list[tuple[str, str, str, float, float]]:
    later = within - without
    later = later[later > 0]
    mean, most = (float(later.mean()), float(later.max())) if len(later) else (np.nan, np.nan)
    return [
        ("filings_held_up", "count", ALL, 0.0, float(len(later))),
        ("held_up_mean", "min", ALL, 0.0, mean),
        ("held_up_max", "min", ALL, 0.0, most),
    ]


def _put_jobs(rows: list[tuple[str, str, str, float]], run: NationalRun, days: Days) -> None:
    """Jobs that wait in all back offices just before they open, and at the end of the day of the incident."""
    opens, closes = span(run.scenario.offices.back_office)
    jobs = jobs_of(run)
    for name, instant in (
        ("jobs_at_closing", days.incident * MINUTES_PER_DAY + closes),
        ("jobs_at_opening", days.next * MINUTES_PER_DAY + opens),
    ):
        # What opens at the instant is taken up in it, so whoever is taken up then still waited just before.
        waits = (jobs.came < instant) & (jobs.begun >= instant)
        by_flow = np.bincount(jobs.flow[waits], minlength=len(run.compiled.flows))
        for kind, flows in JOBS.items():
            count = sum(int(by_flow[run.compiled.flows.index(flow)]) for flow in flows)
            rows.append((f"{name}_{kind}", "count", ALL, float(count)))


def _put_visits(rows: list[tuple[str, str, str, float]], run: NationalRun, days: Days) -> None:
    """Visits that came before the certificate data, and visits with a notice that had not been prepared."""
    for name, step in (("early_visits", "call_origin"), ("unprepared_visits", "serve_unprepared")):
        came = _arrivals(run, rows_named(run, step))
        for suffix, day, until in (
            ("_same_day", days.incident, MINUTES_PER_DAY),
            ("_next_morning", days.next, NOON),
            ("_next_day", days.next, MINUTES_PER_DAY),
        ):
            midnight = day * float(MINUTES_PER_DAY)
            rows.append((name + suffix, "count", ALL, float(((came >= midnight) & (came < midnight + until)).sum())))


def _arrivals(run: NationalRun, rows: Ints) -> Floats:
    """When the people of some rows had come: the latest turn at a counter that they asked for before."""
    asked = rows_named(run, "queue_window")
    return run.log.enter[asked[np.searchsorted(asked, rows, side="right") - 1]]


def _put_waits(rows: list[tuple[str, str, str, float]], run: NationalRun, days: Days) -> None:
    """Mean wait at all counters on the next opening day, of those who come until noon, and by hour of arrival."""
    tickets = tickets_of(run)
    chosen = tickets.fresh & (np.floor(tickets.came / MINUTES_PER_DAY) == days.next)
    hour = np.floor(tickets.came[chosen] % MINUTES_PER_DAY / 60).astype(np.int64)
    waited = tickets.called[chosen] - tickets.came[chosen]
    opens, closes = span(run.scenario.offices.weekday)
    hours: Sequence[int] = range(int(opens // 60), int(np.ceil(closes / 60)))
    groups = {ALL: np.ones(len(hour), dtype=bool), MORNING: hour < NOON // 60}
    for name, own in (groups | {f"{each:02d}": hour == each for each in hours}).items():
        rows.append(("wait_mean", "min", name, float(waited[own].mean()) if own.any() else np.nan))
