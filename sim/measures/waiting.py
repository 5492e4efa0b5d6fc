"""How long people wait: by kind, by who would file online, by site, weekday and hour of arrival."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.demand.households import KINDS
from sim.demand.intensity import MOVES
from sim.measures.tidy import Labels, TidyRows, groups, mean
from sim.measures.visits import Visits
from sim.program import Bools, Floats, Ints
from sim.replication import Replication

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = tuple(f"{hour:02d}" for hour in range(24))
QUANTILES = (0.5, 0.9, 0.95)
DOTS = 50
"""Points of a quantile dot plot."""


def describe_visits(replication: Replication, visits: Visits, chosen: Bools) -> dict[str, Labels]:
    """Group columns of some visits: kind, users, site, weekday and hour of the arrival."""
    household = visits.household[chosen]
    people, horizon = replication.demand.people, replication.horizon
    return {
        "kind": Labels(KINDS, people.kind[household]),
        "users": users_of(replication.demand.adopts[household]),
        "site": Labels(tuple(site.id for site in replication.scenario.sites), people.site[household]),
        "weekday": Labels(WEEKDAYS, horizon.weekday()[visits.day[chosen]]),
        "hour": Labels(HOURS, visits.hour[chosen]),
    }


def users_of(adopts: Bools) -> Labels:
    """Say who would file online where the service is offered, and who would not."""
    return Labels(("adopters", "others"), np.where(adopts, 0, 1))


def in_window(replication: Replication, minutes: Floats) -> Bools:
    """Which moments lie in the results' period: after the warm-up, not after the end."""
    start, end = replication.horizon.window
    return (minutes >= start) & (minutes < end)


def of_moves(replication: Replication, household: Ints) -> Bools:
    """Which households file an address notice (the other customers of the same desks do not)."""
    return replication.demand.people.kind[household] < len(MOVES)


def put_waiting(rows: TidyRows, replication: Replication, visits: Visits) -> None:
    """Waiting and time in office of the visits that began in the period; everybody is followed to the door.

    "all" kinds are the four kinds of address notices; other customers are listed by kind only. Visits that ended at
    the sight of the crowd had no wait; they are counted by `left_share` together with those who lost patience.
    """
    counted = in_window(replication, visits.arrival)
    moves = counted & of_moves(replication, visits.household)
    breakdowns = ((), ("users",), ("site",), ("weekday",), ("hour",), ("kind", "users"))
    _put_groups(rows, replication, visits, moves, breakdowns)
    _put_groups(rows, replication, visits, counted, (("kind",),))
    main = next(site.id for site in replication.scenario.sites if site.main)
    sites = np.array([site.id for site in replication.scenario.sites])[replication.demand.people.site[visits.household]]
    at_main = moves & (sites == main)
    _put_groups(rows, replication, visits, at_main, (("site", "hour"), ("site", "weekday", "hour")))


def _put_groups(
    rows: TidyRows,
    replication: Replication,
    visits: Visits,
    chosen: Bools,
    breakdowns: tuple[tuple[str, ...], ...],
) -> None:
    columns = describe_visits(replication, visits, chosen)
    waiting, service = visits.waiting[chosen], visits.service[chosen]
    ticket, served = visits.took_ticket[chosen], visits.served[chosen]
    for group, members in groups(columns, *breakdowns):
        waited = np.sort(waiting[members][ticket[members]])
        number = len(waited)
        rows.put("wait_mean", "min", mean(waited), number, **group)
        rows.put("wait_max", "min", float(waited[-1]) if number else np.nan, number, **group)
        quantiles = np.quantile(waited, QUANTILES) if number else np.full(len(QUANTILES), np.nan)
        for name, value in zip(("wait_median", "wait_p90", "wait_p95"), quantiles, strict=True):
            rows.put(name, "min", float(value), number, **group)
        rows.put("wait_over_30_share", "share", mean((waited > 30.0).astype(float)), number, **group)
        rows.put("office_time_mean", "min", mean((waiting + service)[members][ticket[members]]), number, **group)
        rows.put("visits", "count", float(len(members)), max(len(members), 1), **group)
        rows.put("left_share", "share", mean((~served[members]).astype(float)), len(members), **group)


def wait_quantiles(replication: Replication, visits: Visits) -> pd.DataFrame:
    """Waits of address notices as 50 equally likely values: columns kind, users, q, minutes."""
    counted = in_window(replication, visits.arrival) & of_moves(replication, visits.household) & visits.took_ticket
    users = np.where(replication.demand.adopts[visits.household], "adopters", "others")
    parts = []
    for group in ("all", "adopters", "others"):
        waited = visits.waiting[counted & ((users == group) | (group == "all"))]
        points = (np.arange(DOTS) + 0.5) / DOTS
        minutes = np.quantile(waited, points) if len(waited) else np.full(DOTS, np.nan)
        parts.append(pd.DataFrame({"kind": "all", "users": group, "q": np.arange(1, DOTS + 1), "minutes": minutes}))
    return pd.concat(parts, ignore_index=True)


def daily_waiting(replication: Replication, visits: Visits) -> pd.DataFrame:
    """Per day and site (and "all"): arrivals of address notices, and waiting of those who took a ticket."""
    horizon, people = replication.horizon, replication.demand.people
    counted = in_window(replication, visits.arrival) & of_moves(replication, visits.household)
    sites = np.array([site.id for site in replication.scenario.sites])
    frame = pd.DataFrame(
        {
            "day": visits.day[counted],
            "site": sites[people.site[visits.household[counted]]],
            "wait": np.where(visits.took_ticket, visits.waiting, np.nan)[counted],
        }
    )
    both = pd.concat([frame, frame.assign(site="all")], ignore_index=True)
    grouped = both.groupby(["day", "site"], sort=True)["wait"]
    table = pd.DataFrame(
        {
            "wait_mean": grouped.mean(),
            "wait_p90": grouped.quantile(0.9),
            "wait_max": grouped.max(),
            "arrivals": grouped.size().astype(float),
        }
    ).reset_index()
    long = table.melt(id_vars=["day", "site"], var_name="measure", value_name="value")
    long["unit"] = np.where(long["measure"] == "arrivals", "count", "min")
    long["date"] = [horizon.date_of(int(day)).isoformat() for day in long["day"]]
    return long[["date", "measure", "unit", "site", "value"]]
