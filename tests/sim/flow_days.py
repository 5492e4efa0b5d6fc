"""Lives of a few households by hand: the house's flows, columns with defaults, and a calendar that is open to all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isnan, nan
from typing import Any

import numpy as np

from sim.compilation import CLASSES, Compiled, Places, compile_flows
from sim.engines.reference import run
from sim.flows import FLOWS
from sim.log import Log
from sim.program import Floats, Op
from sim.steps import DAY_CLASS
from tests.sim.programs import Change, calendar_of, units

PLACES = Places(("main", "branch"))
WINDOW, CLERK, DESK, SEAT = (f"{kind}/main" for kind in ("windows", "clerks", "card_desks", "back_seats"))
PORTAL, RELAY, JLIS, HOURS = (str(kind) for kind in ("portal", "relay", "jlis", "network_hours"))

OPENS, CLOSES = 510.0, 1020.0

NUMBERS: dict[str, float] = {
    "site": 0,
    "main_site": 0,
    "counter_class": DAY_CLASS,
    "visit_time": 600.0,
    "return_time": 2000.0,
    "card_return_time": 4000.0,
    "patience": inf,
    "balk_length": 99,
    "serve_minutes": 20.0,
    "serve_prepared_minutes": 13.0,
    "turned_away_minutes": 4.0,
    "missing_data_minutes": 12.0,
    "answer_minutes": 45.0,
    "card_minutes": 6.0,
    "signing_minutes": 5.0,
    "pin_reset_minutes": 7.0,
    "check_minutes": 3.0,
    "process_minutes": 4.0,
    "phone_minutes": 5.0,
    "duplicate_minutes": 3.0,
    "prepare_minutes": 5.0,
    "submit_time": 100.0,
    "second_submit_time": 130.0,
    "submit_minutes": 1.0,
    "portal_patience": 15.0,
    "retry_minutes": 240.0,
    "relay_minutes": 0.5,
    "latency_minutes": 60.0,
    "telegram_minutes": 0.25,
    "correct_minutes": 300.0,
    "origin_done_time": 500.0,
    "prepare_time": 0.0,
    "call_minutes": 1.0,
    "signing_call_minutes": 0.5,
    "jlis_patience": 20.0,
    "no_patience": 0.0,
}
"""Every column that is not a yes or no; those are no."""


@dataclass(frozen=True)
class FlowDay:
    """A finished run that can be asked by the names of flows and steps."""

    compiled: Compiled
    log: Log

    def rows(self, step: str, household: int, flow: str | None) -> list[int]:
        """Rows of a step of a household, in all flows or in one."""
        program = self.compiled.program
        entity = program.entity_of_row()
        found = []
        for row in np.flatnonzero(self.compiled.household[entity] == household).tolist():
            own_flow, own_step = program.steps[program.step[row]].split("/")
            if own_step == step and flow in (None, own_flow):
                found.append(row)
        return found

    def began(self, step: str, household: int = 0, flow: str | None = None) -> float:
        """When a step was entered; NaN if it never was."""
        return self._moment(self.log.enter, step, household, flow)

    def ended(self, step: str, household: int = 0, flow: str | None = None) -> float:
        """When a step was left."""
        return self._moment(self.log.leave, step, household, flow)

    def _moment(self, moments: Floats, step: str, household: int, flow: str | None) -> float:
        rows = self.rows(step, household, flow)
        assert rows, f"household {household} has no step {step}"
        lived = [row for row in rows if not isnan(self.log.enter[row])]
        assert len(lived) <= 1, f"household {household} lived {step} in several flows"
        return float(moments[lived[0]]) if lived else nan

    def lived(self, step: str, household: int = 0, flow: str | None = None) -> bool:
        """Whether a step exists for the household and was entered."""
        return any(not isnan(self.log.enter[row]) for row in self.rows(step, household, flow))

    def path(self, household: int = 0, flow: str | None = None) -> list[str]:
        """Steps in the order in which they were lived, without those that only take, give back or decide."""
        program = self.compiled.program
        entity = program.entity_of_row()
        rows = np.flatnonzero((self.compiled.household[entity] == household) & ~np.isnan(self.log.enter))
        timed = rows[np.isin(program.op[rows], (Op.AT, Op.DELAY, Op.WORK))]
        names = [program.steps[step].split("/") for step in program.step[timed]]
        return [step for own_flow, step in names if flow in (None, own_flow)]


def live(columns: Mapping[str, Any], *changes: Change) -> FlowDay:
    """Let some households live all flows that their columns ask for.

    Parameters
    ----------
    columns
        Values by column name, one for all households or one for each; what is not named is taken from `NUMBERS`, or no.
    changes
        Places that are named here have only what they say, all others have room for everybody.
    """
    size = max([np.size(value) for value in columns.values()], default=1)
    used = {name for flow in FLOWS for name in (flow.who, flow.site)}
    used |= {name.removeprefix("!") for flow in FLOWS for step in flow.steps for name in step.when}
    used |= {
        name for flow in FLOWS for step in flow.steps for name in (step.value, step.klass) if isinstance(name, str)
    }
    assert columns.keys() <= used, columns.keys() - used
    given = {name: columns.get(name, NUMBERS.get(name, False)) for name in used}
    table = {name: np.broadcast_to(np.asarray(value), size).copy() for name, value in given.items()}
    places: dict[str | int, int] = {name: index for index, name in enumerate(PLACES.names())}
    open_to_all = [units(str(place), 99) for place in places if place not in {change.place for change in changes}]
    calendar = calendar_of([*open_to_all, *changes], places, CLASSES)
    compiled = compile_flows(FLOWS, table, PLACES, calendar)
    return FlowDay(compiled, run(compiled.program))
