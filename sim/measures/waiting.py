"""How long people wait: by kind, by who would file online, by site, weekday and hour of arrival."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from sim.demand.households import KINDS
from sim.demand.intensity import MOVES
from sim.measures.grouping import ALL, Groups, Labels, groups, per
from sim.measures.tidy import TidyRows
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
    at_main = moves & _at_main(replication, visits)
    _put_groups(rows, replication, visits, at_main, (("site", "hour"), ("site", "weekday", "hour")))


def put_few_waits(rows: TidyRows, replication: Replication, visits: Visits) -> None:
    """Of `put_waiting` what a quick answer shows: everything overall, and means where they stand in a table.

    These are the means of certificates, and those at the main office by weekday and hour.
    """
    counted = in_window(replication, visits.arrival)
    moves = counted & of_moves(replication, visits.household)
    _put_groups(rows, replication, visits, moves, ((),))
    certificates = counted & (replication.demand.people.kind[visits.household] == KINDS.index("certificate"))
    _put_means(rows, replication, visits, certificates, ("kind",))
    _put_means(rows, replication, visits, moves & _at_main(replication, visits), ("site", "weekday", "hour"))


def _at_main(replication: Replication, visits: Visits) -> Bools:
    main = next(number for number, site in enumerate(replication.scenario.sites) if site.main)
    return np.asarray(replication.demand.people.site[visits.household] == main, dtype=bool)


def _put_means(
    rows: TidyRows, replication: Replication, visits: Visits, chosen: Bools, breakdown: tuple[str, ...]
) -> None:
    chosen = chosen & visits.took_ticket
    for own in groups(describe_visits(replication, visits, chosen), breakdown):
        number = own.count()
        rows.put_each("wait_mean", "min", per(own.sum(visits.waiting[chosen]), number), number, own.labels)


def _put_groups(
    rows: TidyRows,
    replication: Replication,
    visits: Visits,
    chosen: Bools,
    breakdowns: tuple[tuple[str, ...], ...],
) -> None:
    columns = describe_visits(replication, visits, chosen)
    waiting, ticket = visits.waiting[chosen], visits.took_ticket[chosen]
    stay, left = waiting + visits.service[chosen], ~visits.served[chosen]
    long, ascending = waiting > 30.0, _ascending(waiting, ticket)
    for own in groups(columns, *breakdowns):
        waits, labels = own.ordered(waiting, ascending), own.labels
        visitors, number = own.count(), own.count(ticket)
        rows.put_each("wait_mean", "min", per(own.sum(waiting, ticket), number), number, labels)
        rows.put_each("wait_max", "min", waits.greatest(), number, labels)
        for name, share in zip(("wait_median", "wait_p90", "wait_p95"), QUANTILES, strict=True):
            rows.put_each(name, "min", waits.quantile(share), number, labels)
        rows.put_each("wait_over_30_share", "share", per(own.count(ticket & long), number), number, labels)
        rows.put_each("office_time_mean", "min", per(own.sum(stay, ticket), number), number, labels)
        rows.put_each("visits", "count", visitors, np.maximum(visitors, 1), labels)
        rows.put_each("left_share", "share", per(own.count(left), visitors), visitors, labels)


def _ascending(values: Floats, chosen: Bools) -> Ints:
    """Return the chosen rows in the order of their values."""
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(values[rows])]


def wait_quantiles(replication: Replication, visits: Visits) -> list[tuple[object, ...]]:
    """Waits of address notices as 50 equally likely values: rows of `sim.measures.tidy.QUANTILES`."""
    counted = in_window(replication, visits.arrival) & of_moves(replication, visits.household) & visits.took_ticket
    adopts, points = replication.demand.adopts[visits.household], (np.arange(DOTS) + 0.5) / DOTS
    users = {ALL: counted, "adopters": counted & adopts, "others": counted & ~adopts}
    found: list[tuple[object, ...]] = []
    for name, chosen in users.items():
        minutes = np.quantile(visits.waiting[chosen], points) if chosen.any() else np.full(DOTS, np.nan)
        found += [(ALL, name, dot, value) for dot, value in enumerate(minutes.tolist(), start=1)]
    return found


def daily_waiting(
    replication: Replication, visits: Visits, only: Collection[str] | None = None
) -> list[tuple[object, ...]]:
    """Per day and site (and "all"): arrivals of address notices, and waiting of those who took a ticket.

    Rows of `sim.measures.tidy.DAILY`.

    Parameters
    ----------
    only
        Sites that are wanted; all of them and "all", if not told.
    """
    horizon, people = replication.horizon, replication.demand.people
    counted = in_window(replication, visits.arrival) & of_moves(replication, visits.household)
    day, waiting, ticket = visits.day[counted], visits.waiting[counted], visits.took_ticket[counted]
    ascending = _ascending(waiting, ticket)
    dates = tuple(horizon.date_of(own).isoformat() for own in range(int(day.max(initial=-1)) + 1))
    sites = {site.id: number for number, site in enumerate(replication.scenario.sites)}
    one = people.site[visits.household[counted]]
    found: list[tuple[object, ...]] = []
    for name in sorted([*sites, ALL] if only is None else only):
        here = np.flatnonzero(one == sites[name]) if name in sites else np.arange(len(day))
        if not len(here):
            continue
        days, place = np.unique(day[here], return_inverse=True)
        own = Groups(tuple((dates[number],) for number in days), place)
        within = np.full(len(day), -1)
        within[here] = np.arange(len(here))
        rising = within[ascending]
        waits = own.ordered(waiting[here], rising[rising >= 0])
        number = own.count(ticket[here])
        columns = {
            "wait_mean": per(own.sum(waiting[here], ticket[here]), number),
            "wait_p90": waits.quantile(0.9),
            "wait_max": waits.greatest(),
            "arrivals": own.count() * 1.0,
        }
        for measure, values in columns.items():
            unit = "count" if measure == "arrivals" else "min"
            found += [
                (when, measure, unit, name, value) for (when,), value in zip(own.labels, values.tolist(), strict=True)
            ]
    return found
