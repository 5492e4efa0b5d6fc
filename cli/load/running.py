"""A load test from its first process to the evidence: systems up, generator through, logs read, verdict made."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from cli.errors import CommandError
from cli.load.asked import Asked
from cli.load.generator import Generator
from cli.load.ground import SERVERS, Ground, OwnWanted, elsewhere, own, zero_of
from cli.load.sampling import Sampler
from loadtests.burdens import Sample
from loadtests.errors import LoadError
from loadtests.evidence import facts_of, spans_of
from loadtests.gates import digest_of
from loadtests.history import FaultSpan
from loadtests.judging import Judgement, Left, judged, noted
from loadtests.plan import PLAN, SCHEDULE, Plan, WorkerFiles, now_us
from loadtests.security import Measure, of_encryption, of_signatures, rows_of
from loadtests.transport import Door, doors_of

FACTS = "facts.ndjson.gz"
LOCUST = "locust"
_LOOK_S = 0.25
_SAMPLE_S = 1.0
_GRACE_S = 30.0
"""Real seconds that the generator is given beyond the drain; then it is killed, and nothing can be said."""

Tell = Callable[[str, int, int], None]
"""Is told which stage is under way (key of a text), how far it is, and how far it goes."""


@dataclass(frozen=True)
class Ran:
    """A run that is over and judged.

    Attributes
    ----------
    plan
        What the generator was told.
    samples
        What the servers took.
    measures
        What it showed of measures of security; those that were looked at are in the verdict too.
    broken_off
        Whether somebody stopped it.
    seconds
        How long it took, from the first process until the verdict.
    """

    judgement: Judgement
    left: Left
    plan: Plan
    samples: tuple[Sample, ...]
    measures: tuple[Measure, ...]
    broken_off: bool
    seconds: float


class Stop:
    """Counts how often somebody wanted the run to end: once it ends in order, twice at once."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Take the signal."""
        self.asked += 1
        if self.asked > 1:
            raise KeyboardInterrupt

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C and SIGTERM while the block runs."""
        before = {number: signal.signal(number, self) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@dataclass(frozen=True)
class Numbers:
    """How a run is made, beside what is played."""

    workers: int
    drain_s: float
    target: Path | None
    probes: bool = True
    tls: bool = False


def run(asked: Asked, numbers: Numbers, folder: Path, tell: Tell) -> Ran:
    """Play a load test into a folder, and judge it.

    Raises
    ------
    CommandError
        When the systems cannot be had.
    """
    began = time.monotonic()
    stop = Stop()
    asked.schedule.write(folder / SCHEDULE)
    with stop.listening():
        tell("cli.load.stage.start", 0, 0)
        with _ground(asked, numbers, folder) as ground:
            plan = _plan(asked, numbers, ground, folder.name.removesuffix(".partial"))
            if numbers.target is not None:
                _check_faults(asked, ground, plan)
            file = plan.write(folder)
            sampler = _played(plan, file, asked, ground, folder, stop, tell)
            broken_off = bool(stop.asked)
            tell("cli.load.stage.judge", 0, 0)
            left = _left(asked, plan, ground, folder, tuple(sampler.samples), broken_off=broken_off)
            left = replace(left, faults=_faults(asked, ground, plan))
            facts = facts_of(ground.logs, zero_of(ground.start))
            judgement = judged(left, noted(facts, folder / FACTS), ground.chains)
            for log in ground.logs:
                log.close()
            where = ground.servers
            doors = doors_of([where.portal, *where.jlis, where.ward], where.authority)
    measures = _measures(judgement, doors)
    judgement = replace(judgement, verdict=judgement.verdict.and_rows(rows_of(measures)))
    seconds = time.monotonic() - began
    return Ran(judgement, left, plan, tuple(sampler.samples), measures, broken_off, seconds)


def _measures(judgement: Judgement, doors: tuple[Door, ...]) -> tuple[Measure, ...]:
    """Return what the run showed of encryption and signature."""
    connections: Counter[str] = Counter()
    for report in judgement.reports:
        connections.update(report.connections)
    return of_encryption(doors, connections), of_signatures(judgement.signatures)


@contextmanager
def _ground(asked: Asked, numbers: Numbers, folder: Path) -> Iterator[Ground]:
    if numbers.target is not None:
        with elsewhere(numbers.target, asked.schedule.speed, numbers.workers) as ground:
            yield ground
        return
    wanted = OwnWanted(
        folder / SERVERS,
        asked.schedule,
        asked.seed,
        _poll_s(asked),
        numbers.workers,
        asked.faults,
        asked.defects,
        numbers.tls,
    )
    with own(wanted) as ground:
        yield ground


def _poll_s(asked: Asked) -> float:
    """Scenario seconds between a town's looks at J-LIS: five minutes; less where those would be real minutes."""
    return min(300.0, 5.0 * asked.schedule.speed)


