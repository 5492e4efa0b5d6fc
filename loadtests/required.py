"""What the systems have to bear: filings a minute that the simulation's people hand in, over a window.

The ward's own come from its demand; the country's from the table of `hikkoshi study national`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from loadtests.crowd import check_inside, filings_of
from loadtests.errors import LoadError
from loadtests.window import Window
from scenarios.schema import Scenario
from sim.streams import Streams

REPLICATIONS: Final = 20
_MICROS_PER_MINUTE: Final = 60_000_000


@dataclass(frozen=True, slots=True)
class Required:
    """Filings a minute of the scenario's time, over all minutes that were counted.

    Attributes
    ----------
    source
        "ward" or "national".
    p50, p95, most
        The smallest number that half, or 95 %, of the minutes do not exceed; the busiest of all.
    mean
        Filings a minute on average; None where only the table of quantiles is known.
    minutes
        How many were counted, all replications together.
    """

    source: str
    p50: int
    p95: int
    most: int
    mean: float | None
    minutes: int

    @property
    def per_second(self) -> float:
        """Filings a second in the busiest minute: what head-room is measured against."""
        return self.most / 60


def required_of(scenario: Scenario, window: Window, seed: int, replications: int = REPLICATIONS) -> Required:
    """Return what the scenario's own people hand in, second filings among them, over a window.

    Raises
    ------
    LoadError
        E-load-window-outside.
    """
    check_inside(scenario, window)
    counts = []
    for number in range(replications):
        at = filings_of(scenario, window, Streams(seed, number)).at_us
        counts.append(np.bincount(at // _MICROS_PER_MINUTE, minlength=window.minutes))
    minutes = np.concatenate(counts)
    p50, p95 = (int(rate) for rate in np.quantile(minutes, (0.5, 0.95), method="inverted_cdf"))
    return Required("ward", p50, p95, int(minutes.max()), float(minutes.mean()), len(minutes))


def required_of_country(
    rates: pd.DataFrame, arm: str, system: str = "portal", period: str = "busiest_hour"
) -> Required:
    """Return what the whole country hands in, from the table of required rates of a national study.

    Parameters
    ----------
    rates
        As `sim.national.rates.required_rates` makes it: arm, system, period, p50, p95, max, minutes_counted.

    Raises
    ------
    LoadError
        E-load-required when the table has no such row; the message names the rows that it has.
    """
    row = rates[(rates["arm"] == arm) & (rates["system"] == system) & (rates["period"] == period)]
    if len(row) != 1:
        known = sorted({f"{own.arm}/{own.system}/{own.period}" for own in rates.itertuples()})
        raise LoadError("E-load-required", found=f"{arm}/{system}/{period}", allowed=", ".join(known))
    found = row.iloc[0]
    p50, p95, most = (int(found[name]) for name in ("p50", "p95", "max"))
    return Required("national", p50, p95, most, None, int(found["minutes_counted"]))
