"""A small country for tests: 20 towns around the last Monday of March 2023, with the outage of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import scenarios
from scenarios.loading import load
from scenarios.replacing import replace
from scenarios.schema.national import NationalScenario
from sim.demand.horizon import Horizon, horizon_of
from sim.engines.compiled import run
from sim.national.demand import NationalDemand, draw_national_demand
from sim.national.replication import Arm, NationalRun, replicate_national
from sim.national.sizes import populations
from sim.national.ward import as_ward
from sim.program import Bools
from sim.streams import Streams

FILE = Path(scenarios.__file__).parent / "national_march.toml"
SEED = 20230327

_SMALLER = {
    "country": {"municipalities": 20, "population": 400_000, "largest": 90_000, "example": 20_000},
    "moves.part": 0.012,
    "period": {"start": date(2023, 3, 20), "end": date(2023, 3, 29), "warm_up_days": 7},
}


@cache
def whole() -> NationalScenario:
    """The national scenario of the house."""
    return load(FILE, NationalScenario)


@cache
def _small() -> NationalScenario:
    return replace(whole(), _SMALLER)


def small(changes: Mapping[str, Any] | None = None) -> NationalScenario:
    """The small country, with some values changed."""
    return replace(_small(), changes) if changes else _small()


def horizon(scenario: NationalScenario) -> Horizon:
    """Days of a scenario."""
    return horizon_of(as_ward(scenario))


def demand_of(scenario: NationalScenario, number: int = 0) -> NationalDemand:
    """Draw the households of one replication."""
    people = populations(scenario.country)
    return draw_national_demand(scenario, horizon(scenario), people, Streams(SEED, number))


@cache
def runs() -> dict[Arm, NationalRun]:
    """Both arms of the first replication of the small country."""
    return {own.arm: own for own in replicate_national(small(), SEED, 0, run)}


def flag(demand: NationalDemand, *names: str) -> Bools:
    """Households of which any of some true-or-false columns holds."""
    return np.asarray(np.any([demand.columns[name] for name in names], axis=0), dtype=bool)
