"""Judging a run by what it left: one that is whole is enough, and each thing missing or false turns the verdict."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace as changed
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from loadtests.burdens import Sample, memory_of, slowness_of
from loadtests.errors import LoadError
from loadtests.gates import Gate, digest_of
from loadtests.history import Fact
from loadtests.judging import Judgement, Left, judged, noted
from loadtests.ledger import Ledger, Opened
from loadtests.plan import GENERATOR, PLAN, SCHEDULE, Plan, Servers, WorkerFiles, WorkerReport
from loadtests.rates import constant
from loadtests.reconcile.trends import line_of_growth
from loadtests.required import Required
from loadtests.series import RESPONSE, SERVICE, Series
from loadtests.verdict import Outcome
from scenarios.schema.launch import DEFAULTS
from scenarios.thresholds import parse
from tests.loadtests.world import SPEED, World, world

SECONDS = 40
RULES = {name: parse(DEFAULTS[name]) for name in ("enquire_p95", "failures", "headroom", "lost", "duplicated", "stale")}
LONG = 10**9
"""Real microseconds after everything."""


def left_by(folder: Path, made: World) -> Left:
    """Write what the workers of a run leave in which everything went well."""
    schedule = constant(5, SECONDS, datetime(2023, 3, 27, 10, 0), SPEED)
    schedule.write(folder / SCHEDULE)
    servers = Servers("http://p", ("http://j",), "http://w", "", "")
    plan = Plan(
        run="run",
        schedule_hash=schedule.hash,
        servers=servers,
        people_seed=1,
        people_day=date(2023, 3, 27),
        start=schedule.start,
        speed=SPEED,
        begin_at_us=0,
        workers=2,
    )
    plan.write(folder)
    read = Plan.read(folder / PLAN)
    (folder / GENERATOR).mkdir()
    lines = [line for _, line in sorted(made.lines, key=lambda own: own[0])]
    requests = sorted({line.request for line in lines})  # type: ignore[union-attr]
    for worker in range(2):
        files = WorkerFiles(Path(read.output), worker)
        with Ledger(files.ledger, Opened("run", schedule.hash, worker, 2)) as ledger:
            for line in lines:
                if requests.index(line.request) % 2 == worker:  # type: ignore[union-attr]
                    ledger.write(line)
        calls().write(files.series)
        report_of(worker).write(files.generator)
    names = [PLAN, SCHEDULE, *(f"{GENERATOR}/{file.name}" for file in (folder / GENERATOR).iterdir())]
    return Left(
        folder,
        read,
        schedule,
        RULES,
        required=Required("ward", 0, 1, 3, 0.1, 1000),
        audited=frozenset({"portal", "jlis"}),
        hashes={name: digest_of(folder / name) for name in names},
    )


def report_of(worker: int) -> WorkerReport:
    drained = dict.fromkeys(("portal", "131041", "990019", "990027", "990035", "991015"), LONG)
    return WorkerReport(
        worker=worker, workers=2, offered=100, not_offered=0, lag_p99_us=900, lag_max_us=2000, cpu_percent=40,
        requests=500, drained=drained,
    )  # fmt: skip


def calls() -> Series:
    """Latencies of a calm run: every second some calls of each kind, none of which failed."""
    series = Series()
    for second in range(SECONDS):
        for call in ("sign", "enquire", "submit", "status"):
            for number in range(5):
                for clock in (RESPONSE, SERVICE):
                    series.record(clock, call, second * 1_000_000 + number, 4_000 + number)
    return series


@pytest.fixture
def made() -> World:
    return world(11, 30)


def bad(judgement: Judgement) -> set[str]:
    """Names of the lines that are not well."""
    return {row.name for row in judgement.verdict.rows if row.outcome is not Outcome.ENOUGH}


def test_a_run_in_which_all_went_well_is_enough(tmp_path: Path, made: World) -> None:
    judgement = judged(left_by(tmp_path, made), made.facts)
    assert bad(judgement) == set()
    assert judgement.verdict.outcome is Outcome.ENOUGH
    assert judgement.reconciliation is not None
    assert judgement.reconciliation.facts == len(made.facts)
    assert judgement.reconciliation.delivered.number > 0
    assert judgement.reconciliation.telegram.number > 0
    # Ten applications a second over three a minute: what both workers counted together.
    assert judgement.carried_per_s == 10
    assert judgement.headroom == 200
    assert not [file for file in tmp_path.iterdir() if file.name.startswith("sorting-")]


def of_worker(left: Left, number: int = 1) -> WorkerFiles:
    return WorkerFiles(Path(left.plan.output), number)


def remove_ledger(left: Left) -> Left:
    of_worker(left).ledger.unlink()
    return left


def remove_series(left: Left) -> Left:
    of_worker(left).series.unlink()
    return left


def remove_report(left: Left) -> Left:
    """As a worker does that was killed."""
    of_worker(left).generator.unlink()
    return left


def missing_from_the_start(left: Left) -> Left:
    file = of_worker(left).ledger
    name = f"{GENERATOR}/{file.name}"
    file.unlink()
    return changed(left, hashes={**left.hashes, name: digest_of(file)})


def plant_a_line(left: Left) -> Left:
    file = of_worker(left).ledger
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:3], lines[2], *lines[3:]]))
    return left


def change_a_byte(left: Left) -> Left:
    file = left.folder / SCHEDULE
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    return left


def tear_a_ledger(left: Left) -> Left:
    """As a worker does that is killed while it writes; its hash is taken afterwards."""
    file = of_worker(left).ledger
    file.write_bytes(file.read_bytes()[:-20])
    return changed(left, hashes={**left.hashes, f"{GENERATOR}/{file.name}": digest_of(file)})


def reports(left: Left, **others: object) -> Left:
    file = of_worker(left).generator
    replace(WorkerReport.read(file), **others).write(file)
    return changed(left, hashes={**left.hashes, f"{GENERATOR}/{file.name}": digest_of(file)})


def nobody_looked(left: Left) -> Left:
    return reports(reports_of_first(left), drained={"portal": LONG, "131041": LONG})


def reports_of_first(left: Left) -> Left:
    file = of_worker(left, 0).generator
    replace(WorkerReport.read(file), drained={}).write(file)
    return changed(left, hashes={**left.hashes, f"{GENERATOR}/{file.name}": digest_of(file)})


@pytest.mark.parametrize(
    ("spoil", "gates"),
    [
        (remove_ledger, {Gate.EVIDENCE, Gate.WORKERS}),
        (missing_from_the_start, {Gate.EVIDENCE, Gate.WORKERS}),
        (remove_series, {Gate.EVIDENCE}),
        (remove_report, {Gate.EVIDENCE}),
        (plant_a_line, {Gate.EVIDENCE, Gate.WORKERS}),
        (change_a_byte, {Gate.EVIDENCE}),
        (tear_a_ledger, {Gate.WORKERS}),
        (lambda left: reports(left, cpu_percent=96), {Gate.CPU}),
        (lambda left: reports(left, lag_p99_us=250_000), {Gate.LAG}),
        (lambda left: reports(left, not_offered=1), {Gate.OFFERED}),
        (lambda left: reports(left, failed={"TypeError": 1}), {Gate.WHOLE}),
        (nobody_looked, {Gate.DRAIN}),
        (lambda left: changed(left, broken_off=True), {Gate.WHOLE}),
    ],
)
def test_a_run_that_cannot_be_believed_says_nothing(
    tmp_path: Path, made: World, spoil: Callable[[Left], Left], gates: set[Gate]
) -> None:
    judgement = judged(spoil(left_by(tmp_path, made)), made.facts)
    assert judgement.verdict.outcome is Outcome.CANNOT_SAY
    fallen = {row.name for row in judgement.verdict.rows if row.outcome is Outcome.CANNOT_SAY}
    assert {name for name in fallen if name.startswith("gate.")} == {f"gate.{gate}" for gate in gates}


def test_a_missing_file_is_named_once_and_what_else_is_wrong_is_told(tmp_path: Path, made: World) -> None:
    left = remove_series(left_by(tmp_path, made))
    broken = LoadError("E-load-chain", server="jlis", reason="#7")
    judgement = judged(left, made.facts, lambda: [broken])
    [row] = [row for row in judgement.verdict.rows if row.name == "gate.evidence"]
    assert row.says("en").count("series-1") == 1
    assert "jlis" in row.says("en")


def test_a_server_whose_log_cannot_be_read_means_that_nothing_can_be_said(tmp_path: Path, made: World) -> None:
    def silent() -> Iterator[Fact]:
        yield from made.facts[:50]
        raise LoadError("E-load-log", server="ward", reason="503")

    judgement = judged(left_by(tmp_path, made), silent())
    assert judgement.verdict.outcome is Outcome.CANNOT_SAY
    assert [problem.code for problem in judgement.problems] == ["E-load-log"]
    assert "gate.evidence" in bad(judgement)


def test_an_audit_chain_that_is_not_whole_is_no_evidence(tmp_path: Path, made: World) -> None:
    broken = LoadError("E-load-chain", server="jlis", reason="#7")
    judgement = judged(left_by(tmp_path, made), made.facts, lambda: [broken])
    assert bad(judgement) == {"gate.evidence"}
    [row] = judgement.verdict.reasons
    assert "jlis" in row.says("ja")


def test_what_is_lost_makes_the_run_faulty(tmp_path: Path, made: World) -> None:
    told = {line.reference for _, line in made.lines if getattr(line, "status", 0) == 200 and line.reference}  # type: ignore[union-attr]
    gone = sorted(told)[0]
    judgement = judged(left_by(tmp_path, made), [fact for fact in made.facts if fact.reference != gone])
    assert judgement.verdict.outcome is Outcome.FAULTY
    assert bad(judgement) == {"finding.lost", "rule.lost"}


def test_a_rule_without_samples_is_not_kept(tmp_path: Path, made: World) -> None:
    left = left_by(tmp_path, made)
    rules = {**left.rules, "ocsp": parse("response.p95 of ocsp <= 500ms")}
    judgement = judged(changed(left, rules=rules), made.facts)
    assert (judgement.verdict.outcome, bad(judgement)) == (Outcome.NOT_ENOUGH, {"rule.ocsp"})


def test_facts_that_are_judged_stand_in_the_file(tmp_path: Path, made: World) -> None:
    file = tmp_path / "facts.ndjson.gz"
    judged(left_by(tmp_path, made), noted(iter(made.facts), file))
    with gzip.open(file) as lines:
        kept = [msgspec.json.decode(line, type=Fact) for line in lines]
    assert kept == made.facts
    with gzip.open(file) as lines:
        assert "repeated" not in json.loads(next(iter(lines)))


def samples(kib_a_call: float, server: str = "portal") -> list[Sample]:
    """A server that takes 100 MiB, and more with each of twenty calls a second; first it fills its caches."""
    warm = [Sample(server, float(second), 20_000_000 * second, 0.0) for second in range(-5, 10)]
    taken = [(float(second), round(100 * 2**20 + 20 * second * kib_a_call * 1024)) for second in range(14, SECONDS)]
    return warm + [Sample(server, second, memory, 0.0) for second, memory in taken]


def served() -> Series:
    series = Series()
    for second in range(SECONDS):
        for number in range(20):
            for call in ("status", "poll"):
                series.record(SERVICE, call, second * 1_000_000 + number, 4_000)
    return series


def test_memory_that_grows_with_every_call_is_growth_and_caches_that_fill_are_not() -> None:
    def found(*taken: Sample) -> tuple[int, list[str]]:
        line = line_of_growth(memory_of(taken, float(SECONDS), served()))
        return line.checked, [witness.place for witness in line.witnesses]

    assert found(*samples(0.0), *samples(3.0, "jlis-primary")) == (2, [])
    assert found(*samples(0.0), *samples(48.0, "jlis-primary")) == (2, ["jlis-primary"])
    # A lot for each call, and less than a tenth of what the server takes anyway.
    assert found(*(replace(one, memory_bytes=one.memory_bytes * 100) for one in samples(12.0))) == (1, [])


def slowing(portal: int, ward: int, *, with_ward: bool = True) -> Series:
    """A minute in which each second of the portal and the ward takes so many microseconds more than the one before."""
    made = Series()
    for second in range(SECONDS):
        for number in range(5):
            due = second * 1_000_000 + number
            made.record(SERVICE, "sign", due, 4_000)
            made.record(SERVICE, "status", due, 4_000 + portal * second)
            if with_ward:
                made.record(SERVICE, "staff", due, 4_000 + ward * second)
    return made


def test_a_portal_that_slows_down_as_it_fills_is_growth_and_a_machine_that_does_other_work_is_not() -> None:
    def found(series: Series) -> list[str]:
        return [witness.found.partition(" ")[0] for witness in line_of_growth(slowness_of(series)).witnesses]

    assert found(slowing(0, 0)) == []
    assert found(slowing(4_000, 0)) == ["status"]
    assert found(slowing(4_000, 0, with_ward=False)) == ["status"]
    assert found(slowing(4_000, 4_000)) == [], "everything is slower"
    assert line_of_growth(slowness_of(slowing(0, 0))).checked == 2
