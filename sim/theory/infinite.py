"""Ample servers under a changing arrival rate: M(t)/G/inf, the model of people or messages that never queue.

The number in service at any time is Poisson, so its variance is its mean (Eick, Massey & Whitt 1993, "The physics of
the M_t/G/inf queue", *Operations Research* 41(4), 731-742).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.program import Floats
from sim.theory import require


@dataclass(frozen=True, slots=True)
class SinusoidalRate:
    """Arrival rate mean + amplitude sin(2 pi t / period), per time unit; 0 <= amplitude <= mean."""

    mean: float
    amplitude: float
    period: float

    def __post_init__(self) -> None:
        require(0 <= self.amplitude <= self.mean and self.period > 0, "a rate must not fall below 0")

    @property
    def frequency(self) -> float:
        """Angular frequency 2 pi / period."""
        return 2 * np.pi / self.period

    def at(self, time: Floats) -> Floats:
        """Return the rate at each time."""
        return np.asarray(self.mean + self.amplitude * np.sin(self.frequency * time))


def busy_exponential(rate: SinusoidalRate, mean_service: float, time: Floats) -> Floats:
    """Return the mean (and variance) of the number in service at each time, for exponential service.

    Holds for a system that has run since long ago. Eick, Massey & Whitt 1993, "M_t/G/inf queues with sinusoidal arrival
    rates", *Management Science* 39(2), 241-252.
    """
    require(mean_service > 0, "the mean service is positive")
    mu, w = 1 / mean_service, rate.frequency
    swing = (mu * np.sin(w * time) - w * np.cos(w * time)) / (mu**2 + w**2)
    return np.asarray(rate.mean * mean_service + rate.amplitude * swing)


def busy_deterministic(rate: SinusoidalRate, service: float, time: Floats) -> Floats:
    """Return the mean (and variance) of the number in service at each time, for service of one fixed length.

    The integral of the rate over the last `service` time units: those who arrived then are still there (Eick, Massey &
    Whitt 1993, as above).
    """
    require(service > 0, "the service is positive")
    w = rate.frequency
    swing = (np.cos(w * (time - service)) - np.cos(w * time)) / w
    return np.asarray(rate.mean * service + rate.amplitude * swing)
