"""Means over independent replications, sharpened by control variates whose mean is known to be zero."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf, isnan, log, nan, sqrt

import numpy as np
from scipy import stats

from sim.program import Floats

_FOLDS = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its standard error and the degrees of freedom of Student's t."""

    value: float
    error: float
    freedom: int

    @property
    def half_width(self) -> float:
        """Half-width of the 95 % confidence interval."""
        return float(stats.t.ppf(0.975, self.freedom)) * self.error

    def z(self, target: float) -> float:
        """Return the normal deviate that is as improbable as the distance from the target is under Student's t."""
        if isnan(self.value) or isnan(self.error):
            return nan
        distance = self.value - target
        if distance == 0:
            return 0.0
        student = abs(distance) / self.error if self.error > 0 else inf
        return copysign(float(stats.norm.isf(stats.t.sf(student, self.freedom))), distance)


def controlled_means(values: Floats, controls: Floats) -> list[Estimate]:
    """Return the mean of each column of values, corrected for what chance did to the controls.

    Each replication is corrected with coefficients fitted to other replications (ten folds), which know nothing of its
    own controls. The correction therefore has mean zero exactly, and the mean of the corrected values is unbiased for
    any law of the values; coefficients fitted to the same replications give that for normal ones alone (Lavenberg &
    Welch 1981, *Management Science* 27(3), 322-335).

    Parameters
    ----------
    values
        Shape (replications, quantities). Where one is not a number, no column is estimated.
    controls
        Shape (replications, controls): independent across replications, each with mean zero by construction. A column
        of zeros, as a constant service time makes, is no control and costs nothing.
    """
    size = len(values)
    if not np.all(np.isfinite(values)):
        return [Estimate(nan, nan, size - 1) for _ in range(values.shape[1])]
    controls = controls[:, np.any(controls != 0, axis=0)]
    design = np.column_stack((np.ones(size), controls / np.sqrt(np.mean(controls**2, axis=0))))
    corrected = np.empty_like(values)
    fold = np.arange(size) % _FOLDS
    for held_out in range(_FOLDS):
        own = fold == held_out
        coefficients = np.linalg.lstsq(design[~own], values[~own], rcond=None)[0]
        corrected[own] = values[own] - design[own, 1:] @ coefficients[1:]
    errors = corrected.std(axis=0, ddof=1) / sqrt(size)
    return [Estimate(float(m), float(e), size - 1) for m, e in zip(corrected.mean(axis=0), errors, strict=True)]


def quantile_from_tail(points: tuple[float, float, float], tail: list[Estimate], share_above: float) -> Estimate:
    """Return the quantile that a share of `share_above` exceeds, from the tail at three points around it.

    Between the points the tail is taken as exponential, as it is in M/M/c: the quantile is the middle point, moved by
    the excess of the log tail there over the slope measured between the outer points. Every customer of every
    replication counts once; averaging one sample quantile per replication would be biased.

    Parameters
    ----------
    points
        Ascending waits, the middle one near the quantile.
    tail
        P(W > point) at each, as measured.
    share_above
        1 minus the share of the quantile.
    """
    low, middle, high = tail
    if not (low.value > high.value > 0 and middle.value > 0):
        return Estimate(nan, nan, middle.freedom)
    slope = log(low.value / high.value) / (points[2] - points[0])
    value = points[1] + log(middle.value / share_above) / slope
    return Estimate(value, middle.error / (middle.value * slope), middle.freedom)
