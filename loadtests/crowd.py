"""How many arrive: the scenario's people in a window, `scale` times over, by superposition.

The first draw is the simulation's first replication, household for household. What a scale above 1 adds are independent
draws of the same demand for the window's days, in chunks of a fixed size of which the last is thinned: what more people
would be, and not the same instants again. A larger scale keeps every arrival of a smaller one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as changed
from datetime import date, timedelta
from math import ceil
from typing import Final

import numpy as np

from loadtests.errors import LoadError
from loadtests.journeys import Arrivals, filings_in
from loadtests.window import Window
from scenarios.replacing import replace
from scenarios.schema import Scenario
from sim.demand.columns import draw_demand
from sim.demand.horizon import horizon_of
from sim.program import Ints
from sim.streams import Streams

CHUNK: Final = 16
"""A draw adds so many times the scenario's people; fixed, so that a larger scale begins with a smaller one's draws."""
LARGEST_SCALE: Final = 20_000.0


def draw_arrivals(scenario: Scenario, window: Window, scale: float, seed: int) -> Arrivals:
    """Draw the filings of a window, `scale` times as many as the scenario expects, in the order of their times.

    Raises
    ------
    LoadError
        E-load-scale; E-load-window-outside when the window is not within the scenario's period; E-load-nobody when
        nobody files online in it.
    """
    if not 0 < scale <= LARGEST_SCALE:
        raise LoadError("E-load-scale", found=f"{scale:g}", largest=f"{LARGEST_SCALE:g}")
    check_inside(scenario, window)
    first, *more = _draws(scenario, window, scale, seed)
    arrivals = first.joined(more)
    if not len(arrivals):
        raise LoadError("E-load-nobody", found=str(window))
    return arrivals.take(np.lexsort((arrivals.second, arrivals.household, arrivals.at_us)))


def check_inside(scenario: Scenario, window: Window) -> None:
    """Raise E-load-window-outside for a window that is not within the scenario's period."""
    period = scenario.period
    if not period.start <= window.start.date() <= last_day(window) <= period.end:
        raise LoadError("E-load-window-outside", found=str(window), start=period.start, end=period.end)


def last_day(window: Window) -> date:
    """Last day of which a window has a part."""
    return (window.end - timedelta(microseconds=1)).date()


def filings_of(scenario: Scenario, window: Window, streams: Streams) -> Arrivals:
    """Draw the filings of a scenario's people in a window, households numbered from 0."""
    horizon = horizon_of(scenario)
    arrivals = filings_in(draw_demand(scenario, horizon, streams), horizon, window, scenario)
    _, number = np.unique(arrivals.household, return_inverse=True)
    return changed(arrivals, household=number.astype(np.int64))


def _draws(scenario: Scenario, window: Window, scale: float, seed: int) -> Iterator[Arrivals]:
    own = filings_of(scenario, window, Streams(seed, 0))
    yield _thinned(own, Streams(seed, 0), min(scale, 1.0))
    if scale <= 1.0:
        return
    crowd, before = _crowd(scenario, window), _households(own)
    for number in range(1, ceil((scale - 1.0) / CHUNK) + 1):
        streams = Streams(seed, number)
        drawn = filings_of(crowd, window, streams)
        part = min((scale - 1.0) / CHUNK - (number - 1), 1.0)
        yield _thinned(changed(drawn, household=drawn.household + before), streams, part)
        before += _households(drawn)


def _households(arrivals: Arrivals) -> int:
    return int(arrivals.household.max(initial=-1)) + 1


def _thinned(arrivals: Arrivals, streams: Streams, share: float) -> Arrivals:
    """Keep a share of the households, each with all of its filings; a larger share keeps those of a smaller one."""
    if share >= 1.0 or not len(arrivals):
        return arrivals
    place: Ints = arrivals.household - arrivals.household.min()
    return arrivals.take(streams.uniform("thinning", int(place.max()) + 1)[place] < share)


def _crowd(scenario: Scenario, window: Window) -> Scenario:
    """The same people CHUNK times, in the window's days alone, without those who never file online."""
    volumes = scenario.volumes
    more = {f"volumes.{kind}": int(getattr(volumes, kind)) * CHUNK for kind in ("move_in", "move_out", "move_within")}
    surges = [
        {"flow": surge.flow, "first": surge.first, "last": surge.last, "persons": int(surge.persons) * CHUNK}
        for surge in volumes.surges
        if surge.flow != "from_abroad"
    ]
    return replace(
        scenario,
        {
            **more,
            "volumes.surges": surges,
            "volumes.from_abroad": 0,
            "volumes.certificates_per_filing": 0.0,
            "volumes.card_customers_per_day": 0.0,
            "period": {"start": window.start.date(), "end": last_day(window), "warm_up_days": 0},
        },
    )
