"""What only measurements show: a server that stood still while calls waited, and a burden that goes on growing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from loadtests.calls import Call
from loadtests.history import FaultSpan, Setting
from loadtests.reconcile.findings import Finding, Line, Moment, Witness

BIN_US: Final = 50_000
"""Calls are counted in slots of so many real microseconds."""
STOOD_STILL_US: Final = 1_000_000
"""No answer at all for so long, while calls are waiting, is a stall."""
SURE: Final = 1e-4
"""A trend is one when chance would show it less often than that."""
FEWEST: Final = 10
"""So many points are needed to speak of a trend."""


class Stall(Struct, frozen=True):
    """A server gave no answer from `start` until `end`, real microseconds, though at least `waiting` calls waited."""

    server: str
    start: int
    end: int
    waiting: int


def stalls(calls: Iterable[Call], length_us: int, least_us: int = STOOD_STILL_US) -> list[Stall]:
    """Return when each server stood still; memory is one count a slot.

    Parameters
    ----------
    calls
        In any order; those that were never answered do not count as waiting.
    length_us
        Length of the run.
    least_us
        What is shorter is no stall.
    """
    slots = length_us // BIN_US + 2
    waiting: dict[str, npt.NDArray[np.int64]] = {}
    answers: dict[str, npt.NDArray[np.int64]] = {}
    for call in calls:
        if call.server not in waiting:
            waiting[call.server] = np.zeros(slots, dtype=np.int64)
            answers[call.server] = np.zeros(slots, dtype=np.int64)
        if not call.answered:
            continue  # a dropped connection says nothing about whether the server lives
        first, last = (min(max(at, 0) // BIN_US, slots - 1) for at in (call.sent, call.end))
        waiting[call.server][first] += 1
        waiting[call.server][last] -= 1
        answers[call.server][last] += 1
    found = []
    for server, changes in sorted(waiting.items()):
        under_way = np.cumsum(changes)
        silent = (answers[server] == 0) & (under_way > 0)
        for start, end in _runs(silent):
            if (end - start) * BIN_US >= least_us:
                found.append(Stall(server, start * BIN_US, end * BIN_US, int(under_way[start:end].max())))
    return found


def _runs(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where flags are set in a row, from one place until before another."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


class Trend(Struct, frozen=True):
    """A straight line through points: Theil-Sen slope, Kendall's rank test (https://doi.org/10.1093/biomet/30.1-2.81).

    Attributes
    ----------
    slope
        Per unit of x; the median of the slopes of all pairs, which single outliers do not move.
    start, end
        The line at the first and the last x.
    p
        How often chance alone would rank the points so (one-sided, for growth).
    """

    slope: float
    start: float
    end: float
    p: float

    @property
    def growth(self) -> float:
        """How much the line grows over the run, as a part of where it starts."""
        return (self.end - self.start) / self.start if self.start > 0 else 0.0


def trend(x: Sequence[float], y: Sequence[float]) -> Trend | None:
    """Return the trend of y over x; None for fewer than ten points, or an x that never changes."""
    from scipy import stats  # noqa: PLC0415 - takes a second, which only those who judge have to wait

    across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(across) < FEWEST or np.ptp(across) == 0:
        return None
    with np.errstate(invalid="ignore"):  # of its interval, which many equal x leave without a variance
        line = stats.theilslopes(up, across)
    rank = stats.kendalltau(across, up, alternative="greater")
    p = 1.0 if np.isnan(rank.pvalue) else float(rank.pvalue)
    start, end = (float(line.intercept + line.slope * at) for at in (across.min(), across.max()))
    return Trend(float(line.slope), start, end, p)


class Burden(Struct, frozen=True):
    """Something measured again and again that should not grow.

    Attributes
    ----------
    server, what
        Whose, and what: "memory", "service p50".
    x, y
        Seconds of the run or applications stored, and what was measured.
    least_growth
        Part of the start by which it must grow to count.
    least_slope
        How much it must grow with each of x to count.
    most
        By how much it may grow in all, however slowly.
    """

    server: str
    what: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    least_growth: float
    least_slope: float = 0.0
    most: float = math.inf


def line_of_stalls(found: Iterable[Stall], seconds: int, setting: Setting) -> Line:
    """Return the line of the table: stalls that no injected fault explains, among so many seconds."""
    witnesses = [_stood_still(stall, setting) for stall in found if not _explained(stall, setting)]
    return Line(Finding.SLOW, len(witnesses), max(seconds, len(witnesses)), tuple(witnesses[:10]))


def line_of_growth(burdens: Iterable[Burden]) -> Line:
    """Return the line of the table: burdens that grow beyond chance and by more than they may."""
    checked, witnesses = 0, []
    for burden in burdens:
        line = trend(burden.x, burden.y)
        checked += line is not None
        if line is None or (line.slope <= burden.least_slope and line.end - line.start <= burden.most):
            continue
        if line.p < SURE and line.growth > burden.least_growth:
            found = f"{burden.what}: {line.start:.4g} → {line.end:.4g}"
            allowed = f"+{100 * burden.least_growth:g} %"
            witnesses.append(Witness(Finding.GROWTH, 0, place=burden.server, expected=allowed, found=found))
    return Line(Finding.GROWTH, len(witnesses), checked, tuple(witnesses))


def _explained(stall: Stall, setting: Setting) -> bool:
    return any(_at_work(fault, stall, setting) for fault in setting.faults)


def _at_work(fault: FaultSpan, stall: Stall, setting: Setting) -> bool:
    start, end = setting.scenario(stall.start), setting.scenario(stall.end)
    return fault.server in ("", stall.server) and fault.start <= end and fault.end >= start


def _stood_still(stall: Stall, setting: Setting) -> Witness:
    start = setting.scenario(stall.start)
    length = f"{(stall.end - stall.start) / 1e6:.2f} s"
    silent = Moment(start, stall.server, f"no answer for {length}, {stall.waiting} waiting")
    return Witness(
        Finding.SLOW,
        start,
        place=stall.server,
        expected=f"< {STOOD_STILL_US / 1e6:g} s",
        found=length,
        server=(silent,),
    )
