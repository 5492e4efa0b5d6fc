"""Times of the systems as a load test measured them, for the places of a scenario in which they are assumed."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from loadtests.histogram import Histogram, merged
from loadtests.series import SERVICE, Series

FEWEST: Final = 30
"""So many calls make a time worth writing down."""
_MICROS_PER_MINUTE: Final = 60_000_000
CALLS: Final = {
    "portal.submit": ("submit",),
    "relay.message": ("fetch", "acknowledge"),
    "jlis.call": ("card",),
}
"""Which calls are the work that a key of the scenario means."""


class Measured(Struct, frozen=True):
    """A time that was measured, minutes: mean, 5th and 95th percentile, and of how many calls."""

    value: float
    low: float
    high: float
    samples: int


def measured(series: Series) -> dict[str, Measured]:
    """Return the real times that the systems took by key of the scenario; keys with few calls are left out."""
    found = {}
    for key, calls in CALLS.items():
        seen = merged(series.over(SERVICE, call).seen for call in calls)
        if seen.number >= FEWEST:
            found[key] = _of(seen)
    return found


def _of(seen: Histogram) -> Measured:
    low, high = (_minutes(seen.percentile(percent).value) for percent in (5, 95))
    value = _minutes(seen.total / seen.number)
    # A long tail can lift the mean over the 95th percentile; a range holds its value.
    return Measured(value, min(low, value), max(high, value), seen.number)


def _minutes(micros: float) -> float:
    return max(round(micros / _MICROS_PER_MINUTE, 9), 1e-9)
