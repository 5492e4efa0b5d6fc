"""A server that stands still hides nobody: latencies count from when calls were due, so all who waited are seen."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec
import pytest

from bench.load.standstill import percentile
from fakes.clock import JST
from loadtests.gates import Gate, Passed, of_generator
from loadtests.plan import Plan, Servers, generator_of, now_us
from loadtests.rates import constant
from loadtests.series import RESPONSE, SERVICE
from loadtests.verdict import Outcome, verdict_of
from tests.loadtests.generator.playing import PATIENCE_S, ROOT, START, Left, lead, locust, played

pytestmark = pytest.mark.slow
RATE = 200
LENGTH_S = 12.0
STOP_S = 2.0
NEAR = 0.05
ATTEMPTS = 3


@contextmanager
def standing_still(after: float, stop: float) -> Iterator[str]:
    """Run the server that stands still, and yield its address."""
    words = [sys.executable, "-m", "bench.load.standstill", "--after", str(after), "--stop", str(stop)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def pulses(url: str, folder: Path, rate: float, seconds: float) -> Path:
    """Write the plan of pulses at a constant rate."""
    folder.mkdir()
    schedule = constant(rate, seconds, START)
    schedule.write(folder / "schedule.npz")
    return Plan(
        run="run",
        schedule_hash=schedule.hash,
        servers=Servers(url, (url,), url, "none", "none"),
        people_seed=1,
        people_day=date(2023, 3, 27),
        start=START.replace(tzinfo=JST),
        speed=1.0,
        begin_at_us=now_us() + round(lead() * 1e6),
        drain_s=20.0,
        arrive="pulses",
        staff=False,
        auditors=False,
    ).write(folder)


def test_percentiles_are_those_of_everybody_who_waited(tmp_path: Path) -> None:
    """Other work of the machine only makes waits longer, so it is tried again; none may ever be hidden."""
    truth = {percent: percentile(percent, LENGTH_S, STOP_S) for percent in (95.0, 99.0)}
    for attempt in range(ATTEMPTS):
        with standing_still(3.0, STOP_S) as url:
            said = played(pulses(url, tmp_path / f"run-{attempt}", RATE, LENGTH_S))
        left = Left(tmp_path / f"run-{attempt}")
        assert (left.report.offered, left.report.failed) == (RATE * LENGTH_S, {}), said
        response = left.series.over(RESPONSE, "pulse").seen
        assert response.number == RATE * LENGTH_S == left.series.over(SERVICE, "pulse").seen.number
        assert "pulse (service)" in said
        found = {percent: response.percentile(percent).value / 1e6 for percent in truth}
        assert all(found[percent] > (1 - NEAR) * truth[percent] for percent in truth)
        assert response.share_above(100_000) > (1 - NEAR) * (STOP_S - 0.1) / LENGTH_S
        assert response.most / 1e6 > (1 - NEAR) * STOP_S
        if found == pytest.approx(truth, rel=NEAR) and response.most / 1e6 == pytest.approx(STOP_S, rel=NEAR):
            return
    pytest.fail(f"{found} is not near {truth}\n{said}")


def until_under_way(process: subprocess.Popen[str], run: Path) -> None:
    """Wait until calls have been made."""
    ledger = run / "generator" / "ledger-0.ndjson"
    while not ledger.exists() or ledger.stat().st_size < 20_000:
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.1)


def test_a_generator_that_is_starved_of_its_processor_cannot_be_believed(tmp_path: Path) -> None:
    """The machine takes its core away for a second and a half: nobody is left out, and the lag says it."""
    with standing_still(3.0, 0.0) as url:
        process = locust(tmp_path, "--headless", "--plan", str(pulses(url, tmp_path / "run", 100, 8.0)))
        until_under_way(process, tmp_path / "run")
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)  # the fault itself
        process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=PATIENCE_S)
    report = Left(tmp_path / "run").report
    assert (report.offered, report.not_offered) == (800, 0), said
    gates = of_generator(generator_of([report]))
    assert Gate.LAG in {own.gate for own in gates if not own.holds}, said
    others = [Passed(gate, holds=True) for gate in Gate if gate not in {own.gate for own in gates}]
    assert verdict_of([], [], [*gates, *others]).outcome is Outcome.CANNOT_SAY
    steady = of_generator(generator_of([msgspec.structs.replace(report, lag_p99_us=900, cpu_percent=40)]))
    assert verdict_of([], [], [*steady, *others]).outcome is Outcome.ENOUGH


def test_who_is_interrupted_leaves_whole_files_that_say_so(tmp_path: Path) -> None:
    with standing_still(3.0, 0.0) as url:
        process = locust(tmp_path, "--headless", "--plan", str(pulses(url, tmp_path / "run", 50, 60.0)))
        until_under_way(process, tmp_path / "run")
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    left = Left(tmp_path / "run")
    assert left.report.broken_off, said
    assert left.closed is not None
    assert 0 < left.report.offered < 50 * 60
    assert left.report.offered - left.report.unfinished == left.report.requests
    assert left.report.unfinished <= 1  # who came in the very moment
