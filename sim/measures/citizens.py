"""What a move costs the citizens: visits, hours waiting, being served, travelling and filling in forms, deadlines."""

from __future__ import annotations

import numpy as np

from sim.demand.horizon import MINUTES_PER_DAY
from sim.demand.households import KINDS
from sim.demand.intensity import MOVES
from sim.measures.grouping import Labels, groups, per
from sim.measures.tidy import TidyRows
from sim.measures.visits import Visits
from sim.measures.waiting import users_of
from sim.program import Bools, Floats
from sim.replication import Replication

EVERY = ((), ("users",), ("kind",), ("kind", "users"))
"""The groups that the tables of a run hold."""


def put_citizens(rows: TidyRows, replication: Replication, visits: Visits) -> None:
    """Hours, visits and deadlines of the households whose filing falls in the period."""
    put_hours(rows, replication, visits)
    _put_deadlines(rows, replication, _moves_in_period(replication))


def put_hours(
    rows: TidyRows, replication: Replication, visits: Visits, breakdowns: tuple[tuple[str, ...], ...] = EVERY
) -> None:
    """Hours and visits of the households whose filing falls in the period, whenever their visits were.

    The day of the filing is drawn alike in every scenario, so both arms count the same households. Fees of the other
    town, and visits to it, are outside the ward and are not counted.
    """
    people, demand = replication.demand.people, replication.demand
    size = len(people)
    chosen = _moves_in_period(replication)
    number = np.bincount(visits.household, minlength=size).astype(np.float64)
    waiting = np.bincount(visits.household, weights=visits.waiting, minlength=size)
    service = np.bincount(visits.household, weights=visits.service, minlength=size)
    travel = number * float(replication.scenario.travel.round_trip)
    files = sum(demand.columns[name].astype(float) for name in ("files_in", "files_out", "files_within", "files_twice"))
    form = np.asarray(files) * float(replication.scenario.travel.form_online)
    total = waiting + service + travel + form
    columns = {
        "kind": Labels(KINDS, people.kind[chosen]),
        "users": users_of(demand.adopts[chosen]),
    }
    minutes_of = {"": total, "_waiting": waiting, "_service": service, "_travel": travel, "_form": form}
    parts = {suffix: np.asarray(minutes[chosen], dtype=np.float64) for suffix, minutes in minutes_of.items()}
    visits_of_moves = number[chosen]
    for own in groups(columns, *breakdowns):
        moves, labels = own.count(), own.labels
        for suffix, minutes in parts.items():
            rows.put_each(f"citizen_hours{suffix}", "h", own.sum(minutes) / 60, moves, labels)
        rows.put_each("citizen_hours_per_move", "h", per(own.sum(parts[""]), moves) / 60, moves, labels)
        rows.put_each("visits_per_move", "count", per(own.sum(visits_of_moves), moves), moves, labels)
        rows.put_each("moves", "count", moves, np.maximum(moves, 1), labels)


def _moves_in_period(replication: Replication) -> Bools:
    people, horizon = replication.demand.people, replication.horizon
    counted = (people.day >= horizon.warm_up) & (people.day < horizon.days)
    return counted & (people.kind < len(MOVES))


def _put_deadlines(rows: TidyRows, replication: Replication, chosen: Bools) -> None:
    """Share of moves in and within that are done after their last day (14 days, Act Arts. 22 and 23; closed days)."""
    people, timeline = replication.demand.people, replication.demand.timeline
    done = _done(replication)
    bound = chosen & (people.kind != KINDS.index("move_out")) & ~np.isnan(done)
    last_day = replication.horizon.deadlines(timeline.move_day[bound])
    missed = np.floor(done[bound] / MINUTES_PER_DAY) > last_day
    columns = {
        "kind": Labels(KINDS, people.kind[bound]),
        "users": users_of(replication.demand.adopts[bound]),
    }
    for own in groups(columns, (), ("kind",), ("users",)):
        number = own.count()
        rows.put_each("deadline_missed_share", "share", per(own.count(missed), number), number, own.labels)


def _done(replication: Replication) -> Floats:
    """When the notice was taken at a window, per household; NaN where it was not."""
    done = np.full(len(replication.demand.people), np.inf)
    log, compiled = replication.log, replication.compiled
    taken = compiled.rows(name="serve")
    household = compiled.household[np.searchsorted(compiled.program.offset, taken, side="right") - 1]
    np.fmin.at(done, household, log.leave[taken])
    return np.where(np.isfinite(done), done, np.nan)
