"""Where the hands of the staff go, how busy they are, how late they go home, and what piles up in the back office."""

from __future__ import annotations

import numpy as np

from sim.demand.horizon import MINUTES_PER_DAY
from sim.levels import integral_above, integral_within
from sim.measures.tidy import TidyRows, mean
from sim.measures.waiting import in_window
from sim.occupancy import Occupancy
from sim.program import Floats, Ints
from sim.replication import Replication
from sim.steps import Activity, PlaceKind

STAFFED = (PlaceKind.CLERKS, PlaceKind.CARD_DESKS)


def put_staff(rows: TidyRows, replication: Replication, occupancy: Occupancy) -> None:
    """Hours by activity, utilisation and overtime, by site and for all sites together."""
    _put_hours(rows, replication)
    _put_utilisation(rows, replication, occupancy)
    _put_backlog(rows, replication)


def _put_hours(rows: TidyRows, replication: Replication) -> None:
    """Hands-on hours by activity of the work that began in the period."""
    log, compiled = replication.log, replication.compiled
    total = 0.0
    for own in Activity:
        if own is Activity.NONE:
            continue
        found = compiled.rows_of(activity is own for activity in compiled.names.activity)
        begun, ended = log.enter[found], log.leave[found]
        done = in_window(replication, begun) & ~np.isnan(ended)
        hours = float((ended - begun)[done].sum()) / 60
        total += hours
        rows.put(f"staff_hours_{own}", "h", hours, max(int(done.sum()), 1))
    rows.put("staff_hours_total", "h", total, 1)


def _put_utilisation(rows: TidyRows, replication: Replication, occupancy: Occupancy) -> None:
    """Share of staffed time in which somebody is served or work is done; hours worked beyond it.

    Only time on duty within the period counts for utilisation, so it is never above 1; the rest is overtime.
    """
    window = replication.horizon.window
    overtime = 0.0
    for kind in STAFFED:
        busy_all, staffed_all = 0.0, 0.0
        for number, site in enumerate(replication.scenario.sites):
            place = int(replication.places.index(kind, number))
            staffed = replication.staffed[place]
            busy = occupancy.busy(place)
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
    horizon = replication.horizon
    begin, end = _back_office_queue(replication)
    waiting = _left_overnight(begin, end, _closing_times(replication))
    rows.put("backlog_mean", "count", mean(waiting.astype(float)), len(waiting))
    rows.put("backlog_max", "count", float(waiting.max(initial=0)), len(waiting))
    counted = (begin >= horizon.window[0]) & (begin < horizon.window[1]) & np.isfinite(end)
    ages = (end - begin)[counted] / 60
    value = float(np.quantile(ages, 0.95)) if len(ages) else np.nan
    rows.put("backlog_age_p95", "h", value, len(ages))


def _back_office_queue(replication: Replication) -> tuple[Floats, Floats]:
    """When each job of the back office came to wait, and when a clerk took it (infinity: never)."""
    log, compiled = replication.log, replication.compiled
    begin = log.enter[compiled.rows(name="queue_back_seat")]
    end = log.leave[compiled.rows(name="queue_back_clerk")]
    seen = ~np.isnan(begin)
    return begin[seen], np.where(np.isnan(end[seen]), np.inf, end[seen])


def _left_overnight(begin: Floats, end: Floats, close: Floats) -> Ints:
    """How many jobs wait at each closing."""
    begun = np.searchsorted(np.sort(begin), close, side="right")
    return np.asarray(begun - np.searchsorted(np.sort(end), close, side="right"), dtype=np.int64)


def _closing_times(replication: Replication) -> Floats:
    """Ten minutes before midnight of each opening day in the period: what is left then stays overnight."""
    horizon = replication.horizon
    days = np.flatnonzero(horizon.is_open[: horizon.days])
    return np.asarray((days[days >= horizon.warm_up] + 1.0) * MINUTES_PER_DAY - 10.0, dtype=np.float64)


def daily_staff(replication: Replication) -> list[tuple[object, ...]]:
    """Per opening day: jobs left in the back office overnight, all sites together. Rows of `tidy.DAILY`."""
    horizon, close = replication.horizon, _closing_times(replication)
    waiting = _left_overnight(*_back_office_queue(replication), close)
    return [
        (horizon.date_of(int(minute // MINUTES_PER_DAY)).isoformat(), "backlog", "count", "all", float(number))
        for minute, number in zip(close.tolist(), waiting.tolist(), strict=True)
    ]
