"""What one case of the self-test is, and how it is measured: replications first, then rows."""

from __future__ import annotations

import zlib
from typing import Literal, Protocol

import numpy as np
from numpy.random import Generator, Philox, SeedSequence

from sim.log import Engine
from sim.program import Floats
from sim.verify.estimation import Estimate, controlled_means
from sim.verify.rows import Row

Level = Literal["quick", "full"]


class Case(Protocol):
    """One queue with known answers; a frozen dataclass, so that it can travel to another process."""

    @property
    def family(self) -> str:
        """Key of the family."""
        ...

    @property
    def label(self) -> str:
        """Parameters in the notation of queueing theory; unique within the family."""
        ...

    @property
    def replications(self) -> int:
        """Number of independent replications."""
        ...

    def replicate(self, run: Engine, rng: Generator) -> tuple[Floats, Floats]:
        """Run the engine once; return the values, shape (quantities,), and the controls, shape (controls,)."""
        ...

    def rows(self, means: list[Estimate]) -> list[Row]:
        """Compare the mean of each value with theory."""
        ...


def measure(case: Case, run: Engine, seed: int) -> list[Row]:
    """Return the rows of one case. Each replication has a stream of its own, named by seed, case and number."""
    name = zlib.crc32(f"{case.family} {case.label}".encode())
    runs = [
        case.replicate(run, Generator(Philox(SeedSequence([seed, name, number]))))
        for number in range(case.replications)
    ]
    values, controls = (np.array(column) for column in zip(*runs, strict=True))
    return case.rows(controlled_means(values, controls))


def relaxation(load: float, variability: float = 1.0) -> float:
    """Return how many customers a queue needs to forget its state: rho / (1 - sqrt(rho))^2, times (1 + scv) / 2.

    Exact for M/M/1 (the relaxation time; Cohen, *The Single Server Queue*, 2nd ed., section II.2), an approximation for
    others. Replications are at least 20 times as long: an engine that is wrong then shows 95 % or more of its error,
    although every replication starts in the state that theory predicts.
    """
    return float(load / (1 - np.sqrt(load)) ** 2 * (1 + variability) / 2)
