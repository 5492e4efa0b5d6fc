"""How long the hands of the staff need: one distribution for all work, as in the ward."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from scenarios.quantity import Quantity
from scenarios.schema.national import NationalScenario
from sim.program import Floats


def hands(scenario: NationalScenario, mean: Floats | Quantity, uniform: Floats) -> Floats:
    """Hands-on minutes: lognormal with the given mean and the scenario's coefficient of variation."""
    variance = np.log1p(float(scenario.work.cv) ** 2)
    factor = np.exp(np.sqrt(variance) * ndtri(uniform) - variance / 2)
    return np.asarray((float(mean) if isinstance(mean, Quantity) else mean) * factor, dtype=np.float64)
