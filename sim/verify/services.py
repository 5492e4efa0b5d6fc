"""Service times of mean 1 with a given variability: constant, Erlang, exponential or hyperexponential."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.random import Generator

from sim.program import Floats


@dataclass(frozen=True, slots=True)
class ServiceLaw:
    """A law of mean 1 and the squared coefficient of variation `scv`: 0, 1/k for a whole k, or above 1.

    0 is a constant, 1/k an Erlang law of k phases, above 1 a mixture of two exponentials with balanced means (Tijms,
    *A First Course in Stochastic Models*, appendix B).
    """

    scv: float

    @property
    def second_moment(self) -> float:
        """E[S^2]."""
        return 1 + self.scv

    @property
    def short_share(self) -> float:
        """Share of the shorter of the two exponentials, for an scv above 1."""
        return (1 + sqrt((self.scv - 1) / (self.scv + 1))) / 2

    def draw(self, rng: Generator, size: int) -> Floats:
        """Draw service times."""
        if self.scv == 0:
            return np.ones(size)
        if self.scv <= 1:
            return rng.gamma(round(1 / self.scv), self.scv, size)
        short = rng.random(size) < self.short_share
        return np.asarray(rng.standard_exponential(size) * self._means()[short.astype(np.int64)])

    def draw_residual(self, rng: Generator, size: int) -> Floats:
        """Draw what is left of the service that a random instant falls into (its equilibrium law)."""
        if self.scv == 0:
            return rng.random(size)
        if self.scv <= 1:
            phases = round(1 / self.scv)
            return np.asarray(rng.gamma(rng.integers(1, phases + 1, size), self.scv))
        # With balanced means a random instant falls into either kind with the same probability.
        return np.asarray(rng.standard_exponential(size) * self._means()[rng.integers(0, 2, size)])

    def _means(self) -> Floats:
        return np.array([1 / (2 * (1 - self.short_share)), 1 / (2 * self.short_share)])


def stationary_work(law: ServiceLaw, load: float, rng: Generator) -> float:
    """Draw the work that an arrival finds in stationary M/G/1 of mean service 1: a geometric number of residuals.

    Gross, Shortle, Thompson & Harris, *Fundamentals of Queueing Theory*, 4th ed., chapter 5.
    """
    return float(law.draw_residual(rng, rng.geometric(1 - load) - 1).sum())
