"""How long people wait: by kind, by who would file online, by site, weekday and hour of arrival."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.demand.households import KINDS
from sim.demand.intensity import MOVES
from sim.measures.tidy import ALL, Labels, TidyRows, groups, mean
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
    main = next(number for number, site in enumerate(replication.scenario.sites) if site.main)
    at_main = moves & (replication.demand.people.site[visits.household] == main)
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
    adopts, points = replication.demand.adopts[visits.household], (np.arange(DOTS) + 0.5) / DOTS
    users = {ALL: counted, "adopters": counted & adopts, "others": counted & ~adopts}
    minutes = [
        np.quantile(visits.waiting[chosen], points) if chosen.any() else np.full(DOTS, np.nan)
        for chosen in users.values()
    ]
    return pd.DataFrame(
        {
            "kind": ALL,
            "users": pd.array(np.repeat(list(users), DOTS), dtype="str"),
            "q": np.tile(np.arange(1, DOTS + 1), len(users)),
            "minutes": np.concatenate(minutes),
        }
    )


def daily_waiting(replication: Replication, visits: Visits) -> pd.DataFrame:
    """Per day and site (and "all"): arrivals of address notices, and waiting of those who took a ticket."""
    horizon, people = replication.horizon, replication.demand.people
    counted = in_window(replication, visits.arrival) & of_moves(replication, visits.household)
    names = sorted([*(site.id for site in replication.scenario.sites), ALL])
    code = np.array([names.index(site.id) for site in replication.scenario.sites])
    day = visits.day[counted]
    site = code[people.site[visits.household[counted]]]
    everywhere = np.full(len(day), names.index(ALL))
    both = pd.DataFrame(
        {
            "group": np.concatenate([day * len(names) + site, day * len(names) + everywhere]),
            "wait": np.tile(np.where(visits.took_ticket, visits.waiting, np.nan)[counted], 2),
        }
    )
    grouped = both.groupby("group", sort=True)["wait"]
    columns = {
        "wait_mean": grouped.mean(),
        "wait_p90": grouped.quantile(0.9),
        "wait_max": grouped.max(),
        "arrivals": grouped.size().astype(float),
    }
    group = columns["arrivals"].index.to_numpy(dtype=np.int64)
    dates = {int(own): horizon.date_of(int(own)).isoformat() for own in np.unique(day)}
    times = len(columns)
    units = ["count" if name == "arrivals" else "min" for name in columns]
    return pd.DataFrame(
        {
            "date": pd.array([dates[int(own)] for own in group // len(names)] * times, dtype="str"),
            "measure": pd.array([name for name in columns for _ in group], dtype="str"),
            "unit": pd.array([unit for unit in units for _ in group], dtype="str"),
            "site": pd.array([names[own] for own in group % len(names)] * times, dtype="str"),
            "value": np.concatenate([np.zeros(0), *(column.to_numpy(dtype=np.float64) for column in columns.values())]),
        }
    )
