"""What a move costs: the hours of each household of the period, whenever it comes, and who was too late."""

from __future__ import annotations

from collections import defaultdict

import pytest

from scenarios.law import move_in_deadline
from sim.demand.households import KINDS
from sim.replication import Replication
from tests.sim.measures import plain
from tests.sim.measures.plain import average, crowded, crowded_tables, value

ARMS = ("launch", "before")


def households_of_the_period(replication: Replication) -> list[int]:
    people, horizon = replication.demand.people, replication.horizon
    return [
        number
        for number in range(len(people))
        if KINDS[people.kind[number]] not in ("certificate", "card_only")
        and horizon.warm_up <= people.day[number] < horizon.days
    ]


def users(replication: Replication, household: int) -> str:
    return "adopters" if replication.demand.adopts[household] else "others"


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("group", ["all", "adopters", "others"])
def test_hours_of_waiting_service_travel_and_form_are_those_of_every_household(arm: str, group: str) -> None:
    replication, tables = crowded(arm), crowded_tables(arm)
    waiting: dict[int, float] = defaultdict(float)
    service: dict[int, float] = defaultdict(float)
    trips: dict[int, int] = defaultdict(int)
    for visit in plain.visits(replication):
        waiting[visit.household] += visit.waiting
        service[visit.household] += visit.service
        trips[visit.household] += 1
    columns = replication.demand.columns
    members = [who for who in households_of_the_period(replication) if group in (users(replication, who), "all")]
    form = [
        20 * sum(bool(columns[name][who]) for name in ("files_in", "files_out", "files_within", "files_twice"))
        for who in members
    ]
    parts = {
        "waiting": sum(waiting[who] for who in members) / 60,
        "service": sum(service[who] for who in members) / 60,
        "travel": sum(trips[who] for who in members) * 40 / 60,
        "form": sum(form) / 60,
    }
    for name, hours in parts.items():
        assert value(tables, f"citizen_hours_{name}", users=group) == pytest.approx(hours)
    total = sum(parts.values())
    assert value(tables, "citizen_hours", users=group) == pytest.approx(total)
    assert value(tables, "citizen_hours_per_move", users=group) == pytest.approx(total / len(members))
    assert value(tables, "visits_per_move", users=group) == pytest.approx(average(trips[who] for who in members))
    assert value(tables, "moves", users=group) == len(members)


def test_both_arms_count_the_same_moves() -> None:
    for kind in KINDS[:4]:
        assert value(crowded_tables("launch"), "moves", kind=kind) == value(
            crowded_tables("before"), "moves", kind=kind
        )
    assert households_of_the_period(crowded("launch")) == households_of_the_period(crowded("before"))


def test_a_notice_by_post_costs_no_trip_and_an_online_one_the_form() -> None:
    replication = crowded()
    came = {visit.household for visit in plain.visits(replication)}
    out = replication.demand.people.kind == KINDS.index("move_out")
    by_post = replication.demand.columns["by_post"].astype(bool)
    online = replication.demand.columns["files_out"].astype(bool)
    for who in households_of_the_period(replication):
        if out[who]:
            assert (who in came) != bool(by_post[who] or online[who])


@pytest.mark.parametrize("arm", ARMS)
def test_a_deadline_is_missed_by_who_is_first_served_after_its_last_day(arm: str) -> None:
    replication = crowded(arm)
    horizon, timeline = replication.horizon, replication.demand.timeline
    done: dict[int, float] = {}
    for row in plain.rows_of(replication):
        if row.step == "serve" or row.step.startswith("serve_"):
            done[row.household] = min(done.get(row.household, row.leave), row.leave)
    missed: dict[str, list[bool]] = defaultdict(list)
    for who in households_of_the_period(replication):
        kind = KINDS[replication.demand.people.kind[who]]
        if kind == "move_out" or who not in done:
            continue
        last = move_in_deadline(horizon.date_of(int(timeline.move_day[who])), horizon.calendar)
        for group in ("all", kind):
            missed[group].append(horizon.date_of(int(done[who] // 1440)) > last)
    for group, share in missed.items():
        assert value(crowded_tables(arm), "deadline_missed_share", kind=group) == pytest.approx(average(share))
    assert 0 < average(missed["all"]) < 0.3
