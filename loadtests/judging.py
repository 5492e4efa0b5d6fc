"""From what a run left behind to its verdict: ledgers, series and reports of the workers, facts of the servers.

What cannot be read is no crash of the judgement: it is a gate that does not hold, and so nothing can be said.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

import msgspec
import numpy as np

from loadtests import gates
from loadtests.burdens import Sample, memory_of, slowness_of
from loadtests.calls import Calls, Held
from loadtests.errors import LoadError
from loadtests.gates import Gate, Passed
from loadtests.histogram import Histogram
from loadtests.history import Fact, FaultSpan, Setting
from loadtests.journeys import CODES
from loadtests.phases import Spans, phases_of
from loadtests.plan import Plan, WorkerFiles, WorkerReport, drained_of, generator_of
from loadtests.reconcile.findings import Finding, Line
from loadtests.reconcile.reconciliation import Reconciliation, reconcile
from loadtests.reconcile.trends import line_of_growth, line_of_stalls, stalls
from loadtests.required import Required
from loadtests.rules import Measurements, judge
from loadtests.schedule import Schedule
from loadtests.security import Signatures
from loadtests.series import RESPONSE, Series, together
from loadtests.verdict import Verdict, counts_of, verdict_of
from scenarios.thresholds import Rule

PORTAL: Final = "portal"
VISIBLE_S: Final = 1.0
"""Real seconds after which a new state must show in every answer: a group commit, and a slow moment of the machine."""
_MEASURED: Final = (Finding.SLOW, Finding.GROWTH)
"""Findings that only measurements show, not the ledgers."""
T = TypeVar("T")
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Left:
    """A run that is over, as it is judged.

    Attributes
    ----------
    folder
        Of the run; sorted chunks are kept in it for a while.
    plan, schedule
        What the workers were told.
    rules
        Of the scenario.
    faults
        What was injected, and when.
    required
        What the systems have to bear; None where nothing is required.
    audited
        Servers whose audit records are among the facts.
    samples
        Memory of the servers.
    hashes
        SHA-256 of every file of evidence when the run ended, by its name in the folder; empty for one that is missing.
    broken_off
        Whether somebody stopped the run.
    """

    folder: Path
    plan: Plan
    schedule: Schedule
    rules: Mapping[str, Rule]
    faults: tuple[FaultSpan, ...] = ()
    required: Required | None = None
    audited: frozenset[str] = frozenset()
    samples: tuple[Sample, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    broken_off: bool = False

    @property
    def workers(self) -> list[WorkerFiles]:
        """Files of every worker that there should be."""
        return [WorkerFiles(Path(self.plan.output), number) for number in range(self.plan.workers)]

    @property
    def places(self) -> frozenset[str]:
        """Places that must have been seen with nothing left."""
        arrivals = self.schedule.arrivals
        towns = np.unique(np.concatenate([arrivals.origin, arrivals.destination]))
        return frozenset({PORTAL, *(CODES[number] for number in towns)})


@dataclass(frozen=True)
class Judgement:
    """What came out.

    Attributes
    ----------
    problems
        Why a file of evidence or a log could not be read.
    reconciliation
        None when it could not be made.
    headroom
        Rate that was carried over the required one; None without either.
    signatures
        What was accepted with a signature, and what came of probes with a wrong one.
    """

    verdict: Verdict
    series: Series
    reports: tuple[WorkerReport, ...]
    phases: Mapping[str, Spans]
    reconciliation: Reconciliation | None
    carried_per_s: float
    headroom: Fraction | None
    signatures: Signatures = field(default_factory=Signatures)
    problems: tuple[LoadError, ...] = ()


def noted(facts: Iterable[Fact], file: Path) -> Iterator[Fact]:
    """Pass facts on, and write each of them into a file of lines (JSON, gzip)."""
    with gzip.open(file, "wb", compresslevel=1) as out:
        for fact in facts:
            out.write(_encode(fact))
            out.write(b"\n")
            yield fact


def judged(left: Left, facts: Iterable[Fact], chains: Callable[[], Iterable[LoadError]] = tuple) -> Judgement:
    """Judge a run.

    Parameters
    ----------
    facts
        Of all servers; gone through once. When they cannot be read to their end, nothing can be said.
    chains
        Says which audit chains are not whole; asked after all facts were read.
    """
    problems: list[LoadError] = []
    reports = _read(WorkerReport.read, [file.generator for file in left.workers], problems)
    series = together(_read(Series.read, [file.series for file in left.workers], problems))
    setting = _setting(left, reports)
    signatures = Signatures()
    with TemporaryDirectory(prefix="sorting-", dir=left.folder) as chunks:
        held, found, slow = _compared(left, signatures.seen(facts), setting, Path(chunks), problems, signatures)
    problems += chains()
    memory = memory_of(left.samples, left.schedule.length_us / 1e6, series)
    findings = [*_of_ledgers(found), slow, line_of_growth([*memory, *slowness_of(series)])]
    phases = phases_of(left.schedule, left.faults)
    carried = _carried(series, phases["peak"])
    headroom = _headroom(carried, left.required)
    measured = Measurements(
        series,
        phases,
        left.schedule,
        counts_of(findings),
        found.delivered if found is not None else Histogram(),
        found.telegram if found is not None else Histogram(),
        headroom,
    )
    passed = _gates(left, reports, held, findings, problems)
    verdict = verdict_of(judge(left.rules, measured), findings, passed)
    return Judgement(
        verdict, series, tuple(reports), phases, found, float(carried), headroom, signatures, tuple(problems)
    )


def _read(read: Callable[[Path], T], files: Iterable[Path], problems: list[LoadError]) -> list[T]:
    """Read what workers left; what one of them did not leave is a problem, and the others' still count."""
    found = []
    for file in files:
        try:
            found.append(read(file))
        except LoadError as problem:
            problems.append(problem)
    return found


