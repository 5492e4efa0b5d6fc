"""The race, the busiest minute of each system, and who is in the middle of it all at the end."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from sim.demand.households import KINDS
from sim.measures.collect import tables_of
from tests.sim.measures import plain
from tests.sim.measures.plain import crowded, crowded_tables, value
from tests.sim.small import run_of, small


def in_period(minute: float) -> bool:
    start, end = crowded().horizon.window
    return start <= minute < end


def test_early_visits_are_those_for_which_the_other_town_had_to_be_called() -> None:
    rows = [row for row in plain.rows_of(crowded()) if row.flow == "visit_move_in_online"]
    came = sum(row.step == "arrive" and in_period(row.leave) for row in rows)
    called = sum(row.step == "call_origin" and in_period(row.enter) for row in rows)
    assert value(crowded_tables(), "early_visit_share") == pytest.approx(called / came)
    assert called > 0


def test_unprepared_visits_are_those_served_without_preparation() -> None:
    steps = Counter(
        "prepared" if row.step.startswith("serve_prepared") else "unprepared"
        for row in plain.rows_of(crowded())
        if row.step.startswith(("serve_prepared", "serve_unprepared")) and in_period(row.enter)
    )
    assert value(crowded_tables(), "unprepared_share") == pytest.approx(steps["unprepared"] / steps.total())
    assert steps["unprepared"] > 0


@pytest.mark.parametrize(
    ("system", "step", "after"),
    [("portal", "submit", False), ("relay", "relay", False), ("ward", "relay_latency", True)],
)
def test_the_peak_rate_is_the_busiest_minute_of_the_clock(system: str, step: str, after: bool) -> None:
    names = {step, f"{step}_again", f"{step}_resubmit", f"{step}_again_resubmit"}
    moments = [row.leave if after else row.enter for row in plain.rows_of(crowded()) if row.step in names]
    busiest = Counter(int(moment) for moment in moments if in_period(moment))
    assert value(crowded_tables(), f"peak_rate_{system}") == max(busiest.values())


def in_the_middle(*, visiting: bool) -> set[int]:
    """Households with a leg that had begun by the end of the period and was done after it."""
    end = crowded().horizon.window[1]
    first: dict[int, plain.Row] = {}
    last: dict[int, float] = {}
    for row in plain.rows_of(crowded()):
        if row.flow.startswith("visit_") == visiting:
            first.setdefault(row.entity, row)
            last[row.entity] = row.leave
    return {row.household for entity, row in first.items() if row.leave < end <= last[entity]}


def test_still_inside_are_households_in_the_middle_of_their_visits_at_the_end() -> None:
    replication, inside = crowded(), in_the_middle(visiting=True)
    people, adopts = replication.demand.people, replication.demand.adopts
    groups: dict[tuple[tuple[str, str], ...], int] = defaultdict(int)
    for who in inside:
        kind, site = KINDS[people.kind[who]], replication.scenario.sites[people.site[who]].id
        users = "adopters" if adopts[who] else "others"
        groups[("kind", kind),] += 1
        if kind not in ("certificate", "card_only"):
            groups[()] += 1
            for group in ({"users": users}, {"site": site}, {"kind": kind, "users": users}):
                groups[tuple(group.items())] += 1
    assert groups[()] > 0
    for key, number in groups.items():
        assert value(crowded_tables(), "still_inside", **dict(key)) == number


def test_notices_and_preparations_under_way_are_counted_apart() -> None:
    assert value(crowded_tables(), "under_way") == len(in_the_middle(visiting=False)) > 0


def test_without_the_service_there_is_no_race() -> None:
    tables = tables_of(run_of(small(name="before")), "before")
    table = tables.measures.set_index("measure")
    for measure in ("early_visit_share", "unprepared_share"):
        assert table.loc[measure, "count"] == 0
        assert table["value"].isna()[measure]
    assert value(tables, "peak_rate_portal") == 0.0
