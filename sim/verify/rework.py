"""An open Jackson network with rework: intake, check, back to intake where the check fails, else hand-over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sim.log import Engine
from sim.program import Floats, Ints, Op
from sim.theory.markov import number_in_system
from sim.theory.network import Jackson, jackson
from sim.verify.cases import relaxation
from sim.verify.estimation import Estimate
from sim.verify.rows import Row, row
from sim.verify.tables import network_program

_FORGOTTEN = 20
"""Relaxation times for which arrivals go on after the last counted one."""


@dataclass(frozen=True, slots=True)
class Rework:
    """Three stations that start in the product-form stationary state; one customer a minute comes from outside.

    The number of passes has no bound: each customer's way is drawn beforehand, visit by visit, and the program holds
    exactly these visits.

    Attributes
    ----------
    servers
        Servers at intake, check and hand-over.
    load
        Load per server, the same at each station.
    rework
        Chance that the check sends a customer back to intake.
    minutes, replications
        Observed minutes of a replication, and number of replications.
    """

    servers: tuple[int, int, int]
    load: float
    rework: float
    minutes: int
    replications: int

    @property
    def family(self) -> str:
        """Key of the family."""
        return "rework"

    @property
    def label(self) -> str:
        """Parameters."""
        return f"c={','.join(map(str, self.servers))} ρ={self.load:g} p={self.rework:g}"

    @property
    def routing(self) -> Floats:
        """Chances of going from station to station."""
        return np.array([[0.0, 1.0, 0.0], [self.rework, 0.0, 1 - self.rework], [0.0, 0.0, 0.0]])

    @property
    def mean_services(self) -> Floats:
        """Minutes at each station that load it as wanted."""
        visits = np.array([1 / (1 - self.rework), 1 / (1 - self.rework), 1.0])
        return np.asarray(self.load * np.array(self.servers) / visits)

    @property
    def theory(self) -> Jackson:
        """What is known of this network."""
        return jackson(np.array([1.0, 0.0, 0.0]), self.routing, np.array(self.servers), 1 / self.mean_services)

    def replicate(self, run: Engine, rng: Generator) -> tuple[Floats, Floats]:
        """Return the mean number at each station and the mean time in the network, with the controls."""
        means, horizon = self.mean_services, float(self.minutes)
        present = self._present(rng)
        outside = np.sort(rng.uniform(0, self._end, rng.poisson(self._end)))
        first = np.concatenate((np.repeat(np.arange(3), present), np.zeros(len(outside), np.int64)))
        customer, station = self._routes(first, rng)
        arrival = np.concatenate((np.zeros(present.sum()), outside))
        service = rng.standard_exponential(len(station)) * means[station]
        program = network_program(
            arrival,
            np.bincount(customer, minlength=len(arrival)),
            station,
            service,
            np.array(self.servers),
        )
        log = run(program)
        came, left = log.enter[program.op == Op.SEIZE], log.leave[program.op == Op.WORK]
        inside = np.clip(left, 0, horizon) - np.clip(came, 0, horizon)
        numbers = np.bincount(station, weights=inside, minlength=3) / horizon
        counted = (arrival[customer] < horizon) & (customer >= present.sum())
        stay = (left - came)[counted].sum() / horizon
        surprises = (service - means[station]) * (arrival[customer] < horizon)
        again = (np.bincount(station, minlength=3) - np.bincount(first, minlength=3))[0]
        controls = [
            *np.bincount(station, weights=surprises, minlength=3),
            again - self.rework * np.sum(station == 1),
            np.sum(outside < horizon) - horizon,
        ]
        return np.array([*numbers, stay]), np.array(controls)

    def rows(self, means: list[Estimate]) -> list[Row]:
        """Return one row for each station and one for the whole way."""
        theory = self.theory
        targets = (*theory.numbers.tolist(), theory.time_in_network)
        names = ("number_at_intake", "number_at_check", "number_at_handover", "time_in_network")
        return [row(self.family, self.label, n, t, m) for n, t, m in zip(names, targets, means, strict=True)]

    @property
    def _end(self) -> float:
        return self.minutes + _FORGOTTEN * relaxation(self.load) * 3

    def _present(self, rng: Generator) -> Ints:
        shares = [
            number_in_system(c, rate, 1 / mean)
            for c, rate, mean in zip(self.servers, self.theory.arrival_rates, self.mean_services, strict=True)
        ]
        return np.array([rng.choice(len(share), p=share) for share in shares])

    def _routes(self, first: Ints, rng: Generator) -> tuple[Ints, Ints]:
        """Return customer and station of every visit, customer by customer."""
        reach = np.cumsum(self.routing, axis=1)
        who, where = np.arange(len(first)), first
        customers, stations = [who], [where]
        while len(who):
            draws = rng.random(len(who))
            stays = draws < reach[where, -1]
            draws, who, where = draws[stays], who[stays], where[stays]
            where = np.argmax(draws[:, None] < reach[where], axis=1)
            customers.append(who)
            stations.append(where)
        customer, station = np.concatenate(customers), np.concatenate(stations)
        order = np.argsort(customer, kind="stable")
        return customer[order], station[order]
