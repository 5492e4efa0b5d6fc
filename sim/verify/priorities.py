"""Non-preemptive priorities: mean wait of each class, with one server (any service law) and with several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sim.log import Engine
from sim.program import Floats
from sim.theory.general import cobham_mean_waits, priority_mmc_mean_waits
from sim.verify.cases import relaxation
from sim.verify.estimation import Estimate
from sim.verify.rows import Row, row
from sim.verify.services import ServiceLaw
from sim.verify.surprises import queue_controls
from sim.verify.tables import queue_program, waits

_FORGOTTEN = 20
"""Relaxation times before the first and after the last counted customer."""


@dataclass(frozen=True, slots=True)
class Priorities:
    """One queue with priority classes, the first class served first; each class in order of arrival.

    It starts empty. Customers of the first 20 relaxation times are not counted (what is left of the start is then below
    e^-20), nor those of the last 20: nobody would come after them to overtake them.

    Attributes
    ----------
    servers
        With more than one, all classes need the same exponential service (Kella & Yechiali).
    loads
        Load per server of each class.
    means, scvs
        Mean service minutes of each class, and its law as in `ServiceLaw`.
    customers, replications
        Counted customers of a replication, of all classes, and number of replications.
    """

    servers: int
    loads: tuple[float, ...]
    means: tuple[float, ...]
    scvs: tuple[float, ...]
    customers: int
    replications: int

    @property
    def family(self) -> str:
        """Key of the family."""
        return "priority"

    @property
    def label(self) -> str:
        """Parameters."""
        kind = "M/M" if set(self.scvs) == {1.0} else "M/G"
        loads = "+".join(f"{load:g}" for load in self.loads)
        return f"{kind}/{self.servers} ρ={loads}"

    @property
    def arrival_rates(self) -> Floats:
        """Customers per minute of each class."""
        return np.asarray(np.array(self.loads) * self.servers / np.array(self.means))

    @property
    def second_moments(self) -> Floats:
        """E[S^2] of each class."""
        return np.asarray(np.array(self.means) ** 2 * (1 + np.array(self.scvs)))

    @property
    def margin(self) -> int:
        """Customers before the first and after the last counted one."""
        rates = self.arrival_rates
        mean = float(rates @ self.means / rates.sum())
        scv = float(rates @ self.second_moments / rates.sum()) / mean**2 - 1
        return int(_FORGOTTEN * relaxation(sum(self.loads), scv))

    def replicate(self, run: Engine, rng: Generator) -> tuple[Floats, Floats]:
        """Return the mean wait of each class, with the controls."""
        rates, total = self.arrival_rates, float(self.arrival_rates.sum())
        size = self.customers + 2 * self.margin
        counted = slice(self.margin, self.margin + self.customers)
        gaps = rng.exponential(1 / total, size)
        klass = np.minimum(np.searchsorted(np.cumsum(rates) / total, rng.random(size), side="right"), len(rates) - 1)
        service = np.zeros(size)
        for k, (mean, scv) in enumerate(zip(self.means, self.scvs, strict=True)):
            service[klass == k] = mean * ServiceLaw(scv).draw(rng, int(np.sum(klass == k)))
        program = queue_program(np.cumsum(gaps) - gaps[0], service, self.servers, klass)
        wait = waits(program, run(program))[counted]
        of = klass[None, :] == np.arange(len(rates))[:, None]
        share = rates / total
        # Over the expected number of a class, not the number that came: a mean without the bias of a ratio.
        values = (of[:, counted] @ wait) / (self.customers * share)
        means = np.array(self.means)
        controls = queue_controls(
            initial=0.0,
            work=service / self.servers,
            gaps=gaps,
            rate=total,
            first=(*(of[1:] - share[1:, None]), *(of * (service - means[:, None]))),
            second=tuple(of * (service**2 - self.second_moments[:, None])),
            counted=counted,
        )
        return values, controls

    def rows(self, means: list[Estimate]) -> list[Row]:
        """Return one row for each class."""
        if self.servers == 1:
            targets = cobham_mean_waits(self.arrival_rates, np.array(self.means), self.second_moments)
        else:
            targets = priority_mmc_mean_waits(self.servers, self.arrival_rates, 1 / self.means[0])
        return [
            row(self.family, self.label, f"mean_wait_class_{k}", float(target), mean)
            for k, (target, mean) in enumerate(zip(targets, means, strict=True), start=1)
        ]
