"""The journeys of a scenario as a table, from the flows that the model runs: what a page draws is what people live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from scenarios.schema import Scenario
from sim.demand.columns import draw_demand
from sim.demand.horizon import horizon_of
from sim.flows import FLOWS
from sim.program import Op
from sim.steps import LOCAL, Activity, Flow, PlaceKind, Role, Step
from sim.streams import Streams

SECOND_TRIES = ("_again", "_later", "_resubmit", "_after_answer", "_for_card")
"""Ends of the names of steps that repeat a piece, or do it another time."""
AT_DESK = "_at_desk"
_NOT_LIVED = (Op.RELEASE, Op.GOTO, Op.IF_POSTED, Op.IF_LONGER)
_ELSEWHERE = ("relay_latency", "origin_processes")
"""Times that pass at systems and at the other office."""


def flow_steps(scenarios: Mapping[str, Scenario], seed: int) -> pd.DataFrame:
    """Return the steps of every flow that somebody lives, by arm; second tries and the network's clock are left out.

    Returns
    -------
    pd.DataFrame
        Columns arm, flow, position (from 0, in the order of the journey), step, part (applicant, wait, staff, system:
        whose time it is) and optional (bool: some live the flow without it).
    """
    rows = [
        (arm, flow.name, position, step.name.removesuffix(AT_DESK), _part(step), _optional(flow, place))
        for arm, scenario in scenarios.items()
        for flow in lived_flows(scenario, seed)
        for position, (place, step) in enumerate(_main_way(flow))
    ]
    names = ["arm", "flow", "position", "step", "part", "optional"]
    return pd.DataFrame(rows, columns=names).astype({"position": "int64", "optional": "bool"})


def lived_flows(scenario: Scenario, seed: int) -> list[Flow]:
    """Return the flows that somebody lives in the first replication, in their order."""
    demand = draw_demand(scenario, horizon_of(scenario), Streams(seed, 0))
    return [flow for flow in FLOWS if demand.columns[flow.who].any()]


def _main_way(flow: Flow) -> Iterator[tuple[int, Step]]:
    for place, step in enumerate(flow.steps):
        lived = step.op not in _NOT_LIVED and step.place is not PlaceKind.NETWORK_HOURS
        if lived and not step.name.removesuffix(AT_DESK).endswith(SECOND_TRIES):
            yield place, step


def _part(step: Step) -> str:
    if step.activity is not Activity.NONE:
        return "staff"
    if step.op is Op.AWAIT or step.place in LOCAL or step.role is Role.WAIT:
        return "wait"
    return "system" if step.place is not None or step.op is Op.POST or step.name in _ELSEWHERE else "applicant"


def _optional(flow: Flow, place: int) -> bool:
    """Whether a step has a condition, or a jump of those who have what they need leads past it."""
    if flow.steps[place].when:
        return True
    labels = {step.label: number for number, step in enumerate(flow.steps) if step.label}
    jumps = [
        (number, labels[step.to])
        for number, step in enumerate(flow.steps)
        if step.op in (Op.IF_POSTED, Op.GOTO) and step.to in labels and not step.when
    ]
    return any(start < place < end for start, end in jumps)
