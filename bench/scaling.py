"""Steps a second of the compiled engine by size of the program, with few people inside and with everybody at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import log

import numpy as np

from bench.models import HOURLY, SEED, Model, tandem
from bench.programs import program_of
from bench.race import ROUNDS, Times, race
from sim.engines import compiled
from sim.program import Program, on_grid
from sim.streams import Streams

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
LEAST = 1_000_000
"""Small programs run so often in a row that a clock can tell."""
SLACK_DAYS = 3


@dataclass(frozen=True, slots=True)
class Size:
    """One size of both models, in steps."""

    steps: int
    days: Times
    rush: Times


def measure(
    sizes: tuple[int, ...] = SIZES, rounds: int = ROUNDS, tell: Callable[[str], None] = lambda _: None
) -> list[Size]:
    """Run the compiled engine on tables of each size."""
    found = []
    for steps in sizes:
        tell(f"{steps:,} steps")
        programs = {"days": days_of(steps), "rush": rush_of(steps)}
        times = max(1, LEAST // steps)
        laps = race({name: partial(_run, program, times) for name, program in programs.items()}, rounds)
        found.append(Size(steps, *(_each(laps[name].times, times) for name in programs)))
    return found


def _run(program: Program, times: int) -> None:
    """Run and forget: a log kept from the warm-up would be memory that the next run has to do without."""
    for _ in range(times):
        compiled.run(program)


def _each(times: Times, runs: int) -> Times:
    return Times(tuple(seconds / runs for seconds in times.seconds))


def days_of(steps: int) -> Program:
    """Lay out the tandem over the days that give so many steps, ten an applicant; some dozens are inside at a time."""
    customers = steps // 10
    long = tandem(int(customers / HOURLY.sum()) + SLACK_DAYS)
    return program_of(
        Model(long.name, long.arrivals[:customers], long.service[:customers], long.shift_start, long.desks)
    )


def rush_of(steps: int) -> Program:
    """Lay out a crowd, four steps each, that comes within an hour and stays for one to two: all of it is inside."""
    customers, streams = steps // 4, Streams(SEED, 0)
    arrivals = np.sort(on_grid(60.0 * streams.uniform("rush", customers)))
    service = on_grid(60.0 + 60.0 * streams.uniform("stay", customers))[:, None]
    return program_of(Model("rush", arrivals, service, np.zeros(1), np.array([[customers]])))


def growth(smaller: Size, larger: Size, seconds: Callable[[Size], float]) -> float:
    """How the time grew against n log n; 1 is exactly so, less is better."""
    expected = larger.steps * log(larger.steps) / (smaller.steps * log(smaller.steps))
    return seconds(larger) / seconds(smaller) / expected