def _setting(left: Left, reports: Sequence[WorkerReport]) -> Setting:
    speed = left.plan.speed
    return Setting(
        speed,
        {place: round(at * speed) for place, at in drained_of(list(reports)).items()},
        left.audited,
        visible_after=round(VISIBLE_S * 1e6 * speed),
        faults=left.faults,
    )


def _compared(
    left: Left,
    facts: Iterable[Fact],
    setting: Setting,
    chunks: Path,
    problems: list[LoadError],
    signatures: Signatures,
) -> tuple[tuple[Held, ...], Reconciliation | None, Line]:
    """Compare ledgers and facts; what a damaged ledger or a silent server leaves is nothing."""
    ledgers = [file.ledger for file in left.workers if file.ledger.exists()]
    length_us = left.schedule.length_us + round(left.plan.drain_s * 1e6)
    slow = Line(Finding.SLOW, 0, 0)
    held: tuple[Held, ...] = ()
    found = None
    try:
        calls = Calls(ledgers, chunks / "calls")
        held = calls.held
        found = reconcile(calls, facts, setting, chunks)
        signatures.add(calls)
        slow = line_of_stalls(stalls(calls, length_us), length_us // 1_000_000, setting)
    except LoadError as problem:
        problems.append(problem)
    return held, found, slow


def _of_ledgers(found: Reconciliation | None) -> list[Line]:
    lines = found.lines if found is not None else tuple(Line(finding, 0, 0) for finding in Finding)
    return [line for line in lines if line.finding not in _MEASURED]


def _carried(series: Series, peak: Spans) -> Fraction:
    """Applications a second, real time, that were accepted of those that were due in the busiest quarter."""
    signed = series.over(RESPONSE, "sign", peak)
    seconds = sum(end - start for start, end in peak)
    return Fraction(signed.seen.number - signed.failed, seconds) if seconds else Fraction(0)


def _headroom(carried: Fraction, required: Required | None) -> Fraction | None:
    if required is None or not required.most or not carried:
        return None
    return carried / Fraction(required.most, 60)


def _gates(
    left: Left,
    reports: Sequence[WorkerReport],
    held: Sequence[Held],
    findings: Iterable[Line],
    problems: Sequence[LoadError],
) -> list[Passed]:
    plan = left.plan
    generator = generator_of(list(reports))
    if left.broken_off:
        generator = msgspec.structs.replace(generator, broken_off=True)
    phantoms = next(line for line in findings if line.finding is Finding.PHANTOM)
    evidence = gates.of_evidence(left.folder, left.hashes)
    # A file that is missing, or was changed, is named already; only what else is wrong is told in words.
    others = [problem.say("en") for problem in problems if not _names(evidence.found, problem)]
    if problems:
        evidence = Passed(Gate.EVIDENCE, holds=False, found="; ".join(filter(None, [evidence.found, *others])))
    return [
        *gates.of_generator(generator),
        *gates.of_workers(held, plan.workers, plan.run, plan.schedule_hash),
        gates.of_drain(drained_of(list(reports)), left.places),
        evidence,
        gates.of_copies(phantoms.count),
    ]


def _names(found: str, problem: LoadError) -> bool:
    """Whether the file that a problem is about is among those that were found wrong."""
    path = problem.values.get("path")
    return isinstance(path, Path) and path.name in found