def _plan(asked: Asked, numbers: Numbers, ground: Ground, name: str) -> Plan:
    return Plan(
        run=name,
        schedule_hash=asked.schedule.hash,
        servers=ground.servers,
        people_seed=ground.seed,
        people_day=ground.people_day,
        start=ground.start,
        speed=asked.schedule.speed,
        begin_at_us=ground.begin_at_us,
        drain_s=numbers.drain_s,
        workers=numbers.workers,
        poll_s=_poll_s(asked),
        probes=numbers.probes,
    )


def _played(plan: Plan, file: Path, asked: Asked, ground: Ground, folder: Path, stop: Stop, tell: Tell) -> Sampler:
    """Let the generator play until it ends, and look after the systems meanwhile."""
    length_s = asked.schedule.length_us / 1e6
    sampler = Sampler(plan.begin_at_us)
    told = 0
    sampled = 0.0
    limit = plan.begin_at_us / 1e6 + length_s + plan.drain_s + _GRACE_S
    with Generator(file, plan.workers, folder / LOCUST) as generator:
        while not generator.over and time.time() < limit:
            if stop.asked > told:
                told = stop.asked
                generator.interrupt()
                limit = min(limit, time.time() + plan.drain_s + _GRACE_S)
            ground.tend()
            if time.monotonic() - sampled >= _SAMPLE_S:
                sampled = time.monotonic()
                sampler.look(ground.processes())
            _say(tell, (now_us() - plan.begin_at_us) / 1e6, length_s)
            time.sleep(_LOOK_S)
    return sampler


def _say(tell: Tell, second: float, length_s: float) -> None:
    if second < 0:
        tell("cli.load.stage.start", 0, 0)
    elif second < length_s:
        tell("cli.load.stage.play", round(second), round(length_s))
    else:
        tell("cli.load.stage.drain", 0, 0)


def _faults(asked: Asked, ground: Ground, plan: Plan) -> tuple[FaultSpan, ...]:
    """Return what was injected, live faults too, as the servers say; those of the scenario when they do not answer."""
    zero = zero_of(ground.start)
    length_s = asked.schedule.length_us / 1e6 + plan.drain_s
    try:
        return spans_of(ground.logs, zero, zero + round(length_s * plan.speed * 1e6))
    except LoadError:
        return asked.spans(zero)  # what else they do not say is told when their logs are read


def _check_faults(asked: Asked, ground: Ground, plan: Plan) -> None:
    """Refuse systems on which an incident of the scenario does not happen: the run would say that it was borne.

    Raises
    ------
    CommandError
        E-load-target-faults.
    """
    length_us = round(asked.schedule.length_us * plan.speed)
    spans = asked.spans(zero_of(ground.start))
    wanted = {span.id for span in spans if span.start < length_us and span.end > 0}
    there = {span.id for span in _faults(asked, ground, plan)}
    if missing := sorted(wanted - there):
        raise CommandError("E-load-target-faults", missing=", ".join(missing), there=", ".join(sorted(there)) or "–")


def _left(
    asked: Asked, plan: Plan, ground: Ground, folder: Path, samples: tuple[Sample, ...], *, broken_off: bool
) -> Left:
    read = Plan.read(folder / PLAN)  # with paths that stand
    files = [WorkerFiles(Path(read.output), number) for number in range(plan.workers)]
    names = [PLAN, SCHEDULE]
    for file in files:
        names += [str(one.relative_to(folder.resolve())) for one in (file.ledger, file.series, file.generator)]
    return Left(
        folder=folder,
        plan=read,
        schedule=asked.schedule,
        rules=asked.scenario.launch.rules(),
        required=asked.required,
        audited=frozenset(log.server.value for log in ground.logs),
        samples=samples,
        hashes={name: digest_of(folder / name) for name in names},
        broken_off=broken_off,
    )
