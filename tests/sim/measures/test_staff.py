"""Where hands go and how busy they are: sums over the log, and overlaps with the rota minute by minute."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np
import pytest

from sim.measures.collect import tables_of
from sim.occupancy import held
from sim.replication import Replication
from sim.steps import Activity
from tests.sim.measures import plain
from tests.sim.measures.plain import crowded, crowded_tables, percentile, value
from tests.sim.small import run_of, small


@pytest.mark.parametrize("arm", ["launch", "before"])
def test_hours_by_activity_are_those_of_all_work_begun_in_the_period(arm: str) -> None:
    replication, tables = crowded(arm), crowded_tables(arm)
    start, end = replication.horizon.window
    hours: dict[str, float] = defaultdict(float)
    for row in plain.rows_of(replication):
        if start <= row.enter < end:
            hours[row.activity] += (row.leave - row.enter) / 60
    for activity in Activity:
        if activity is not Activity.NONE:
            assert value(tables, f"staff_hours_{activity}") == pytest.approx(hours[str(activity)])
    hands = sum(worked for activity, worked in hours.items() if activity != "none")
    assert value(tables, "staff_hours_total") == pytest.approx(hands)


def overlap(replication: Replication, place: str) -> tuple[float, float, float]:
    """Unit-hours on duty, of them busy, and busy beyond the duty, counted between all moments of change."""
    number = replication.places.names().index(place)
    spells, duty = held(replication.compiled.program, replication.log, number), replication.staffed[number]
    start, end = replication.horizon.window
    edges = np.unique(np.clip(np.concatenate([spells.start, spells.end, duty.time, [start, end]]), start, end))
    on_duty = within = beyond = 0.0
    for left, right in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        there = int(duty.sampled(np.array([left]))[0])
        busy = int(((spells.start <= left) & (spells.end >= right)).sum())
        on_duty += there * (right - left)
        within += min(there, busy) * (right - left)
        beyond += max(busy - there, 0) * (right - left)
    return on_duty / 60, within / 60, beyond / 60


@pytest.mark.parametrize("kind", ["clerks", "card_desks"])
def test_utilisation_is_busy_time_on_duty_over_time_on_duty(kind: str) -> None:
    on_duty, within, _ = overlap(crowded(), f"{kind}/main")
    assert value(crowded_tables(), f"utilisation_{kind}", site="main") == pytest.approx(within / on_duty)
    assert 0 < within < on_duty


def test_overtime_is_busy_time_beyond_the_duty() -> None:
    places = ("clerks/main", "clerks/branch", "card_desks/main")
    beyond = sum(overlap(crowded(), place)[2] for place in places)
    assert value(crowded_tables(), "overtime_hours") == pytest.approx(beyond)
    assert beyond > 0


@cache
def overrun() -> Replication:
    """A ward with twice the people: all day busy, and far into the night."""
    return run_of(small({"volumes.move_in": 16_000, "volumes.move_out": 16_000}))


def test_utilisation_is_never_above_one_and_the_rest_is_overtime() -> None:
    tables = tables_of(overrun(), "launch")
    assert 0.9 < value(tables, "utilisation_clerks", site="main") <= 1.0
    assert value(tables, "overtime_hours") > 20.0
    held_hours = sum(overlap(overrun(), place)[1] + overlap(overrun(), place)[2] for place in ("clerks/main",))
    assert held_hours > overlap(overrun(), "clerks/main")[0]  # counted against the rota alone it would be above 1


def test_the_backlog_is_what_waits_for_a_clerk_at_the_end_of_opening_days() -> None:
    replication, tables = crowded(), crowded_tables()
    horizon = replication.horizon
    jobs: dict[tuple[int, str], list[float]] = {}
    for row in plain.rows_of(replication):
        for queue in ("queue_back_seat", "queue_back_clerk"):
            if row.step.startswith(queue) and not row.step.endswith("release"):
                suffix = row.step.removeprefix(queue)
                jobs.setdefault((row.entity, suffix), [row.enter, np.inf])[1] = row.leave
    waiting = []
    for day in range(horizon.warm_up, horizon.days):
        if horizon.is_open[day]:
            close = (day + 1) * 1440.0 - 10.0
            waiting.append(sum(begin <= close < end for begin, end in jobs.values()))
    assert value(tables, "backlog_mean") == pytest.approx(np.mean(waiting))
    assert value(tables, "backlog_max") == max(waiting)
    assert tables.daily[tables.daily["measure"] == "backlog"]["value"].tolist() == waiting
    start, finish = horizon.window
    ages = [(end - begin) / 60 for begin, end in jobs.values() if start <= begin < finish]
    assert value(tables, "backlog_age_p95") == pytest.approx(percentile(ages, 0.95))
