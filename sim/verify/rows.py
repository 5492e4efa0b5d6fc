"""One line of the self-test: what theory says, what the engine did, how sure that is, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sim.verify.estimation import Estimate

Z_LIMIT = 3.5
"""A correct engine lies further off than this in 1 of 2,150 rows (two-sided normal probability 4.7e-4)."""

PRECISION = 0.02
"""A half-width of this share of the target or more proves nothing, whatever z is."""


class Verdict(StrEnum):
    """What a row says about the engine."""

    PASSED = "passed"
    """Close to the target, and measured well enough to know."""
    OFF_TARGET = "off_target"
    """Further from the target than chance explains."""
    IMPRECISE = "imprecise"
    """Not far from the target, but the interval is too wide to tell."""


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity of one case.

    Attributes
    ----------
    family, quantity
        Keys: their words stand in the catalogue as `verify.family.<family>` and `verify.quantity.<quantity>`.
    case
        Parameters in the notation of queueing theory, the same in every language.
    target, estimate, half_width
        In minutes, customers or as a share, by the quantity. The half-width is of the 95 % interval.
    z
        Distance from the target as a normal deviate; NaN where the engine gave no number.
    """

    family: str
    case: str
    quantity: str
    target: float
    estimate: float
    half_width: float
    z: float

    @property
    def verdict(self) -> Verdict:
        """PASSED only where |z| <= 3.5 and the half-width is below 2 % of the target."""
        if not abs(self.z) <= Z_LIMIT:
            return Verdict.OFF_TARGET
        if not self.half_width < PRECISION * abs(self.target):
            return Verdict.IMPRECISE
        return Verdict.PASSED

    @property
    def passed(self) -> bool:
        """Whether the row supports the engine."""
        return self.verdict is Verdict.PASSED


def row(family: str, case: str, quantity: str, target: float, estimate: Estimate) -> Row:
    """Return the row of one estimate against its target."""
    return Row(family, case, quantity, target, estimate.value, estimate.half_width, estimate.z(target))
