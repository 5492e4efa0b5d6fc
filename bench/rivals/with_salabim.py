"""salabim: customers and shifts as components, desks as resources, monitors switched off."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import salabim

from bench.models import Model
from sim.program import Floats

Life = Generator[object, object, None]

salabim.yieldless(False)


class Shop:
    """What all components share."""

    def __init__(self, model: Model, env: salabim.Environment) -> None:
        self.model = model
        self.env = env
        self.desks = [salabim.Resource(f"stage {stage}", capacity=0, monitor=False) for stage in range(model.stages)]
        self.waited = [0.0] * model.stages


class Shifts(salabim.Component):
    """Opens and closes desks."""

    def setup(self, shop: Shop) -> None:
        """Remember the shop."""
        self.shop = shop

    def process(self) -> Life:
        """Live."""
        model = self.shop.model
        for start, numbers in zip(model.shift_start.tolist(), model.desks.tolist(), strict=True):
            yield self.hold(till=start)
            for desks, number in zip(self.shop.desks, numbers, strict=True):
                desks.set_capacity(number)


class Customer(salabim.Component):
    """Passes all stages."""

    def setup(self, shop: Shop, service: list[float]) -> None:
        """Remember the shop and the minutes."""
        self.shop = shop
        self.service = service

    def process(self) -> Life:
        """Live."""
        shop = self.shop
        for stage, minutes in enumerate(self.service):
            came = shop.env.now()
            yield self.request(shop.desks[stage])
            shop.waited[stage] += shop.env.now() - came
            yield self.hold(minutes)
            self.release(shop.desks[stage])


class Source(salabim.Component):
    """Makes each customer at arrival."""

    def setup(self, shop: Shop) -> None:
        """Remember the shop."""
        self.shop = shop

    def process(self) -> Life:
        """Live."""
        model = self.shop.model
        for arrival, service in zip(model.arrivals.tolist(), model.service.tolist(), strict=True):
            yield self.hold(till=arrival)
            Customer(shop=self.shop, service=service)


def mean_waits(model: Model) -> Floats:
    """Mean wait at each stage, minutes."""
    env = salabim.Environment(trace=False)
    shop = Shop(model, env)
    Shifts(shop=shop)
    Source(shop=shop)
    env.run()
    return np.array(shop.waited) / model.customers
