"""The two models of the race as drawn columns: every contestant gets the same arrivals, service minutes and shifts.

No service is longer than a break between shifts. What happens to a customer in service when the number of desks changes
is a matter of taste among simulators; here it never arises, so all of them must give the same answer to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.program import Floats, Ints, on_grid
from sim.streams import Streams

DAY, HOUR = 1440.0, 60.0
SEED = 20230206

CUSTOMERS = 200_000
DESKS, LOAD = 5, 0.9
"""M/M/5 with mean service of one minute, so the arrival rate is desks times load."""

DAYS = 120
OPENS = 480.0
HOURLY = np.array([60.0, 95.0, 100.0, 90.0, 75.0, 85.0, 90.0, 70.0])
"""Applicants expected in each hour from 8:00 on: 665 a day."""
STAGES = ("reception", "entry", "hand-over")
MEAN_MINUTES = (4.0, 8.0, 3.0)
LONGEST = 30.0
SHIFTS = ((480.0, (7, 14, 6)), (720.0, (0, 0, 0)), (750.0, (8, 15, 6)), (1020.0, (0, 0, 0)))
"""Desks of each stage from a minute of the day on: morning, break, afternoon, night."""


@dataclass(frozen=True, slots=True)
class Model:
    """Customers who pass all stages in order, each stage with one queue, first come first served.

    Attributes
    ----------
    arrivals
        Shape (customers,), minutes, ascending.
    service
        Shape (customers, stages), minutes.
    shift_start, desks
        Shapes (shifts,) and (shifts, stages): so many desks are open from that minute on; none before the first.
    """

    name: str
    arrivals: Floats
    service: Floats
    shift_start: Floats
    desks: Ints

    @property
    def customers(self) -> int:
        """Number of customers."""
        return len(self.arrivals)

    @property
    def stages(self) -> int:
        """Number of stages."""
        return int(self.service.shape[1])


def queue(customers: int = CUSTOMERS, replication: int = 0) -> Model:
    """Draw M/M/5 at 90 % load."""
    streams = Streams(SEED, replication)
    gaps = streams.generator("arrivals").exponential(1 / (DESKS * LOAD), customers)
    service = streams.generator("service").exponential(1.0, (customers, 1))
    return Model("M/M/5", on_grid(np.cumsum(gaps)), on_grid(service), np.zeros(1), np.array([[DESKS]]))


def tandem(days: int = DAYS, replication: int = 0) -> Model:
    """Draw the three-stage tandem: Poisson arrivals with hourly rates, gamma service, shifts with breaks."""
    streams = Streams(SEED, replication)
    counts = streams.generator("counts").poisson(np.tile(HOURLY, days))
    hours = (DAY * np.arange(days)[:, None] + OPENS + HOUR * np.arange(len(HOURLY))).ravel()
    customers = int(counts.sum())
    arrivals = np.sort(on_grid(np.repeat(hours, counts) + HOUR * streams.uniform("minutes", customers)))
    service = np.column_stack(
        [minutes(streams, f"service {s}", mean, customers) for s, mean in enumerate(MEAN_MINUTES)]
    )
    return Model("tandem", arrivals, service, *shifts(days))


def minutes(streams: Streams, name: str, mean: float, size: int) -> Floats:
    """Draw service minutes: gamma of shape 3, at most as long as the shortest break."""
    return on_grid(np.minimum(streams.generator(name).gamma(3.0, mean / 3.0, size), LONGEST))


def shifts(days: int, extra: tuple[int, ...] = (0, 0, 0)) -> tuple[Floats, Ints]:
    """Return when shifts start and how many desks they have; `extra` desks a stage come in every open shift.

    After the last day a night shift with many desks serves whoever is left, so that everybody is counted.
    """
    times = [DAY * day + since for day in range(days) for since, _ in SHIFTS]
    desks = [[d + e if d else 0 for d, e in zip(row, extra, strict=True)] for _, row in SHIFTS] * days
    return np.array([*times, DAY * days]), np.array([*desks, [100] * len(STAGES)])
