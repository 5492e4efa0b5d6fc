"""Several workers walk one schedule together: each arrival once, whatever their number; one that dies is seen."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from loadtests.calls import Calls
from loadtests.gates import Gate, of_workers
from loadtests.ledger import Intent, Reading
from loadtests.plan import WorkerFiles, WorkerReport
from loadtests.rates import constant
from tests.loadtests.generator.playing import PATIENCE_S, START, Distributed, Left, plan_for, systems

pytestmark = pytest.mark.slow
SPEED = 120.0
WORKERS = 2


def test_two_workers_offer_every_arrival_once_and_see_every_place_empty(tmp_path: Path) -> None:
    schedule = constant(3, 8, START, SPEED)
    folder = tmp_path / "run"
    with systems(tmp_path / "serve", SPEED) as (rehearsal, begin_at):
        plan = plan_for(rehearsal, schedule, folder, begin_at, workers=WORKERS)
        with Distributed(folder, WORKERS, "--plan", str(plan)) as running:
            said = running.end()
    left = [Left(folder, worker) for worker in range(WORKERS)]
    submitted = [{line.application for line in own.intents("submit")} for own in left]
    filed = [{name for name in names if not name.startswith("p")} for names in submitted]  # probes are no arrivals
    expected = [{f"a{number}" for number in range(worker, len(schedule), WORKERS)} for worker in range(WORKERS)]
    assert filed == expected, said
    assert sum(own.report.offered for own in left) == len(schedule)
    drained = set[str]().union(*(own.report.drained for own in left))
    assert len(drained) == 6, said
    gates = of_workers(
        Calls([own.files.ledger for own in left], tmp_path / "calls").held, WORKERS, "run", schedule.hash
    )
    assert [gate.holds for gate in gates] == [True, True]


def test_a_worker_that_is_killed_leaves_a_ledger_that_says_so(tmp_path: Path) -> None:
    schedule = constant(3, 8, START, SPEED)
    folder = tmp_path / "run"
    with systems(tmp_path / "serve", SPEED) as (rehearsal, begin_at):
        plan = plan_for(rehearsal, schedule, folder, begin_at, workers=WORKERS, drain_s=12.0)
        with Distributed(folder, WORKERS, "--plan", str(plan)) as running:
            files = [WorkerFiles(folder / "generator", worker) for worker in range(WORKERS)]
            until_filing(files[1])
            dead = running.workers[whose(running, files[1])]
            dead.kill()
            said = running.end()
    assert Reading(files[0].ledger).path.exists()
    held = Calls([own.ledger for own in files], tmp_path / "calls").held
    assert held[0].closed is not None, said
    assert held[1].closed is None
    assert not files[1].generator.exists()
    assert WorkerReport.read(files[0].generator).offered == len(schedule) // WORKERS
    workers, _ = of_workers(held, WORKERS, "run", schedule.hash)
    assert (workers.gate, workers.holds) == (Gate.WORKERS, False)


def until_filing(files: WorkerFiles) -> None:
    """Wait until a worker has filed something."""
    end = time.monotonic() + PATIENCE_S
    while True:
        lines = Reading(files.ledger).lines() if files.ledger.exists() else ()
        if any(isinstance(line, Intent) and line.call == "submit" for line in lines):
            return
        assert time.monotonic() < end, "it never filed anything"


def whose(running: Distributed, files: WorkerFiles) -> int:
    """Return which of the processes has a worker's ledger open."""
    for number, process in enumerate(running.workers):
        opened = (Path(f"/proc/{process.pid}/fd")).iterdir()
        if any(link.exists() and link.resolve() == files.ledger.resolve() for link in opened):
            return number
    raise AssertionError("nobody has it open")
