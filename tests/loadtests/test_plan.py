"""The plan of a run: what is written is what every process reads, and nothing else passes for it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from fakes.clock import JST
from loadtests.errors import LoadError
from loadtests.gates import Generator
from loadtests.plan import Plan, Servers, WorkerFiles, WorkerReport, drained_of, generator_of
from loadtests.rates import constant
from loadtests.schedule import Schedule

START = datetime(2023, 3, 27, 8, 30)
SERVERS = Servers("http://127.0.0.1:1", ("http://127.0.0.1:2",), "http://127.0.0.1:3", "credentials.json", "cards")


def plan_for(schedule: Schedule, folder: Path, digest: str = "") -> Plan:
    schedule.write(folder / "schedule.npz")
    return Plan(
        run="r1",
        schedule_hash=digest or schedule.hash,
        servers=SERVERS,
        people_seed=7,
        people_day=date(2023, 3, 27),
        start=START.replace(tzinfo=JST),
        speed=60.0,
        begin_at_us=1_700_000_000_000_000,
    )


def test_every_process_reads_what_was_written(tmp_path: Path) -> None:
    schedule = constant(10, 2, START, 60)
    plan = plan_for(schedule, tmp_path)
    read = Plan.read(plan.write(tmp_path))
    assert read.schedule == str(tmp_path / "schedule.npz")
    assert read.output == str(tmp_path / "generator")
    assert (read.servers, read.begin_at_us, read.people_day) == (SERVERS, plan.begin_at_us, plan.people_day)
    assert read.arrivals().hash == schedule.hash
    assert read.scenario_at(1_000_000) - plan.start == timedelta(minutes=1)


def test_another_schedule_than_the_one_that_was_meant_is_refused(tmp_path: Path) -> None:
    plan = Plan.read(plan_for(constant(10, 2, START, 60), tmp_path, "0" * 64).write(tmp_path))
    with pytest.raises(LoadError, match="SHA-256"):
        plan.arrivals()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"run": 1}'])
def test_what_is_no_plan_is_refused_with_its_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text)
    with pytest.raises(LoadError, match=r"plan\.json") as refused:
        Plan.read(file)
    assert refused.value.code == "E-load-plan-file"


def test_a_plan_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError):
        Plan.read(tmp_path / "plan.json")


def report(worker: int, **what: object) -> WorkerReport:
    common: dict[str, object] = {
        "workers": 2,
        "offered": 10,
        "not_offered": 0,
        "lag_p99_us": 900,
        "lag_max_us": 1000,
        "cpu_percent": 40,
        "requests": 100,
    }
    return WorkerReport(worker=worker, **(common | what))  # type: ignore[arg-type]


def test_the_worst_lag_and_every_arrival_that_was_left_out_count(tmp_path: Path) -> None:
    reports = [report(0, lag_p99_us=-1, not_offered=2), report(1, lag_p99_us=5000, not_offered=1, cpu_percent=90)]
    for one in reports:
        one.write(WorkerFiles(tmp_path, one.worker).generator)
    read = [WorkerReport.read(WorkerFiles(tmp_path, worker).generator) for worker in range(2)]
    assert read == reports
    assert generator_of(read) == Generator(5000, 3, [40, 90])
    assert generator_of([report(0, failed={"boom": 1})]).broken_off


def test_a_place_is_drained_when_any_worker_saw_it_empty_last() -> None:
    reports = [report(0, drained={"131041": 5, "portal": 9}), report(1, drained={"131041": 7})]
    assert drained_of(reports) == {"131041": 7, "portal": 9}


def test_a_report_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "generator-0.json"
    file.write_text("{}")
    with pytest.raises(LoadError, match=r"generator-0\.json"):
        WorkerReport.read(file)
