"""What should not grow while a run goes on: the servers' memory, and how long they take as more is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Struct

from loadtests.reconcile.trends import FEWEST, Burden
from loadtests.series import SERVICE, Series

SETTLED: Final = 1 / 3
"""Until so much of a run is over servers fill their caches: what they take until then says nothing about growth."""
MEMORY_MAY_GROW: Final = 0.1
"""Part by which memory may grow over the rest of a run."""
KIB_A_CALL: Final = 8.0
"""What a call may leave in memory: caches of the store and of certificates take two or three until they are full."""
MIB_MAY_GROW: Final = 64.0
"""What a server may take over the rest of a run in all, however many calls it had: a slow leak shows in a long run."""
SLOWER_MAY_BE: Final = 3.0
"""Part by which the median time of the portal's calls may grow over a run, as multiples of the ward's: what
other work of the machine does to all servers is no growth, and what it does to one of them is noise."""
_ENOUGH_CALLS: Final = 3
"""So many calls a second make a median worth a point."""
_OF_PORTAL: Final = ("submit", "sign", "status", "enquire")
_STORES: Final = "sign"
_SERVED: Final = {
    "portal": (*_OF_PORTAL, "withdraw"),
    "jlis": ("poll", "fetch", "acknowledge", "telegram", "card", "ocsp"),
    "ward": ("staff", "audit"),
}
"""Calls that one server alone has; logins go to all."""
_BESIDE: Final = "staff"
"""Calls of the ward; they do not depend on what the portal holds."""


class Sample(Struct, frozen=True):
    """What a server's processes took at one moment.

    Attributes
    ----------
    server, second
        Whose, and when, seconds since the run began; before it they are negative.
    memory_bytes
        Resident, of all processes together.
    cpu_percent
        Of one core, since the sample before.
    """

    server: str
    second: float
    memory_bytes: int
    cpu_percent: float


def memory_of(samples: Iterable[Sample], length_s: float, series: Series) -> list[Burden]:
    """Return the memory of each server over the settled part of a run, by the calls that it has had."""
    by_server: dict[str, list[Sample]] = {}
    for sample in samples:
        if SETTLED * length_s <= sample.second <= length_s:
            by_server.setdefault(sample.server, []).append(sample)
    found = []
    for name, taken in sorted(by_server.items()):
        had = _had(series, _SERVED.get(name.partition("-")[0], ()), round(length_s) + 1)
        found.append(
            Burden(
                name,
                "memory MiB",
                tuple(float(had[int(own.second)]) for own in taken),
                tuple(own.memory_bytes / 2**20 for own in taken),
                MEMORY_MAY_GROW,
                KIB_A_CALL / 1024,
                MIB_MAY_GROW,
            )
        )
    return found


def _had(series: Series, calls: Iterable[str], seconds: int) -> npt.NDArray[np.int64]:
    """Return how many calls of some kinds were due until each second of a run."""
    due = np.zeros(seconds, dtype=np.int64)
    for call in calls:
        for number, second in series.seconds.get(f"{SERVICE}/{call}", {}).items():
            if 0 <= number < seconds:
                due[number] += second.seen.number
    return np.cumsum(due)


def slowness_of(series: Series) -> list[Burden]:
    """Return the median service time of the portal's calls by how much is stored, as multiples of the ward's.

    Where nobody called the ward, milliseconds.
    """
    stored, beside = _stored(series), _medians(series, _BESIDE)
    unit = f" p50 / {_BESIDE} p50" if beside else " p50 ms"
    found = []
    for call in _OF_PORTAL:
        points = [
            (stored[second], median / (beside[second] if beside else 1000))
            for second, median in _medians(series, call).items()
            if second in stored and (not beside or beside.get(second))
        ]
        if len(points) >= FEWEST:
            x, y = zip(*points, strict=True)
            found.append(Burden("portal", f"{call}{unit}", x, y, SLOWER_MAY_BE))
    return found


def _medians(series: Series, call: str) -> dict[int, int]:
    """Return the median service time of a kind of call, microseconds, in each second with enough of them."""
    seconds = series.seconds.get(f"{SERVICE}/{call}", {})
    return {
        number: second.seen.percentile(50).value
        for number, second in sorted(seconds.items())
        if second.seen.number >= _ENOUGH_CALLS
    }


def _stored(series: Series) -> Mapping[int, float]:
    """How many applications were accepted until each second."""
    seconds = series.seconds.get(f"{SERVICE}/{_STORES}", {})
    stored, total = {}, 0
    for number in range(min(seconds, default=0), max(seconds, default=-1) + 1):
        if (second := seconds.get(number)) is not None:
            total += second.seen.number - second.failed
        stored[number] = float(total)
    return stored


def table_of(samples: Sequence[Sample]) -> pd.DataFrame:
    """Return the samples as a table: server, at_s (since the run began), memory_bytes, cpu_percent."""
    return pd.DataFrame(
        [(own.server, own.second, own.memory_bytes, own.cpu_percent) for own in samples],
        columns=["server", "at_s", "memory_bytes", "cpu_percent"],
    )
