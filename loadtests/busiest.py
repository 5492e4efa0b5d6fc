"""The hours of a scenario that a load test plays when nobody says: of its first incident, else the busiest morning."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np

from fakes.clock import JST
from fakes.states.rules import Rules
from loadtests.crowd import filings_of
from loadtests.errors import LoadError
from loadtests.window import LONGEST, Window
from scenarios.schema import Scenario
from sim.streams import Streams

MORNING: Final = (time(8, 30), time(12, 30))
"""Four hours from the opening of the counters on: what a launch day begins with."""
_BEFORE: Final = timedelta(minutes=90)
"""So long before an incident a run begins, to see what was normal."""


def usual_window(scenario: Scenario, seed: int) -> Window:
    """Return the window of a scenario that a load test plays when none is named.

    Raises
    ------
    LoadError
        E-load-nobody when nobody files in any morning on which the resident network is open.
    """
    moments = [incident.at for incident in scenario.incidents if incident.at is not None]
    if moments:
        return _around(min(moments), scenario)
    return busiest_morning(scenario, seed)


def busiest_morning(scenario: Scenario, seed: int) -> Window:
    """Return the morning, of days on which the resident network is open, in which most file in the first replication.

    Raises
    ------
    LoadError
        E-load-nobody when nobody files in any.
    """
    first, last = scenario.period.start, scenario.period.end
    counts: dict[date, int] = {}
    while first <= last:
        end = min(first + LONGEST - timedelta(days=1), last)
        window = Window(datetime.combine(first, time()), datetime.combine(end + timedelta(days=1), time()))
        minutes = filings_of(scenario, window, Streams(seed, 0)).at_us // 60_000_000
        early, late = (clock.hour * 60 + clock.minute for clock in MORNING)
        days = (minutes // 1440)[(minutes % 1440 >= early) & (minutes % 1440 < late)]
        for day, count in zip(*np.unique(days, return_counts=True), strict=True):
            counts[first + timedelta(days=int(day))] = int(count)
        first = end + timedelta(days=1)
    rules = Rules.around(scenario.period.start, scenario.period.end)
    mornings = {day: count for day, count in counts.items() if _is_open(rules, day)}
    if not mornings:
        raise LoadError("E-load-nobody", found=f"{scenario.period.start} – {scenario.period.end}")
    return _morning(max(sorted(mornings), key=lambda day: mornings[day]))


def _around(at: datetime, scenario: Scenario) -> Window:
    """Return the morning in which an incident is, or as much time around it."""
    morning = _morning(at.date())
    if morning.start <= at < morning.end:
        return morning
    start = max(at - _BEFORE, datetime.combine(scenario.period.start, time()))
    return Window(start, start + (morning.end - morning.start))


def _morning(day: date) -> Window:
    start, end = (datetime.combine(day, clock) for clock in MORNING)
    return Window(start, end)


def _is_open(rules: Rules, day: date) -> bool:
    at = datetime.combine(day, MORNING[0], JST)
    return rules.network.next_opening(at) == at
