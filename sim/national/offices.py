"""Which offices overflow: work against windows, who still waits at closing, how late the last visitor leaves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scenarios.schema.base import span
from sim.demand.horizon import MINUTES_PER_DAY
from sim.national.capacity import window_minutes
from sim.national.reading import Tickets, in_period, jobs_of, tickets_of
from sim.national.replication import NationalRun
from sim.program import Floats, Ints

SIZE_EDGES = (0, 10_000, 50_000, 200_000, 500_000)
"""Least number of people in each class of size."""

LATE_MIN = 60.0
"""An office overflows where the last visitor of some day leaves later than so many minutes after closing. That somebody
still waits at closing is nothing much: with one window it takes two people."""


def office_table(run: NationalRun) -> pd.DataFrame:
    """One row per municipality.

    Returns
    -------
    pd.DataFrame
        town, people, windows and clerks (in the peak), visits, load_max (work at the counter brought by the visitors of
        a day, over what its windows can do in office hours; the most on any day), days_over (opening days with somebody
        waiting at closing), queue_at_closing (the most on any day), worst_day (its date, empty where nobody ever
        waited), latest_min (minutes after closing at which the last visitor of any day left), overtime_h (hours at the
        counter outside office hours), jobs_at_closing (the most jobs that waited in the back office at the end of a
        day).
    """
    tickets, jobs = tickets_of(run), jobs_of(run)
    days, closing = _closings(run)
    # Who came before closing and was called later still waits then.
    queue = _waiting(tickets.came, tickets.called, tickets.town, closing, len(run.towns))
    worst = queue.argmax(axis=0)
    dates = np.array([run.horizon.date_of(int(day)).isoformat() for day in days])
    counted = in_period(run, tickets.came)
    late = np.zeros(len(run.towns))
    day = np.floor(tickets.came / MINUTES_PER_DAY)
    over = tickets.left - (day * MINUTES_PER_DAY + span(run.scenario.offices.weekday)[1])
    np.maximum.at(late, tickets.town[counted], over[counted])
    outside = _minutes_outside(run, tickets.called[counted], tickets.left[counted])
    staffing = run.staffing
    load = _work(run, tickets, days) / window_minutes(run.scenario, run.horizon, staffing, days)
    return pd.DataFrame(
        {
            "town": run.towns,
            "people": staffing.people,
            "windows": staffing.windows.peak,
            "clerks": staffing.clerks.peak,
            "visits": np.bincount(tickets.town[counted & tickets.fresh], minlength=len(run.towns)),
            "load_max": load.max(axis=0),
            "days_over": (queue > 0).sum(axis=0),
            "queue_at_closing": queue.max(axis=0),
            "worst_day": np.where(queue.max(axis=0) > 0, dates[worst], ""),
            "latest_min": late,
            "overtime_h": np.bincount(tickets.town[counted], weights=outside, minlength=len(run.towns)) / 60,
            "jobs_at_closing": _waiting(jobs.came, jobs.begun, jobs.town, _office_ends(run), len(run.towns)).max(
                axis=0
            ),
        }
    )


def size_table(offices: pd.DataFrame) -> pd.DataFrame:
    """Offices by size of the municipality, for each arm and replication.

    Returns
    -------
    pd.DataFrame
        arm, replication, people_from, towns, load_max (mean over the towns), waiting (towns with somebody waiting at
        closing on any day), overflowing (the last visitor of some day leaves `LATE_MIN` after closing),
        share_overflowing, visits, overtime_h.
    """
    edges = np.array(SIZE_EDGES)
    people_from = edges[np.searchsorted(edges, offices["people"], side="right") - 1]
    waiting, overflowing = offices["days_over"] > 0, offices["latest_min"] > LATE_MIN
    grouped = offices.assign(people_from=people_from, waiting=waiting, overflowing=overflowing).groupby(
        ["arm", "replication", "people_from"], sort=True, as_index=False
    )
    table = grouped.agg(
        towns=("town", "size"),
        load_max=("load_max", "mean"),
        waiting=("waiting", "sum"),
        overflowing=("overflowing", "sum"),
        visits=("visits", "sum"),
        overtime_h=("overtime_h", "sum"),
    )
    table["share_overflowing"] = table["overflowing"] / table["towns"]
    return table


def by_queue(offices: pd.DataFrame) -> pd.DataFrame:
    """Municipalities of one arm, the longest queue at closing first: means over the replications.

    Returns
    -------
    pd.DataFrame
        town, rank (by people, the largest is 1), worst_day (the date that was the worst in most replications), and the
        numbers of `office_table`.
    """
    grouped = offices.groupby("town", sort=False)
    table = grouped.mean(numeric_only=True).drop(columns="replication")
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    table.insert(1, "worst_day", grouped["worst_day"].agg(lambda dates: dates.mode().iloc[0]))
    return table.sort_values("queue_at_closing", ascending=False, kind="stable").reset_index()


def _closings(run: NationalRun) -> tuple[Ints, Floats]:
    """Opening days of the period, and the minutes at which counters close on them."""
    horizon = run.horizon
    days = np.flatnonzero(horizon.is_open[: horizon.days]).astype(np.int64)
    days = days[days >= horizon.warm_up]
    return days, _at(days, span(run.scenario.offices.weekday)[1])


def _office_ends(run: NationalRun) -> Floats:
    days, _ = _closings(run)
    return _at(days, span(run.scenario.offices.back_office)[1])


def _at(days: Ints, minute: float) -> Floats:
    return np.asarray(days * float(MINUTES_PER_DAY) + minute, dtype=np.float64)


def _work(run: NationalRun, tickets: Tickets, days: Ints) -> Floats:
    """Minutes at the counter that the visitors of each day need, on whatever day they get them; shape (days, towns)."""
    towns = len(run.towns)
    place = np.searchsorted(days, np.floor(tickets.came / MINUTES_PER_DAY))
    own = (place < len(days)) & in_period(run, tickets.came)
    minutes = np.bincount(
        place[own] * towns + tickets.town[own],
        weights=tickets.left[own] - tickets.called[own],
        minlength=len(days) * towns,
    )
    return np.asarray(minutes.reshape(len(days), towns), dtype=np.float64)


def _waiting(came: Floats, begun: Floats, town: Ints, instants: Floats, towns: Ints | int) -> Ints:
    """How many wait in every town at some instants, shape (instants, towns); who comes at the instant itself waits."""
    return np.array(
        [np.bincount(town[(came <= instant) & (begun > instant)], minlength=int(towns)) for instant in instants]
    )


def _minutes_outside(run: NationalRun, start: Floats, end: Floats) -> Floats:
    """Minutes of each spell that lie outside the counters' hours on opening days. Shape as given."""
    opens, closes = span(run.scenario.offices.weekday)
    midnight = np.flatnonzero(run.horizon.is_open) * float(MINUTES_PER_DAY)
    edges = np.stack([midnight + opens, midnight + closes], axis=1).ravel()
    open_so_far = np.repeat(np.arange(len(midnight) + 1) * (closes - opens), 2)[1:-1]
    return (end - start) - (np.interp(end, edges, open_so_far) - np.interp(start, edges, open_so_far))
