"""A small ward for tests: the launch scenario with two sites, few people and few desks, around a busy weekend.

The days: Friday 24 March 2023 with maintenance of the portal from 18:00, an open Sunday, a late Tuesday, and the end of
the fiscal year on Friday 31 March.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import scenarios
from scenarios.loading import load
from scenarios.replacing import replace
from scenarios.schema import Scenario
from sim.demand.columns import Demand, draw_demand
from sim.demand.horizon import horizon_of
from sim.engines.reference import run
from sim.replication import Replication, replicate
from sim.streams import Streams

FILES = Path(scenarios.__file__).parent
SEED = 20230206

_SMALLER = {
    "period": {"start": date(2023, 3, 24), "end": date(2023, 3, 31), "warm_up_days": 7},
    "sites": [
        {"id": "main", "label": {"ja": "本庁", "en": "Main office"}, "staff": "main", "main": True},
        {
            "id": "branch",
            "label": {"ja": "出張所", "en": "Branch office"},
            "staff": "branch",
            "population_weight": 1.0,
        },
    ],
    "volumes.move_in": 4000,
    "volumes.move_out": 4400,
    "volumes.move_within": 1200,
    "volumes.from_abroad": 600,
    "volumes.card_customers_per_day": 8,
    "volumes.certificates_per_filing": 1.0,
    "staff.main.windows": {"ordinary": 2, "peak": 2},
    "staff.main.clerks": {"ordinary": 3, "peak": 3},
    "staff.main.back_office_seats": {"ordinary": 2, "peak": 2},
    "staff.main.card_desks": {"ordinary": 1, "peak": 1},
    "staff.main.evening": {"windows": 1, "clerks": 1, "card_desks": 1},
    "staff.main.sunday": {"windows": 1, "clerks": 1, "card_desks": 1},
}


@cache
def file(name: str) -> Scenario:
    """A scenario of the house."""
    return load(FILES / f"{name}.toml", Scenario)


@cache
def _small(name: str) -> Scenario:
    return replace(file(name), _SMALLER)


def small(changes: Mapping[str, Any] | None = None, name: str = "launch") -> Scenario:
    """The small ward, with some values changed."""
    return replace(_small(name), changes) if changes else _small(name)


def demand_of(scenario: Scenario, number: int = 0, seed: int = SEED) -> Demand:
    """Draw the households of one replication."""
    return draw_demand(scenario, horizon_of(scenario), Streams(seed, number))


def run_of(scenario: Scenario, number: int = 0, seed: int = SEED) -> Replication:
    """Run one replication on the reference engine."""
    return replicate(scenario, seed, number, run)
