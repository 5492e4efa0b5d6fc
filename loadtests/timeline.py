"""A run in at most two dozen steps, as its chart shows it: what was accepted, and how long applicants waited.

Percentiles of a step are those of all its calls, out of the histograms: percentiles of seconds cannot be put together.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any, Final

import pandas as pd

from loadtests.history import FaultSpan
from loadtests.series import PERCENTILES, RESPONSE, Second, Series, Span

APPLICANTS: Final = ("submit", "sign", "enquire", "status", "withdraw")
"""Calls that only applicants make; towns log in too."""
ACCEPTED: Final = "sign"
"""The call with which an application is accepted."""
MOST_STEPS: Final = 24
_WIDTHS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


def width_of(length_s: float) -> int:
    """Return the real seconds of a step."""
    return next((width for width in _WIDTHS if ceil(length_s / width) <= MOST_STEPS), ceil(length_s / MOST_STEPS))


def timeline_of(series: Series, length_s: float) -> pd.DataFrame:
    """Return one row a step, from the first arrival that may come until the last.

    Returns
    -------
    pd.DataFrame
        second, until (real seconds of the run), accepted, calls, failed, p50_us, p95_us, p99_us; calls are those of
        applicants by when they were due, failed ones among them. A step without calls has percentiles of 0.
    """
    end, width = ceil(length_s), width_of(length_s)
    rows = []
    for start in range(0, end, width):
        span = start, min(start + width, end)
        accepted = series.over(RESPONSE, ACCEPTED, [span])
        rows.append((*span, accepted.seen.number - accepted.failed, *_told(_of_applicants(series, span)).values()))
    percentiles = [f"p{percent:g}_us" for percent in PERCENTILES]
    return pd.DataFrame(rows, columns=["second", "until", "accepted", "calls", "failed", *percentiles])


def applicants_of(series: Series, length_s: float) -> dict[str, int]:
    """Return the same of the whole run at once: calls, failed, p50_us, p95_us, p99_us."""
    return _told(_of_applicants(series, (0, ceil(length_s))))


def incidents_of(faults: Iterable[FaultSpan], speed: float, length_s: float) -> list[dict[str, Any]]:
    """Return the faults that were at work: id, server, and from when until when, real seconds of the run."""
    spans = [(fault, fault.start / speed / 1e6, fault.end / speed / 1e6) for fault in faults]
    return [
        {"id": fault.id, "server": fault.server, "start_s": max(0.0, start), "end_s": min(end, length_s)}
        for fault, start, end in spans
        if start < length_s and end > 0
    ]


def _of_applicants(series: Series, span: Span) -> Second:
    whole = Second()
    for call in APPLICANTS:
        own = series.over(RESPONSE, call, [span])
        whole.seen.add(own.seen)
        whole.failed += own.failed
    return whole


def _told(second: Second) -> dict[str, int]:
    seen = second.seen
    percentiles = {f"p{percent:g}_us": seen.percentile(percent).value if seen.number else 0 for percent in PERCENTILES}
    return {"calls": seen.number, "failed": second.failed, **percentiles}
