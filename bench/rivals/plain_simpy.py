"""SimPy by hand: one process for each customer, `Resource` for desks, and nothing of ours."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from simpy import Environment, Resource
from simpy.events import Event

from bench.models import Model
from sim.program import Floats

Life = Generator[Event, object, None]


class Desks(Resource):
    """A resource whose capacity changes; SimPy has no public way to do so."""

    def __init__(self, env: Environment) -> None:
        super().__init__(env)
        self._capacity = 0

    def staff(self, number: int) -> None:
        """Set how many desks are open. One call of SimPy's trigger starts one customer at most."""
        self._capacity = number
        for _ in range(min(number, len(self.queue))):
            self._trigger_put(None)


class Shop:
    """Stages, shifts and customers on one clock."""

    def __init__(self, model: Model) -> None:
        self.env = Environment()
        self.desks = [Desks(self.env) for _ in range(model.stages)]
        self.waited = [0.0] * model.stages
        self.env.process(self.shifts(model))

    def shifts(self, model: Model) -> Life:
        """Open and close desks."""
        for start, numbers in zip(model.shift_start.tolist(), model.desks.tolist(), strict=True):
            if start > self.env.now:
                yield self.env.timeout(start - self.env.now)
            for desks, number in zip(self.desks, numbers, strict=True):
                desks.staff(number)

    def customer(self, service: list[float]) -> Life:
        """Pass all stages."""
        env = self.env
        for stage, minutes in enumerate(service):
            came = env.now
            with self.desks[stage].request() as turn:
                yield turn
                self.waited[stage] += env.now - came
                yield env.timeout(minutes)

    def expected(self, arrival: float, service: list[float]) -> Life:
        """Wait for the own arrival, then pass all stages."""
        yield self.env.timeout(arrival)
        yield from self.customer(service)

    def source(self, model: Model) -> Life:
        """Start each customer at arrival."""
        for arrival, service in zip(model.arrivals.tolist(), model.service.tolist(), strict=True):
            yield self.env.timeout(arrival - self.env.now)
            self.env.process(self.customer(service))


def mean_waits(model: Model) -> Floats:
    """Mean wait at each stage, minutes; a source starts customers as they come."""
    shop = Shop(model)
    shop.env.process(shop.source(model))
    shop.env.run()
    return np.array(shop.waited) / model.customers


def mean_waits_all_started(model: Model) -> Floats:
    """Mean wait at each stage, minutes; all customers are processes from the start."""
    shop = Shop(model)
    for arrival, service in zip(model.arrivals.tolist(), model.service.tolist(), strict=True):
        shop.env.process(shop.expected(arrival, service))
    shop.env.run()
    return np.array(shop.waited) / model.customers
