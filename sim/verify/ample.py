"""M(t)/G/inf under a sinusoidal arrival rate: mean and variance of the number in service at chosen times of a cycle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sim.log import Engine
from sim.program import Floats, Op
from sim.theory.infinite import SinusoidalRate, busy_deterministic, busy_exponential
from sim.verify.estimation import Estimate
from sim.verify.rows import Row, row
from sim.verify.services import ServiceLaw
from sim.verify.tables import queue_program

_MOMENTS = {"0": 0.0, "T/4": 0.25, "T/2": 0.5, "3T/4": 0.75}
"""Times of measurement, as shares of a cycle of length T."""

_FORGOTTEN = 40
"""Minutes before the first counted cycle; nobody stays as long but for a chance of e^-40."""


@dataclass(frozen=True, slots=True)
class Ample:
    """A place with a server for everybody; service of mean 1 minute, constant (scv 0) or exponential (scv 1).

    Attributes
    ----------
    scv
        0 or 1.
    rate
        Arrivals per minute.
    cycles, replications
        Observed cycles of a replication, and number of replications.
    """

    scv: int
    rate: SinusoidalRate
    cycles: int
    replications: int

    @property
    def family(self) -> str:
        """Key of the family."""
        return "ample"

    @property
    def label(self) -> str:
        """Parameters."""
        kind = "M(t)/D/∞" if self.scv == 0 else "M(t)/M/∞"
        return f"{kind} λ={self.rate.mean:g}±{self.rate.amplitude:g} T={self.rate.period:g}"

    @property
    def moments(self) -> Floats:
        """Minutes from the start of a cycle to each measurement."""
        return np.array(list(_MOMENTS.values())) * self.rate.period

    @property
    def targets(self) -> Floats:
        """Mean and variance of the number in service at each moment of the cycle."""
        busy = busy_deterministic if self.scv == 0 else busy_exponential
        return busy(self.rate, 1.0, self.moments)

    def replicate(self, run: Engine, rng: Generator) -> tuple[Floats, Floats]:
        """Return the mean number, and its mean squared distance from theory's mean, at each moment; no controls.

        The squared distance is taken from the known mean, so that its expectation is the variance exactly, however
        neighbouring cycles hang together.
        """
        period = self.rate.period
        before = int(np.ceil(_FORGOTTEN / period))
        arrival = thinned_arrivals(self.rate, (before + self.cycles) * period, rng)
        service = ServiceLaw(float(self.scv)).draw(rng, len(arrival))
        program = queue_program(arrival, service, len(arrival))
        log = run(program)
        came, left = np.sort(log.enter[program.op == Op.SEIZE]), np.sort(log.leave[program.op == Op.WORK])
        cycle = (before + np.arange(self.cycles)) * period
        times = cycle[:, None] + self.moments
        number = np.searchsorted(came, times, side="right") - np.searchsorted(left, times, side="right")
        values = np.concatenate((number.mean(axis=0), ((number - self.targets) ** 2).mean(axis=0)))
        return values, np.zeros(0)

    def rows(self, means: list[Estimate]) -> list[Row]:
        """Return mean and variance for each moment."""
        targets = self.targets
        return [
            row(self.family, f"{self.label} t={moment}", quantity, float(target), means[k + offset])
            for k, (moment, target) in enumerate(zip(_MOMENTS, targets, strict=True))
            for quantity, offset in (("mean_number", 0), ("variance_number", len(targets)))
        ]


def thinned_arrivals(rate: SinusoidalRate, horizon: float, rng: Generator) -> Floats:
    """Draw arrival times from 0 to the horizon by thinning a Poisson process of the highest rate.

    Each candidate stays with the probability that the rate *at its own time* has of the highest (Lewis & Shedler 1979,
    *Naval Research Logistics Quarterly* 26(3), 403-413).
    """
    highest = rate.mean + rate.amplitude
    candidates = np.sort(rng.uniform(0, horizon, rng.poisson(highest * horizon)))
    return np.asarray(candidates[rng.uniform(0, highest, len(candidates)) < rate.at(candidates)])
