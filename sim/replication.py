"""One replication: draw the demand, compile the program, run an engine."""

from __future__ import annotations

from dataclasses import dataclass, field

from scenarios.schema import Scenario
from sim.capacity import build_calendar
from sim.compilation import Compiled, Places, compile_flows
from sim.demand.columns import Demand, draw_demand
from sim.demand.horizon import Horizon, horizon_of
from sim.flows import FLOWS
from sim.incidents import Trouble, draw_troubles
from sim.levels import Level
from sim.log import Engine, Log
from sim.recall import Memory
from sim.stopwatch import Seconds, timed
from sim.streams import Streams


@dataclass(frozen=True, slots=True)
class Replication:
    """Everything about one replication of one scenario; measures are computed from it.

    Attributes
    ----------
    staffed
        Who is on duty, by place index.
    seconds
        What each stage took.
    """

    scenario: Scenario
    number: int
    horizon: Horizon
    places: Places
    demand: Demand
    compiled: Compiled
    staffed: dict[int, Level]
    troubles: list[Trouble]
    log: Log
    seconds: Seconds = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Company:
    """Random streams and results of one replication, for all scenarios that run it side by side."""

    streams: Streams
    memory: Memory

    @classmethod
    def of(cls, seed: int, number: int) -> Company:
        """Begin a replication with nothing drawn yet."""
        return cls(Streams(seed, number), Memory())


def replicate(
    scenario: Scenario, seed: int, number: int, engine: Engine, company: Company | None = None
) -> Replication:
    """Run one replication of a scenario.

    Parameters
    ----------
    seed, number
        The experiment's seed and which replication it is; equal pairs give equal results.
    company
        What the scenarios that are compared share in this replication; it changes nothing in the result.
    """
    streams = Streams(seed, number) if company is None else company.streams
    seconds: Seconds = {}
    with timed(seconds, "demand"):
        horizon = horizon_of(scenario)
        demand = draw_demand(scenario, horizon, streams, None if company is None else company.memory)
        troubles = draw_troubles(scenario, horizon, streams)
    with timed(seconds, "program"):
        places = Places(tuple(site.id for site in scenario.sites))
        calendar, staffed = build_calendar(scenario, horizon, places, troubles)
        compiled = compile_flows(FLOWS, demand.columns, places, calendar)
    with timed(seconds, "engine"):
        log = engine(compiled.program)
    return Replication(scenario, number, horizon, places, demand, compiled, staffed, troubles, log, seconds)
