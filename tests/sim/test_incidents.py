"""When trouble strikes: at a fixed moment, or on some of the busiest days, alike in every arm."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

from scenarios.replacing import replace
from scenarios.schema import Scenario
from sim.demand.horizon import horizon_of
from sim.demand.intensity import MOVES, daily_moves
from sim.incidents import Trouble, draw_troubles
from sim.streams import Streams
from tests.sim.small import SEED, file


def troubles(scenario: Scenario, number: int = 0) -> list[Trouble]:
    return draw_troubles(scenario, horizon_of(scenario), Streams(SEED, number))


def at_ten(**incident: Any) -> list[tuple[float, float, float, float]]:
    """Minutes after Monday 27 March 10:00: start, end; share of connections; slowness."""
    given = {
        "id": "t",
        "label": {"ja": "障害", "en": "t"},
        "system": "jlis",
        "minutes": 60,
        "at": datetime(2023, 3, 27, 10),
    }
    scenario = replace(file("launch"), {"incidents": [given | incident]})
    ten = horizon_of(scenario).day_of(date(2023, 3, 27)) * 1440.0 + 600.0
    return [(own.start - ten, own.end - ten, own.remaining, own.slowness) for own in troubles(scenario)]


@pytest.mark.parametrize(
    ("incident", "stretches"),
    [
        ({"kind": "outage"}, [(0.0, 60.0, 0.0, 1.0)]),
        ({"kind": "slow", "factor": 3.0}, [(0.0, 60.0, 1.0, 3.0)]),
        ({"kind": "connection_cap", "standby": 0.4}, [(0.0, 60.0, 0.4, 1.0)]),
        ({"kind": "failover", "standby": 0.3, "degraded": 180.0}, [(0.0, 60.0, 0.0, 1.0), (60.0, 240.0, 0.3, 1.0)]),
    ],
)
def test_each_kind_of_incident_is_a_stretch_of_trouble(
    incident: dict[str, Any], stretches: list[tuple[float, float, float, float]]
) -> None:
    assert at_ten(**incident) == stretches


def test_without_incidents_there_is_no_trouble() -> None:
    assert troubles(file("launch")) == []


def test_trouble_strikes_two_of_the_ten_busiest_days_between_the_hours() -> None:
    scenario = file("jlis_slow")
    horizon = horizon_of(scenario)
    expected = np.sum([daily_moves(scenario, horizon, kind) for kind in MOVES], axis=0)[: horizon.days]
    busiest = set(np.argsort(-expected[horizon.warm_up :])[:10] + horizon.warm_up)
    struck: set[int] = set()
    for number in range(40):
        found = troubles(scenario, number)
        days = [int(own.start // 1440) for own in found]
        assert len(set(days)) == 2
        assert days == sorted(days)
        assert set(days) <= busiest
        struck |= set(days)
        for own in found:
            assert 570.0 <= own.start % 1440 <= own.end % 1440 <= 720.0
            assert own.end - own.start == 60.0
    assert struck == busiest


def test_trouble_is_the_same_in_every_arm_and_differs_between_replications() -> None:
    after = file("jlis_slow")
    before = replace(after, {"one_stop.available": False, "staff.main.windows": {"ordinary": 1, "peak": 1}})
    assert troubles(before) == troubles(after)
    assert troubles(after, 0) != troubles(after, 1)


def test_trouble_that_is_longer_than_its_hours_begins_with_them() -> None:
    long = replace(file("jlis_slow"), {"incidents.card_slow.minutes": 210})
    assert {own.start % 1440 for own in troubles(long)} == {570.0}
