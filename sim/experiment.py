"""Replications of one or more scenarios: in parallel, as many as asked for or as precision needs.

Scenarios come in as arms; tidy tables go out. The number and order of the workers change nothing in the result.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scenarios.schema import Scenario
from sim.engines import DEFAULT, EngineName, engine_named
from sim.measures.collect import Tables, tables_of
from sim.precision import Precision, PrecisionWatch, Verdict
from sim.replication import Company, replicate
from sim.stopwatch import Seconds, together
from sim.workers import shared

if TYPE_CHECKING:
    from sim.tables import Results

HEADLINES = ("wait_mean", "citizen_hours_per_move", "visits_per_move", "staff_hours_total")
"""Measures (over all kinds and sites) whose intervals must all be narrow before replications end."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A replication that did not finish; it is data too, and can be run again alone."""

    arm: str
    replication: int
    reason: str


class ExperimentError(Exception):
    """No replication finished; `failures` says why."""

    def __init__(self, failures: list[Failure]) -> None:
        super().__init__(failures[0].reason if failures else "no replication was asked for")
        self.failures = failures


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run.

    Attributes
    ----------
    arms
        Scenario by arm name.
    replications
        How many of each; with `precision`, where to begin.
    precision
        Stop rule; None to run exactly `replications`.
    jobs
        Processes to share the replications.
    engine
        Which engine runs the programs; the result is the same.
    """

    arms: dict[str, Scenario]
    seed: int
    replications: int
    precision: Precision | None = None
    jobs: int = 1
    engine: EngineName = DEFAULT


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out.

    Attributes
    ----------
    done
        Replications of each arm in the results.
    verdict
        What the precision rule said, if one was asked for.
    seconds
        Processor time of each stage, over all replications that were run and did not fail.
    """

    results: Results
    done: int
    failures: list[Failure]
    verdict: Verdict | None
    seconds: Seconds = field(default_factory=dict)


def run_experiment(
    plan: Plan, on_done: Callable[[int], None] = lambda _: None, meanwhile: Callable[[], None] = lambda: None
) -> Outcome:
    """Run all arms on the same replications and gather their tables.

    Parameters
    ----------
    on_done
        Called after each replication with the number done so far, over all arms.
    meanwhile
        What this process can do as soon as the workers have begun; with one job, before the first replication.
    """
    kept: dict[int, list[Tables]] = {}
    failures: list[Failure] = []
    seconds: list[Seconds] = []
    watch = None if plan.precision is None else PrecisionWatch(plan.precision)
    verdict: Verdict | None = None
    done = 0
    for numbers in _batches(plan):
        with closing(_replications(plan, numbers, meanwhile)) as replications:
            for number, outcomes in replications:
                done += len(plan.arms)
                on_done(done)
                seconds += [outcome.seconds for outcome in outcomes if isinstance(outcome, Tables)]
                if verdict is not None and verdict.enough:
                    continue  # a batch may run too many; what is kept must not depend on the number of workers
                failures += [outcome for outcome in outcomes if isinstance(outcome, Failure)]
                tables = [outcome for outcome in outcomes if isinstance(outcome, Tables)]
                if len(tables) < len(outcomes):
                    continue  # a pair that is not whole cannot be compared
                kept[number] = tables
                verdict = None if watch is None else watch.add(_headlines(tables))
        if verdict is not None and verdict.enough:
            break
    if not kept:
        raise ExperimentError(failures)
    from sim.tables import gather  # noqa: PLC0415  workers do without pandas

    results = gather([tables for number in sorted(kept) for tables in kept[number]])
    return Outcome(results, len(kept), failures, verdict, together(seconds))


def _batches(plan: Plan) -> Iterator[Iterable[int]]:
    """Replication numbers in batches: one batch, or under a precision rule some at a time up to its ceiling."""
    if plan.precision is None:
        yield range(plan.replications)
        return
    size = max(plan.jobs, 1)
    for first in range(0, plan.precision.ceiling, size):
        yield range(first, min(first + size, plan.precision.ceiling))


def _replications(
    plan: Plan, numbers: Iterable[int], meanwhile: Callable[[], None]
) -> Generator[tuple[int, list[Tables | Failure]]]:
    """Run some replications; each is one task for all arms, and comes back in the order of its number."""
    tasks = [(plan.arms, plan.seed, number, plan.engine) for number in numbers]
    with closing(shared(_one, tasks, plan.jobs, meanwhile)) as outcomes:
        for (_, _, number, _), outcome in zip(tasks, outcomes, strict=True):
            yield number, outcome


def _one(arms: dict[str, Scenario], seed: int, number: int, engine: EngineName) -> list[Tables | Failure]:
    """Run one replication of all arms; what they draw alike is drawn once."""
    company = Company.of(seed, number) if len(arms) > 1 else None
    return [_arm(scenario, arm, seed, number, engine, company) for arm, scenario in arms.items()]


def _arm(
    scenario: Scenario, arm: str, seed: int, number: int, engine: EngineName, company: Company | None
) -> Tables | Failure:
    try:
        return tables_of(replicate(scenario, seed, number, engine_named(engine), company), arm)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Failure(arm, number, f"{type(error).__name__}: {error} ({last.name})")


def _headlines(tables: list[Tables]) -> dict[str, float]:
    """Headline values of one replication, per arm; a difference near 0 would never be narrow in relation to itself."""
    return {f"{table.arm}/{name}": table.overall(name) for table in tables for name in HEADLINES}
