"""The applicant's journey on one core: what a call of it costs us, and what it costs a plain user of Locust.

Both walk the journeys of the same people against the same fake systems, with papers that were made before. Ours come
as an open model with think times, are noted and checked; the plain ones go one after the other without any of that.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from cli.load.ground import SERVERS, OwnWanted, own
from loadtests.plan import Plan, WorkerFiles, WorkerReport
from loadtests.schedule import Schedule, of_scenario
from loadtests.window import Window
from scenarios.loading import load
from scenarios.packaged import WARD, path_of_kind
from scenarios.schema import Scenario

SECONDS: Final = 10
_WINDOW: Final = "2023-03-28 09:00/10:00"
_SCALE: Final = 130.0
"""Fifty-four journeys a second, which the portal carries on its core."""
_POLL_S: Final = 300.0
_DRAIN_S: Final = 20.0
_SEED: Final = 1
_USERS: Final = ("-u", "10", "-r", "100", "-t", "60s")
"""Closed, and long enough for everybody to have walked; it ends when all have."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What journeys took.

    Attributes
    ----------
    cpu_s
        Processor time of the generator, seconds, without the papers.
    """

    journeys: int
    calls: int
    cpu_s: float

    @property
    def call_us(self) -> float:
        """Processor time of a call, microseconds."""
        return self.cpu_s / self.calls * 1e6


@dataclass(frozen=True, slots=True)
class Rounds:
    """Both ways of walking, one of each a round, and the processor time of one applicant's papers, microseconds."""

    ours: list[Walked]
    plain: list[Walked]
    papers_us: list[float]

    @property
    def share(self) -> float:
        """How many of the plain user's calls ours makes in the same processor time."""
        return median(one.call_us for one in self.plain) / median(one.call_us for one in self.ours)


def walked(
    rounds: int,
    server_core: int,
    run_locust: Callable[..., str],
    told: Callable[[str], Mapping[str, float]],
) -> Rounds:
    """Let both walk.

    Parameters
    ----------
    run_locust
        Runs Locust with words and an environment, and returns what it said.
    told
        What a plain user told in that.
    """
    found = Rounds([], [], [])
    schedule = _schedule()
    for _ in range(rounds):
        with _planned(schedule, server_core) as plan:
            said = run_locust("-f", "loadtests/locustfile.py", "--plan", str(plan))
            found.ours.append(_ours(plan.parent, said))
        with _planned(schedule, server_core) as plan:
            words = ("-f", "bench/load/walkers.py", "-H", Plan.read(plan).servers.portal, *_USERS)
            plain = told(run_locust(*words, BENCH_PLAN=str(plan)))
            found.plain.append(Walked(round(plain["journeys"]), round(plain["calls"]), plain["cpu_s"]))
            found.papers_us.append(plain["papers_s"] * 1e6)
    return found


def _schedule() -> Schedule:
    window = Window.parse(_WINDOW)
    scenario = load(path_of_kind("launch", WARD), Scenario)
    return of_scenario(scenario, window, scale=_SCALE, speed=window.micros / 1e6 / SECONDS, seed=_SEED)


@contextmanager
def _planned(schedule: Schedule, server_core: int) -> Iterator[Path]:
    """Start fake systems on their core, and write the plan of applicants alone."""
    with tempfile.TemporaryDirectory(prefix="bench-journeys-") as name:
        folder = Path(name)
        schedule.write(folder / "schedule.npz")
        with own(OwnWanted(folder / SERVERS, schedule, _SEED, _POLL_S, workers=1)) as ground:
            for pids in ground.processes().values():
                for pid in pids:
                    os.sched_setaffinity(pid, {server_core})
            yield Plan(
                run="bench",
                schedule_hash=schedule.hash,
                servers=ground.servers,
                people_seed=ground.seed,
                people_day=ground.people_day,
                start=ground.start,
                speed=schedule.speed,
                begin_at_us=ground.begin_at_us,
                drain_s=_DRAIN_S,
                staff=False,
                auditors=False,
                probes=False,
            ).write(folder)


def _ours(folder: Path, said: str) -> Walked:
    file = WorkerFiles(folder / "generator", 0).generator
    if not file.exists():
        raise SystemExit(f"Locust met trouble:\n{said}")
    report = WorkerReport.read(file)
    if report.failed or report.unfinished:
        raise SystemExit(f"journeys failed: {report}")
    return Walked(report.offered, report.requests, report.cpu_s)


def rows(rounds: Rounds) -> list[str]:
    """Return the table in Markdown, and what it comes to."""
    lines = [
        "| applicants' journeys on one core | calls a journey | processor, µs a call | a core would carry |",
        "| --- | --- | --- | --- |",
    ]
    for name, runs in (("Locust's FastHttpUser, bare", rounds.plain), ("ours: noted and checked", rounds.ours)):
        cost = median(one.call_us for one in runs)
        lines.append(f"| {name} | {runs[0].calls / runs[0].journeys:.1f} | {cost:.0f} | {1e6 / cost:,.0f} |")
    return [
        *lines,
        "",
        f"For the same processor time ours makes **{rounds.share:.2f}** of the calls of the bare journey; both sign.",
        f"An applicant's papers take {median(rounds.papers_us):,.0f} µs beside, which both make before journeys begin.",
    ]
