"""Inverse distribution functions for inverse transform: uniform numbers go in, numbers of a distribution come out.

The formulas of `scipy.stats` on the special functions themselves: the same numbers, without its checks of every
argument, and without importing it.
"""

from __future__ import annotations

import numpy as np
from scipy.special import bdtr, expm1, log1p, ndtri, pdtr, pdtrik

from sim.program import Floats, Ints


def normal(uniform: Floats) -> Floats:
    """Standard normal."""
    return np.asarray(ndtri(uniform), dtype=np.float64)


def poisson(uniform: Floats, mean: Floats) -> Ints:
    """Poisson numbers, each with its own mean."""
    above = np.ceil(pdtrik(uniform, mean))
    below = np.maximum(above - 1, 0)
    return np.asarray(np.where(pdtr(below, mean) >= uniform, below, above)).astype(np.int64)


def binomial(uniform: Floats, trials: Ints, chance: float) -> Ints:
    """Binomial numbers out of few trials: the least number that is at least as probable to be kept as `uniform`."""
    most = int(trials.max(initial=0))
    number, of = np.arange(most), np.arange(most + 1)[:, None]
    at_most = np.where(number < of, bdtr(np.minimum(number, of), of, chance), 1.0)
    found = np.zeros(len(uniform), dtype=np.int64)
    for own in number:
        found += uniform > at_most[:, own][trials]
    return found


def truncated_exponential(uniform: Floats, mean: float, limit: float) -> Floats:
    """Exponential numbers of a mean, given that they are below a limit."""
    return np.asarray(-log1p(uniform * expm1(-limit / mean)) * mean, dtype=np.float64)
