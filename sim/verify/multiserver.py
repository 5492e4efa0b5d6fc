"""M/M/c: chance of waiting, mean wait and 95 % quantile of the wait, first come first served."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sim.log import Engine
from sim.program import Floats
from sim.theory.markov import erlang_c, mmc_mean_wait, mmc_wait_quantile, number_in_system
from sim.verify.estimation import Estimate, quantile_from_tail
from sim.verify.rows import Row, row
from sim.verify.surprises import queue_controls
from sim.verify.tables import queue_program, waits

_ABOVE = 0.05
_AROUND = (0.9, 1.0, 1.1)
"""Points at which the tail is measured, as multiples of the quantile."""


@dataclass(frozen=True, slots=True)
class Multiserver:
    """M/M/c that starts in its stationary state: the first counted customer arrives at time 0 and finds it.

    Attributes
    ----------
    servers, load
        c, and rho per server.
    customers, replications
        Counted customers of a replication, and number of replications.
    mean_service
        Minutes.
    """

    servers: int
    load: float
    customers: int
    replications: int
    mean_service: float = 1.0

    @property
    def family(self) -> str:
        """Key of the family."""
        return "mmc"

    @property
    def label(self) -> str:
        """Parameters."""
        return f"c={self.servers} ρ={self.load:.3g}"

    @property
    def arrival_rate(self) -> float:
        """Customers per minute."""
        return self.load * self.servers / self.mean_service

    @property
    def quantile(self) -> float:
        """The wait in minutes that 95 % do not exceed; 0 where fewer than 5 % wait at all."""
        return mmc_wait_quantile(self.servers, self.arrival_rate, 1 / self.mean_service, 1 - _ABOVE)

    def replicate(self, run: Engine, rng: Generator) -> tuple[Floats, Floats]:
        """Return the share who wait, the mean wait and three points of the tail, with the controls."""
        stationary = number_in_system(self.servers, self.arrival_rate, 1 / self.mean_service)
        present = int(rng.choice(len(stationary), p=stationary))
        gaps = rng.exponential(1 / self.arrival_rate, self.customers)
        # Whoever is in service has the same time left as one who starts, for an exponential has no memory.
        service = rng.exponential(self.mean_service, present + self.customers)
        arrival = np.concatenate((np.zeros(present + 1), np.cumsum(gaps[:-1])))
        program = queue_program(arrival, service, self.servers)
        wait = waits(program, run(program))[present:]
        tail = [float(np.mean(wait > self.quantile * around)) for around in _AROUND]
        values = np.array([np.mean(wait > 0), np.mean(wait), *tail]) + 0.0 * wait.sum()  # NaN where a customer is lost
        own = service[present:]
        decay = self.servers / self.mean_service - self.arrival_rate
        controls = queue_controls(
            initial=float(service[:present].sum()) / self.servers,
            work=own / self.servers,
            gaps=gaps,
            rate=self.arrival_rate,
            first=(own - self.mean_service,),
            second=(own**2 - 2 * self.mean_service**2,),
            tail=(decay, self.quantile) if self.quantile > 0 else None,
        )
        return values, controls

    def rows(self, means: list[Estimate]) -> list[Row]:
        """Return three rows, or two where the quantile is 0."""
        waiting, mean, *tail = means
        rate, mu = self.arrival_rate, 1 / self.mean_service
        rows = [
            row(self.family, self.label, "wait_probability", erlang_c(self.servers, rate / mu), waiting),
            row(self.family, self.label, "mean_wait", mmc_mean_wait(self.servers, rate, mu), mean),
        ]
        if self.quantile > 0:
            low, middle, high = (self.quantile * around for around in _AROUND)
            quantile = quantile_from_tail((low, middle, high), tail, _ABOVE)
            rows.append(row(self.family, self.label, "wait_quantile_95", self.quantile, quantile))
        return rows
