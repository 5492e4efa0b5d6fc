"""The launch scenario of the product on both engines: the same table, and logs that must be equal bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

import scenarios
from bench.race import ROUNDS, Lap, Runner, race
from scenarios.loading import load
from scenarios.schema import Scenario
from sim.engines import compiled, reference
from sim.log import Log
from sim.program import Program
from sim.replication import replicate

SEED = 1


@dataclass(frozen=True, slots=True)
class Launch:
    """Times of both engines on the launch scenario.

    Attributes
    ----------
    rows, steps
        Rows of the table, and how many of them anybody entered.
    """

    entities: int
    rows: int
    steps: int
    compiled: Lap
    reference: Lap
    check: Lap


def measure(rounds: int = ROUNDS, tell: Callable[[str], None] = lambda _: None) -> Launch:
    """Race both engines on one replication of the launch scenario.

    Raises
    ------
    RuntimeError
        Where the logs differ.
    """
    program = launch_program()
    runners: dict[str, Runner] = {
        "compiled": partial(compiled.run, program),
        "reference": partial(reference.run, program),
        "check": program.checked,
    }
    laps = race(runners, rounds, tell)
    one, other = laps["compiled"].answer, laps["reference"].answer
    if not (isinstance(one, Log) and isinstance(other, Log) and same(one, other)):
        raise RuntimeError("the engines disagree on the launch scenario")
    entered = int(np.count_nonzero(~np.isnan(one.enter)))
    return Launch(program.entities, program.rows, entered, laps["compiled"], laps["reference"], laps["check"])


def launch_program() -> Program:
    """Program table of replication 0 of the launch scenario."""
    scenario = load(Path(scenarios.__file__).parent / "launch.toml", Scenario)
    return replicate(scenario, SEED, 0, compiled.run).compiled.program


def same(one: Log, other: Log) -> bool:
    """Tell whether two logs are equal bit for bit."""
    return (
        one.enter.tobytes() == other.enter.tobytes()
        and one.leave.tobytes() == other.leave.tobytes()
        and one.gone.tobytes() == other.gone.tobytes()
    )
