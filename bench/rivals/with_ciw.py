"""Ciw: a network of service centres with schedules of servers."""

from __future__ import annotations

from math import inf

import ciw
import numpy as np

from bench.models import Model
from sim.program import Floats

FOR_EVER = 1e9


class Own(ciw.dists.Distribution):
    """Service minutes that each customer brings along."""

    def __init__(self, minutes: list[float]) -> None:
        self.minutes = minutes

    def sample(self, t: float | None = None, ind: ciw.individual.Individual = None) -> float:  # noqa: ARG002  Ciw's own
        """Return the minutes of a customer; Ciw numbers them from 1."""
        return self.minutes[int(ind.id_number) - 1]


def mean_waits(model: Model) -> Floats:
    """Mean wait at each stage, minutes."""
    last = model.stages - 1
    gaps = [*np.diff(model.arrivals, prepend=0.0).tolist(), inf]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential(gaps), *[None] * last],
        service_distributions=[Own(minutes) for minutes in model.service.T.tolist()],
        number_of_servers=[_servers(model, stage) for stage in range(model.stages)],
        routing=[[float(to == stage + 1) for to in range(model.stages)] for stage in range(model.stages)],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(model.customers, method="Finish")
    waited = [0.0] * model.stages
    for customer in simulation.nodes[-1].all_individuals:
        for record in customer.data_records:
            waited[record.node - 1] += record.waiting_time
    return np.array(waited) / model.customers


def _servers(model: Model, stage: int) -> ciw.Schedule | int:
    """Servers of one stage; Ciw wants each shift with its end."""
    numbers, starts = model.desks[:, stage].tolist(), model.shift_start.tolist()
    if len(numbers) == 1:
        return int(numbers[0])
    return ciw.Schedule(numbers_of_servers=[0, *numbers], shift_end_dates=[*starts, FOR_EVER])
