"""Where the hands of the staff go, how busy they are, how late they go home, and what piles up in the back office."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.demand.horizon import MINUTES_PER_DAY
from sim.measures.tidy import TidyRows, mean
from sim.measures.waiting import in_window
from sim.occupancy import Occupancy, integral_above, integral_within
from sim.program import Floats
from sim.replication import Replication
from sim.steps import Activity, PlaceKind

STAFFED = (PlaceKind.CLERKS, PlaceKind.CARD_DESKS)


def put_staff(rows: TidyRows, replication: Replication) -> None:
    """Hours by activity, utilisation and overtime, by site and for all sites together."""
    _put_hours(rows, replication)
    _put_utilisation(rows, replication)
    _put_backlog(rows, replication)


def _put_hours(rows: TidyRows, replication: Replication) -> None:
    """Hands-on hours by activity of the work that began in the period."""
    log, compiled = replication.log, replication.compiled
    done = in_window(replication, log.enter) & ~np.isnan(log.leave)
    activity = np.array([str(own) for own in compiled.names.activity])[compiled.program.step]
    spent = np.where(done, log.leave - log.enter, 0.0)
    total = 0.0
    for own in Activity:
        if own is Activity.NONE:
            continue
        chosen = done & (activity == str(own))
        hours = float(spent[chosen].sum()) / 60
        total += hours
        rows.put(f"staff_hours_{own}", "h", hours, max(int(chosen.sum()), 1))
    rows.put("staff_hours_total", "h", total, 1)


def _put_utilisation(rows: TidyRows, replication: Replication) -> None:
    """Share of staffed time in which somebody is served or work is done; hours worked beyond it.

    Only time on duty within the period counts for utilisation, so it is never above 1; the rest is overtime.
    """
    window = replication.horizon.window
    occupancy = Occupancy(replication.compiled.program, replication.log)
    overtime = 0.0
    for kind in STAFFED:
        busy_all, staffed_all = 0.0, 0.0
        for number, site in enumerate(replication.scenario.sites):
            place = int(replication.places.index(kind, number))
            staffed = replication.staffed[place]
            busy = occupancy.held(place).level()
            on_duty, capacity = integral_within(busy, staffed, window)
            busy_all, staffed_all = busy_all + on_duty, staffed_all + capacity
            overtime += integral_above(busy, staffed, window)
            if capacity > 0:
                rows.put(f"utilisation_{kind}", "share", on_duty / capacity, 1, site=site.id)
        rows.put(
            f"utilisation_{kind}", "share", busy_all / staffed_all if staffed_all else np.nan, int(staffed_all > 0)
        )
    rows.put("overtime_hours", "h", overtime / 60, 1)


def _put_backlog(rows: TidyRows, replication: Replication) -> None:
    """Jobs that wait for the back office: how many at the close of opening days, and how old they get."""
    horizon, log, compiled = replication.horizon, replication.log, replication.compiled
    queued = compiled.names.rows(compiled.program, name="queue_back_seat")
    begin = log.enter[queued]
    end = log.leave[compiled.names.rows(compiled.program, name="queue_back_clerk")]
    seen = ~np.isnan(begin)
    begin, end = begin[seen], np.where(np.isnan(end[seen]), np.inf, end[seen])
    close = _closing_times(replication)
    waiting = np.searchsorted(np.sort(begin), close, side="right") - np.searchsorted(np.sort(end), close, side="right")
    rows.put("backlog_mean", "count", mean(waiting.astype(float)), len(waiting))
    rows.put("backlog_max", "count", float(waiting.max(initial=0)), len(waiting))
    counted = (begin >= horizon.window[0]) & (begin < horizon.window[1]) & np.isfinite(end)
    ages = (end - begin)[counted] / 60
    value = float(np.quantile(ages, 0.95)) if len(ages) else np.nan
    rows.put("backlog_age_p95", "h", value, len(ages))


def _closing_times(replication: Replication) -> Floats:
    """Ten minutes before midnight of each opening day in the period: what is left then stays overnight."""
    horizon = replication.horizon
    days = np.flatnonzero(horizon.is_open[: horizon.days])
    return np.asarray((days[days >= horizon.warm_up] + 1.0) * MINUTES_PER_DAY - 10.0, dtype=np.float64)


def daily_staff(replication: Replication) -> pd.DataFrame:
    """Per opening day: jobs left in the back office overnight, all sites together."""
    horizon, log, compiled = replication.horizon, replication.log, replication.compiled
    queued = compiled.names.rows(compiled.program, name="queue_back_seat")
    begin = log.enter[queued]
    end = log.leave[compiled.names.rows(compiled.program, name="queue_back_clerk")]
    seen = ~np.isnan(begin)
    close = _closing_times(replication)
    begun = np.searchsorted(np.sort(begin[seen]), close, side="right")
    ended = np.searchsorted(np.sort(np.where(np.isnan(end[seen]), np.inf, end[seen])), close, side="right")
    dates = [horizon.date_of(int(minute // MINUTES_PER_DAY)).isoformat() for minute in close]
    return pd.DataFrame(
        {"date": dates, "measure": "backlog", "unit": "count", "site": "all", "value": (begun - ended).astype(float)}
    )
