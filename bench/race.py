"""Who runs, and how it is timed: all in one process, in turn, each round in another order, medians at the end."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from statistics import median
from time import perf_counter, process_time
from typing import TypeVar

from bench.models import Model

Answer = TypeVar("Answer")
Runner = Callable[[], object]

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to run the models.

    Attributes
    ----------
    module, function
        Where it is. The function takes a model, and is what is timed; with `prepares` it returns what is to be timed.
    only
        The model that it can run; None for all.
    """

    key: str
    label: str
    module: str
    function: str
    only: str | None = None
    prepares: bool = False

    def runner(self, model: Model) -> Runner:
        """Return what is to be timed.

        Raises
        ------
        ImportError
            Where its package is not installed.
        """
        function = getattr(import_module(self.module), self.function)
        return function(model) if self.prepares else partial(function, model)


def ours(key: str, label: str, function: str) -> Contestant:
    """Name one of our own contestants."""
    return Contestant(key, label, "bench.ours", function, prepares=True)


CONTESTANTS = (
    ours("compiled", "**compiled engine**: table, run, sums", "whole"),
    ours("engine", "… the engine alone, table ready", "engine_alone"),
    ours("checked", "… table checked against its rules too", "whole_and_checked"),
    ours("reference", "**reference engine** (SimPy): table, run, sums", "reference_whole"),
    Contestant("simpy", "SimPy, a source starts customers", "bench.rivals.plain_simpy", "mean_waits"),
    Contestant(
        "simpy_all",
        "SimPy, all customers started at time 0",
        "bench.rivals.plain_simpy",
        "mean_waits_all_started",
    ),
    Contestant("ciw", "Ciw", "bench.rivals.with_ciw", "mean_waits"),
    Contestant("salabim", "salabim", "bench.rivals.with_salabim", "mean_waits"),
    Contestant("cimba", "cimba, a process for each customer", "bench.rivals.with_cimba", "mean_waits"),
    Contestant(
        "cimba_desks",
        "cimba, a process for each desk",
        "bench.rivals.with_cimba",
        "mean_waits_by_desks",
        only="M/M/5",
    ),
    Contestant("loop", "hand-written loop, sums only", "bench.loops", "mean_waits"),
    Contestant("loop_log", "hand-written loop, same log as ours", "bench.loops", "log_of"),
    Contestant("recursion", "hand-written recursion, sums only", "bench.loops", "mean_wait_by_recursion", only="M/M/5"),
)


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of each round.

    Attributes
    ----------
    seconds
        Processor time of this process, all threads: what other work on the machine does to it counts little.
    wall
        Clock time of the same rounds; on an idle machine the same.
    """

    seconds: tuple[float, ...]
    wall: tuple[float, ...] = ()

    @property
    def median(self) -> float:
        """Median seconds."""
        return median(self.seconds)

    @property
    def slowest(self) -> float:
        """Most seconds."""
        return max(self.seconds)

    @property
    def fastest(self) -> float:
        """Fewest seconds."""
        return min(self.seconds)


@dataclass(frozen=True, slots=True)
class Lap:
    """What one runner did: its times, and what it returned in the warm-up."""

    times: Times
    answer: object


def race(
    runners: Mapping[str, Runner], rounds: int = ROUNDS, tell: Callable[[str], None] = lambda _: None
) -> dict[str, Lap]:
    """Warm each runner up once, then time all of them in every round; each round begins with another one."""
    answers = {}
    for name, run in runners.items():
        tell(f"warm-up: {name}")
        answers[name] = run()
    names = list(runners)
    timed: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        shift = number * len(names) // rounds
        for name in names[shift:] + names[:shift]:
            timed[name].append(_timed(runners[name]))
    return {name: Lap(Times(*zip(*timed[name], strict=True)), answers[name]) for name in names}


def _timed(run: Runner) -> tuple[float, float]:
    """Return seconds of processor time and of the clock."""
    gc.collect()  # nobody pays for the garbage of the one before
    clock, start = perf_counter(), process_time()
    run()
    return process_time() - start, perf_counter() - clock
