"""When something goes wrong in one replication: the scenario's incidents with their drawn days and times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.schema import Scenario
from scenarios.schema.base import span
from scenarios.schema.systems import Incident
from sim.demand.horizon import MINUTES_PER_DAY, Horizon
from sim.demand.intensity import MOVES, daily_moves
from sim.streams import Streams


@dataclass(frozen=True, slots=True)
class Trouble:
    """One stretch of trouble at one system.

    Attributes
    ----------
    start, end
        Model minutes.
    remaining
        Share of connections that still answer.
    slowness
        How many times longer work takes.
    """

    incident: str
    system: str
    start: float
    end: float
    remaining: float = 1.0
    slowness: float = 1.0


def draw_troubles(scenario: Scenario, horizon: Horizon, streams: Streams) -> list[Trouble]:
    """All troubles of one replication, in the order of the scenario's incidents."""
    troubles: list[Trouble] = []
    for incident in scenario.incidents:
        if not incident.simulated:
            continue
        for start in _starts(scenario, horizon, streams, incident):
            troubles += _stretches(incident, start)
    return troubles


def _starts(scenario: Scenario, horizon: Horizon, streams: Streams, incident: Incident) -> list[float]:
    if incident.at is not None:
        return [horizon.minute_of(incident.at)]
    busiest = incident.on_busiest
    assert busiest is not None, "the schema asks for one of the two"
    first, end = horizon.warm_up, horizon.days
    expected = sum(daily_moves(scenario, horizon, kind)[first:end] for kind in MOVES)
    crowded = first + np.argsort(-np.asarray(expected), kind="stable")[: int(busiest.among)]
    generator = streams.generator(f"incident/{incident.id}")
    days = np.sort(generator.permutation(crowded)[: int(busiest.days)])
    opens, closes = span(busiest.between)
    latest = max(opens, closes - float(incident.minutes))
    return [float(day * MINUTES_PER_DAY + generator.uniform(opens, latest)) for day in days]


def _stretches(incident: Incident, start: float) -> list[Trouble]:
    end = start + float(incident.minutes)
    standby = 1.0 if incident.standby is None else float(incident.standby)
    if incident.kind == "slow":
        assert incident.factor is not None, "the schema asks for it"
        return [Trouble(incident.id, incident.system, start, end, slowness=float(incident.factor))]
    if incident.kind == "connection_cap":
        return [Trouble(incident.id, incident.system, start, end, remaining=standby)]
    down = Trouble(incident.id, incident.system, start, end, remaining=0.0)
    if incident.kind == "outage":
        return [down]
    assert incident.degraded is not None, "the schema asks for it"
    return [down, Trouble(incident.id, incident.system, end, end + float(incident.degraded), remaining=standby)]
