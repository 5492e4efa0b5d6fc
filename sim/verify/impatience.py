"""Erlang A (M/M/c+M): mean wait of all customers, and share who give up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sim.log import Engine
from sim.program import Floats, Op
from sim.theory.markov import erlang_a, number_in_system
from sim.verify.estimation import Estimate
from sim.verify.rows import Row, row
from sim.verify.tables import queue_program, waits


@dataclass(frozen=True, slots=True)
class Impatience:
    """M/M/c+M with mean service 1 minute that starts in its stationary state, as `Multiserver` does.

    Attributes
    ----------
    load
        Offered load per server; 1 or more is allowed, for the impatient keep the queue short.
    patience
        Mean patience in minutes.
    """

    servers: int
    load: float
    patience: float
    customers: int
    replications: int

    @property
    def family(self) -> str:
        """Key of the family."""
        return "erlang_a"

    @property
    def label(self) -> str:
        """Parameters."""
        return f"c={self.servers} ρ={self.load:g} 1/θ={self.patience:g}"

    @property
    def arrival_rate(self) -> float:
        """Customers per minute."""
        return self.load * self.servers

    def replicate(self, run: Engine, rng: Generator) -> tuple[Floats, Floats]:
        """Return the mean wait and the share who give up; controls are the surprises of gaps, services and patience."""
        stationary = number_in_system(self.servers, self.arrival_rate, 1.0, 1 / self.patience)
        present = int(rng.choice(len(stationary), p=stationary))
        size = present + self.customers
        gaps = rng.exponential(1 / self.arrival_rate, self.customers)
        # Exponential service and patience have no memory: those present are as good as new.
        service, patience = rng.standard_exponential(size), rng.exponential(self.patience, size)
        arrival = np.concatenate((np.zeros(present + 1), np.cumsum(gaps[:-1])))
        program = queue_program(arrival, service, self.servers, patience=patience)
        log = run(program)
        gone = log.gone[program.op == Op.SEIZE][present:]
        values = np.array([waits(program, log)[present:].mean(), gone.mean()])
        draws = (gaps * self.arrival_rate, service[present:], patience[present:] / self.patience)
        controls = [power(draw) for draw in draws for power in (_first, _second)]
        return values, np.array([present - stationary @ np.arange(len(stationary)), *controls])

    def rows(self, means: list[Estimate]) -> list[Row]:
        """Return two rows."""
        theory = erlang_a(self.servers, self.arrival_rate, 1.0, 1 / self.patience)
        return [
            row(self.family, self.label, "mean_wait", theory.mean_wait, means[0]),
            row(self.family, self.label, "abandonment", theory.abandonment, means[1]),
        ]


def _first(draws: Floats) -> float:
    return float(np.mean(draws - 1))


def _second(draws: Floats) -> float:
    return float(np.mean(draws**2 - 2))
