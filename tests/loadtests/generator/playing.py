"""Locust as a program of its own, with a plan, on real fake systems or any server; and what it left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fakes.clock import JST
from fakes.faults.fault import Fault
from fakes.serving.folder import opened
from fakes.serving.rehearsal import Rehearsal, Wanted, serving
from loadtests.generator.planning import servers_of, written_in
from loadtests.ledger import Failed, Intent, Ok, Reading, Unknown
from loadtests.plan import Plan, WorkerFiles, WorkerReport, now_us
from loadtests.schedule import Schedule
from loadtests.series import Series
from tests.cli.small_ward import plain_environment
from tests.cli.test_interrupt import ctrl_c_not_ignored

ROOT = Path(__file__).parents[3]
LOCUSTFILE = ROOT / "loadtests" / "locustfile.py"
START = datetime(2023, 3, 27, 10, 0)
"""A Monday; the resident network is open."""
SEED = 7
LEAD_S = 10.0
"""Real seconds from the start of the servers until a run begins: Locust has to be there by then."""
LEAD_EACH_S = 2.0
"""More of them for each process that wants a core now: a busy machine takes longer to start Locust."""
PATIENCE_S = 150.0


def lead() -> float:
    """Return in how many real seconds a run can begin."""
    return LEAD_S + LEAD_EACH_S * os.getloadavg()[0]


@contextmanager
def systems(
    folder: Path, speed: float, households: int = 60, faults: tuple[Fault, ...] = ()
) -> Iterator[tuple[Rehearsal, int]]:
    """Run the fake systems without the towns' own links; yield them with the real moment at which they read START."""
    lead_s = lead()
    begin_at = now_us() + round(lead_s * 1e6)
    start = START.replace(tzinfo=JST) - timedelta(seconds=lead_s * speed)
    wanted = Wanted(
        tls=False, town_links=False, households=households, start=start, speed=speed, seed=SEED, faults=faults
    )
    with opened(folder) as kept, serving(kept, wanted) as rehearsal:
        yield rehearsal, begin_at


def plan_for(rehearsal: Rehearsal, schedule: Schedule, folder: Path, begin_at_us: int, **others: Any) -> Path:
    """Write the plan of a run on these systems, and return its file."""
    known = written_in(Path(rehearsal.credentials.folder) / "credentials.json")
    servers = servers_of(known, Path(rehearsal.credentials.folder) / "credentials.json")
    common: dict[str, Any] = {
        "run": "run",
        "schedule_hash": schedule.hash,
        "servers": servers,
        "people_seed": known.seed,
        "people_day": known.people_day,
        "start": START.replace(tzinfo=JST),
        "speed": schedule.speed,
        "begin_at_us": begin_at_us,
        "drain_s": 45.0,
    }
    folder.mkdir(parents=True, exist_ok=True)
    schedule.write(folder / "schedule.npz")
    return Plan(**(common | others)).write(folder)


def locust(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start Locust in the folder of a run."""
    with ctrl_c_not_ignored():
        return subprocess.Popen(
            [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--only-summary", *words],
            cwd=folder,
            env=plain_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def played(plan: Path, *words: str) -> str:
    """Let Locust play a plan in one process to the end, and return what it said."""
    process = locust(plan.parent, "--headless", "--plan", str(plan), *words)
    said, _ = process.communicate(timeout=PATIENCE_S)
    return said


class Distributed:
    """A master and its workers, in a folder; gone after the block."""

    def __init__(self, folder: Path, workers: int, *given: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        where = ("--master-bind-host", "127.0.0.1", "--master-bind-port", port)
        words = ("--master", "--expect-workers", str(workers), "--headless", *where, *given)
        self.master = locust(folder, *words)
        self.workers = [
            locust(folder, "--worker", "--master-host", "127.0.0.1", "--master-port", port) for _ in range(workers)
        ]

    def end(self) -> str:
        """Wait for the end and return what the master said."""
        said, _ = self.master.communicate(timeout=PATIENCE_S)
        for worker in self.workers:
            said += worker.communicate(timeout=PATIENCE_S)[0]
        return said

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for process in (self.master, *self.workers):
            if process.poll() is None:
                process.kill()
            process.communicate()


class Left:
    """What a worker left in the folder of a run."""

    def __init__(self, folder: Path, worker: int = 0) -> None:
        files = self.files = WorkerFiles(folder / "generator", worker)
        reading = Reading(files.ledger)
        self.lines = list(reading.lines())
        self.opened, self.closed = reading.opened, reading.closed
        self.report = WorkerReport.read(files.generator)
        self.series = Series.read(files.series)

    def intents(self, call: str) -> list[Intent]:
        """Announcements of a kind of call, those of probes left out."""
        return [line for line in self.lines if isinstance(line, Intent) and line.call == call and not line.refused]

    def probed(self) -> list[Ok | Failed | Unknown]:
        """What came of the calls that the rules refuse."""
        asked = {(line.request, line.attempt) for line in self.lines if isinstance(line, Intent) and line.refused}
        return [line for line in self.lines if not isinstance(line, Intent) and (line.request, line.attempt) in asked]

    def outcomes(self, call: str) -> list[Ok | Failed | Unknown]:
        """What came of calls of a kind."""
        asked = {(line.request, line.attempt) for line in self.intents(call)}
        return [line for line in self.lines if not isinstance(line, Intent) and (line.request, line.attempt) in asked]
