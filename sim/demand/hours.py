"""When in the day people come to an office, by inverse transform of an hourly profile."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenarios.datatables import hourly_profile
from sim.program import Floats


class ArrivalHours:
    """One hourly profile within opening hours: shares of 24 hours become a piecewise linear distribution.

    Parameters
    ----------
    profile
        Name in the table of arrivals by hour.
    opening
        (start, end) of the hours in which people arrive, minutes after midnight; hours outside are cut off.
    """

    def __init__(self, profile: str, opening: tuple[float, float]) -> None:
        shares = np.asarray(hourly_profile(profile))
        edges = np.arange(25) * 60.0
        start, end = np.clip(edges[:-1], *opening), np.clip(edges[1:], *opening)
        used = end > start  # an hour without arrivals stays: its neighbours must not spread over it
        self._edges = np.concatenate([start[used], end[used][-1:]])
        self._share = np.concatenate([[0.0], np.cumsum(shares[used])]) / shares[used].sum()

    def share_before(self, minute: float) -> float:
        """Share of a day's arrivals before a minute of the day."""
        return float(np.interp(minute, self._edges, self._share))

    def at(self, uniform: npt.NDArray[np.float64]) -> Floats:
        """Minute of the day for uniform numbers."""
        return np.asarray(np.interp(uniform, self._share, self._edges), dtype=np.float64)
