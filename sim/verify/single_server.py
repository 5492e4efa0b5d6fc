"""M/G/1: mean wait for constant, Erlang, exponential and hyperexponential service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sim.log import Engine
from sim.program import Floats
from sim.theory.general import mg1_mean_wait
from sim.verify.estimation import Estimate
from sim.verify.rows import Row, row
from sim.verify.services import ServiceLaw, stationary_work
from sim.verify.surprises import queue_controls
from sim.verify.tables import queue_program, waits


@dataclass(frozen=True, slots=True)
class SingleServer:
    """M/G/1 with mean service 1 minute that starts in its stationary state.

    The stationary work stands before the first counted customer as one block of service; under first come first served
    waits depend on nothing else. Attributes as in `sim.verify.multiserver.Multiserver`; `scv` as in `ServiceLaw`.
    """

    scv: float
    load: float
    customers: int
    replications: int

    @property
    def family(self) -> str:
        """Key of the family."""
        return "mg1"

    @property
    def label(self) -> str:
        """Parameters."""
        kind = {0.0: "M/D/1", 0.25: "M/E4/1", 0.5: "M/E2/1", 1.0: "M/M/1"}.get(self.scv, "M/H2/1")
        return f"{kind} scv={self.scv:g} ρ={self.load:.3g}"

    def replicate(self, run: Engine, rng: Generator) -> tuple[Floats, Floats]:
        """Return the mean wait, with the controls."""
        law = ServiceLaw(self.scv)
        initial = stationary_work(law, self.load, rng)
        gaps = rng.exponential(1 / self.load, self.customers)
        service = law.draw(rng, self.customers)
        arrival = np.concatenate(([0.0, 0.0], np.cumsum(gaps[:-1])))
        program = queue_program(arrival, np.concatenate(([initial], service)), 1)
        values = np.array([waits(program, run(program))[1:].mean()])
        controls = queue_controls(
            initial=initial,
            work=service,
            gaps=gaps,
            rate=self.load,
            first=(service - 1,),
            second=(service**2 - law.second_moment,),
        )
        return values, controls

    def rows(self, means: list[Estimate]) -> list[Row]:
        """Return one row."""
        return [row(self.family, self.label, "mean_wait", mg1_mean_wait(self.load, 1.0, self.scv), means[0])]
