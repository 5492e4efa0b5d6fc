"""Phases of a run, for rules and charts: the busiest quarter, incidents, what is neither, hours of the scenario."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final

import numpy as np

from loadtests.history import FaultSpan
from loadtests.schedule import Schedule
from loadtests.series import Span

Spans = tuple[Span, ...]

PEAK_PART: Final = 4
"""The peak is so many-th part of the run."""
RECOVERY_US: Final = 60_000_000
"""After an incident the systems have a minute of real time until normal answers: what a failover may take."""


def phases_of(schedule: Schedule, faults: Iterable[FaultSpan]) -> dict[str, Spans]:
    """Return the seconds of every phase that has a name: run, peak, calm, incident, and each incident's own.

    Parameters
    ----------
    faults
        Injected faults; several of one incident have its id.
    """
    length = ceil(schedule.length_us / 1_000_000)
    incidents: dict[str, list[Span]] = {}
    for fault in faults:
        start, end = (round(at / schedule.speed) for at in (fault.start, fault.end))
        span = max(0, start // 1_000_000), min(length, -(-(end + RECOVERY_US) // 1_000_000))
        if span[0] < span[1]:
            incidents.setdefault(fault.id, []).append(span)
    every = united(span for spans in incidents.values() for span in spans)
    return {
        "run": ((0, length),),
        "peak": (peak_of(schedule),),
        "calm": outside(every, length),
        "incident": every,
        **{name: united(spans) for name, spans in incidents.items()},
    }


def peak_of(schedule: Schedule) -> Span:
    """Return the quarter of the run in which most arrivals are due; the first of equals."""
    length = ceil(schedule.length_us / 1_000_000)
    width = ceil(length / PEAK_PART)
    due = np.bincount(schedule.due_us // 1_000_000, minlength=length)
    passed = np.concatenate([[0], np.cumsum(due)])
    start = int(np.argmax(passed[width:] - passed[:-width]))
    return start, start + width


def hours_of(text: str, schedule: Schedule) -> Spans:
    """Return the seconds of a run that lie in hours of the scenario, "09:30-10:30", on each of its days."""
    length = ceil(schedule.length_us / 1_000_000)
    start, end = (60 * int(clock[:2]) + int(clock[3:]) for clock in text.split("-"))
    midnight = -(schedule.start.hour * 3600 + schedule.start.minute * 60)
    spans = []
    while midnight < length * schedule.speed:
        first, last = (round((midnight + 60 * minute) / schedule.speed) for minute in (start, end))
        if max(first, 0) < min(last, length):
            spans.append((max(first, 0), min(last, length)))
        midnight += 24 * 3600
    return tuple(spans)


def united(spans: Iterable[Span]) -> Spans:
    """Return spans that touch or overlap as one."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(end, whole[-1][1])
        else:
            whole.append((start, end))
    return tuple(whole)


def outside(spans: Sequence[Span], length: int) -> Spans:
    """Return what united spans leave of a run."""
    edges = [0, *(edge for span in spans for edge in span), length]
    return tuple((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)
