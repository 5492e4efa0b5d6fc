"""One replication of the country: the same households with and without the scenario's incidents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from scenarios.schema.national import NationalScenario
from sim.compilation import Compiled, Places, compile_flows
from sim.demand.horizon import Horizon, horizon_of
from sim.incidents import draw_troubles
from sim.log import Engine, Log
from sim.national.capacity import national_calendar
from sim.national.demand import NationalDemand, draw_national_demand
from sim.national.errors import NationalError
from sim.national.flows import FLOWS
from sim.national.sizes import populations
from sim.national.staffing import Staffing, staffing_of
from sim.national.ward import as_ward
from sim.streams import Streams
from sim.waiting import waiting_report

Arm = Literal["without", "with"]
"""Without the scenario's incidents, and with them."""

Stage = Literal["demand", "program", "engine", "measures"]
STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True, slots=True)
class NationalRun:
    """Everything about one arm of one replication; tables are computed from it.

    Attributes
    ----------
    towns
        Names of the municipalities in the order of their size, as the places have them.
    """

    scenario: NationalScenario
    arm: Arm
    number: int
    horizon: Horizon
    places: Places
    staffing: Staffing
    demand: NationalDemand
    compiled: Compiled
    log: Log

    @property
    def towns(self) -> tuple[str, ...]:
        """Names of the municipalities, the largest first."""
        return self.places.sites


def arms_of(scenario: NationalScenario) -> dict[Arm, NationalScenario]:
    """Return the scenario without its incidents, and, if it has any, with them."""
    arms: dict[Arm, NationalScenario] = {"without": scenario.model_copy(update={"incidents": ()})}
    if scenario.incidents:
        arms["with"] = scenario
    return arms


def replicate_national(
    scenario: NationalScenario,
    seed: int,
    number: int,
    engine: Engine,
    on_stage: Callable[[Stage], None] = lambda _: None,
) -> Iterator[NationalRun]:
    """Run the arms of one replication, one after the other: the same program under another calendar.

    Only one log is alive at a time if the caller lets go of each run before asking for the next.

    Parameters
    ----------
    on_stage
        Called when a stage begins.

    Raises
    ------
    NationalError
        `E-national-stuck`, where somebody would wait for ever: for a place that never opens, or something that never
        arrives.
    """
    on_stage("demand")
    horizon, streams = horizon_of(as_ward(scenario)), Streams(seed, number)
    people = populations(scenario.country)
    staffing = staffing_of(scenario, people)
    demand = draw_national_demand(scenario, horizon, people, streams)
    on_stage("program")
    places = Places(tuple(f"town_{rank:04d}" for rank in range(1, len(people) + 1)))
    compiled: Compiled | None = None
    for arm, own in arms_of(scenario).items():
        on_stage("program")
        calendar = national_calendar(own, horizon, places, staffing, draw_troubles(as_ward(own), horizon, streams))
        if compiled is None:
            compiled = compile_flows(FLOWS, demand.columns, places, calendar)
        else:
            compiled = replace(compiled, program=replace(compiled.program, calendar=calendar))
        on_stage("engine")
        log = engine(compiled.program)
        _check_all_done(compiled, log)
        on_stage("measures")
        yield NationalRun(own, arm, number, horizon, places, staffing, demand, compiled, log)
        del log


def _check_all_done(compiled: Compiled, log: Log) -> None:
    if bool((np.isnan(log.leave) & ~np.isnan(log.enter)).any()):
        first = waiting_report(compiled.program, log)[0]
        raise NationalError("E-national-stuck", count=first.count, step=first.step, place=first.place or "-")
