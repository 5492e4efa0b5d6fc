"""The journeys as the page draws them: strips of steps, from the flows that the run's model lived."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from report.words import Both, name_of
from results.store import Run


@dataclass(frozen=True, slots=True)
class Stop:
    """One step on a strip: its words, whose time it is, and whether some go without it."""

    text: Both
    part: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """One journey from left to right."""

    name: Both
    stops: list[Stop]


@dataclass(frozen=True, slots=True)
class Journeys:
    """The journeys that the first arm knows, and those that the second one adds."""

    known: list[Strip]
    added: list[Strip]


def journeys(run: Run, arms: list[str]) -> Journeys:
    """Return the journeys of the arms; a step that is called like the one before it is not drawn again."""
    steps = run.table("flow_steps")
    of_arm = {
        arm: list(dict.fromkeys(steps.loc[steps["arm"] == arm].sort_values("position", kind="stable")["flow"]))
        for arm in arms
    }
    first, last = of_arm[arms[0]], of_arm[arms[-1]]
    order = [flow for flow in ORDER if flow in {*first, *last}] + sorted({*first, *last} - set(ORDER))
    strips = {}
    for flow in order:
        arm = arms[0] if flow in first else arms[-1]
        strips[flow] = _strip(flow, steps[(steps["arm"] == arm) & (steps["flow"] == flow)].sort_values("position"))
    return Journeys(
        [strips[flow] for flow in order if flow in first], [strips[flow] for flow in order if flow not in first]
    )


ORDER = (
    *("visit_counter", "move_out_post", "visit_certificate", "visit_card_only"),
    *("move_out_online", "duplicate", "move_in_application", "move_within_application"),
    *("preparation", "visit_move_in_online", "visit_within_online"),
)
"""The order of a person's life; flows that the page does not know come last."""


def _strip(flow: str, steps: pd.DataFrame) -> Strip:
    stops: list[Stop] = []
    for row in steps.to_dict("records"):
        stop = Stop(name_of("flow_step", str(row["step"])), str(row["part"]), bool(row["optional"]))
        if stops and stops[-1].text == stop.text:  # queueing for a thing and doing it share their words; doing counts
            stops.pop()
        stops.append(stop)
    return Strip(name_of("flow", flow), stops)
