"""cimba: models in Python, compiled to run on the Cimba engine in C; customers as spawned processes."""

from __future__ import annotations

import cimba as cb
import numpy as np

from bench.models import Model
from sim.program import Floats


class Visitor(cb.Model):
    """A customer of M/M/5."""

    shop: cb.Ref[Shop]
    minutes: float

    @cb.process
    def visit(self) -> None:
        """Live."""
        came = cb.now()
        self.shop.desks.acquire(1)
        self.shop.waited += cb.now() - came
        cb.hold(self.minutes)
        self.shop.desks.release(1)


class Shop(cb.Model):
    """M/M/5 with a process for each customer."""

    customers: cb.Param[int]
    gap: cb.Input[float]
    minutes: cb.Input[float]
    desks: cb.Resource = cb.Resource(capacity=5)
    waited: cb.Output[float]

    @cb.on_start
    def begin(self) -> None:
        """Nobody has waited yet."""
        self.waited = 0.0

    @cb.process
    def come(self) -> None:
        """Start each customer at arrival."""
        for _ in range(self.customers):
            cb.hold(self.gap.next())
            cb.spawn(Visitor, shop=self, minutes=self.minutes.next())


class Desks(cb.Model):
    """M/M/5 with a process for each desk, which is possible where nobody's life has more than one stage."""

    customers: cb.Param[int]
    gap: cb.Input[float]
    minutes: cb.Input[float]
    queue: cb.Store[float] = cb.Store()
    waited: cb.Output[float]

    @cb.on_start
    def begin(self) -> None:
        """Nobody has waited yet."""
        self.waited = 0.0

    @cb.process
    def come(self) -> None:
        """Put the time of each arrival into the queue."""
        for _ in range(self.customers):
            cb.hold(self.gap.next())
            self.queue.put(cb.now())

    @cb.process(copies=5)
    def serve(self) -> None:
        """Serve one after another; the queue is first come first served, so minutes come in order."""
        while True:
            came = self.queue.get()
            self.waited += cb.now() - came
            cb.hold(self.minutes.next())


class Applicant(cb.Model):
    """Passes the three stages of the tandem."""

    ward: cb.Ref[Ward]
    first: float
    second: float
    third: float

    @cb.process
    def visit(self) -> None:
        """Live."""
        came = cb.now()
        self.ward.reception.acquire(1)
        self.ward.waited_first += cb.now() - came
        cb.hold(self.first)
        self.ward.reception.release(1)
        came = cb.now()
        self.ward.entry.acquire(1)
        self.ward.waited_second += cb.now() - came
        cb.hold(self.second)
        self.ward.entry.release(1)
        came = cb.now()
        self.ward.handover.acquire(1)
        self.ward.waited_third += cb.now() - came
        cb.hold(self.third)
        self.ward.handover.release(1)


class Ward(cb.Model):
    """The tandem."""

    customers: cb.Param[int]
    changes: cb.Param[int]
    gap: cb.Input[float]
    first: cb.Input[float]
    second: cb.Input[float]
    third: cb.Input[float]
    pause: cb.Input[float]
    desks_first: cb.Input[int]
    desks_second: cb.Input[int]
    desks_third: cb.Input[int]
    reception: cb.Resource = cb.Resource(capacity=0)
    entry: cb.Resource = cb.Resource(capacity=0)
    handover: cb.Resource = cb.Resource(capacity=0)
    waited_first: cb.Output[float]
    waited_second: cb.Output[float]
    waited_third: cb.Output[float]

    @cb.on_start
    def begin(self) -> None:
        """Nobody has waited yet."""
        self.waited_first = 0.0
        self.waited_second = 0.0
        self.waited_third = 0.0

    @cb.process
    def shifts(self) -> None:
        """Open and close desks."""
        for _ in range(self.changes):
            cb.hold(self.pause.next())
            self.reception.set_capacity(self.desks_first.next())
            self.entry.set_capacity(self.desks_second.next())
            self.handover.set_capacity(self.desks_third.next())

    @cb.process
    def come(self) -> None:
        """Start each applicant at arrival."""
        for _ in range(self.customers):
            cb.hold(self.gap.next())
            cb.spawn(Applicant, ward=self, first=self.first.next(), second=self.second.next(), third=self.third.next())


def mean_waits(model: Model) -> Floats:
    """Mean wait at each stage, minutes, with a process for each customer."""
    if model.stages == 1:
        return _queue(model, Shop())
    ward = Ward()
    ward.customers, ward.changes = model.customers, len(model.shift_start)
    ward.gap = cb.inputs.trace(np.diff(model.arrivals, prepend=0.0))
    ward.first, ward.second, ward.third = (cb.inputs.trace(minutes) for minutes in model.service.T)
    ward.pause = cb.inputs.trace(np.diff(model.shift_start, prepend=0.0))
    ward.desks_first, ward.desks_second, ward.desks_third = (cb.inputs.trace(desks) for desks in model.desks.T)
    results = cb.Experiment(ward).run(workers=1, on_failure="raise")[ward]
    waited = [results.waited_first[0, 0], results.waited_second[0, 0], results.waited_third[0, 0]]
    return np.array(waited) / model.customers


def mean_waits_by_desks(model: Model) -> Floats:
    """Mean wait of M/M/5, minutes, with a process for each desk."""
    return _queue(model, Desks())


def _queue(model: Model, shop: Shop | Desks) -> Floats:
    shop.customers = model.customers
    shop.gap = cb.inputs.trace(np.diff(model.arrivals, prepend=0.0))
    shop.minutes = cb.inputs.trace(model.service[:, 0])
    results = cb.Experiment(shop).run(workers=1, on_failure="raise")[shop]
    return np.array([results.waited[0, 0]]) / model.customers
