"""`python -m bench.load`: what the generator of the load test costs, what it holds, and what it sees of a standstill.

Needs two cores: the server has core 0, the generator core 1; wrk is measured too where it is installed.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import Final

from bench import machine
from bench.load.journeys import Rounds, rows, walked
from bench.load.standstill import percentile
from bench.load.timing import MARK
from fakes.clock import JST
from loadtests.plan import Plan, Servers, WorkerFiles, WorkerReport, now_us
from loadtests.rates import constant, poisson
from loadtests.schedule import Schedule
from loadtests.series import RESPONSE, Series

RESULTS: Final = Path(__file__).parent / "results.md"
_ROOT: Final = Path(__file__).parents[2]
_SERVER_CORE, _LOAD_CORE = 0, 1
_USERS: Final = 10
_RATES: Final = (500, 1000, 2000)
_LEAD_S: Final = 8.0
_START: Final = datetime(2023, 3, 27, 8, 30)
_LOOPS: Final = {
    "bare": "Locust's FastHttpUser, bare",
    "ours": "ours: ledger, three clocks, checks",
    "http": "Locust's HttpUser, bare",
}
_SEEN: Final = {
    "truth": "what everybody waited",
    "ours": "ours",
    "closed": f"Locust, {_USERS} users that wait 50 ms between calls",
}
_WRK_RATE: Final = re.compile(r"Requests/sec:\s+([\d.]+)")


def main() -> None:
    """Measure, print the page, and write it beside this file."""
    parser = ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds, nothing written: a trial")
    quick = parser.parse_args().quick
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("bench.load needs two cores")
    text = measure(rounds=1 if quick else 3, seconds=5 if quick else 10, length=10.0 if quick else 30.0)
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")


def measure(rounds: int, seconds: int, length: float) -> str:
    """Return the page."""
    load = machine.load()
    os.sched_setaffinity(0, {_LOAD_CORE})  # and all that is started from here, but for the server
    with tempfile.TemporaryDirectory(prefix="bench-load-") as name, standing(0.0, 0.0) as url:
        folder = Path(name)
        loops: dict[str, list[Mapping[str, float]]] = {name: [] for name in _LOOPS}
        wrk = []
        for number in range(rounds):
            loops["bare"].append(loop("bare", url, seconds))
            loops["ours"].append(
                loop("noted", url, seconds, plan=planned(folder / f"loop-{number}", url, pulses(1, 1)))
            )
            loops["http"].append(loop("bare", url, seconds, BENCH_CLIENT="http"))
            wrk += [found] if (found := wrk_rate(url, seconds)) else []
        opened = {rate: open_rate(folder / f"open-{rate}", url, rate, seconds) for rate in _RATES}
    with tempfile.TemporaryDirectory(prefix="bench-load-") as name:
        still = standstill(Path(name), length)
    return page(loops, wrk, walked(rounds, _SERVER_CORE, locust, told), opened, still, length, load)


def pulses(rate: float, seconds: float) -> Schedule:
    """Return even arrivals."""
    return constant(rate, seconds, _START)


@contextmanager
def standing(after: float, stop: float) -> Iterator[str]:
    """Run the server on its core, and yield its address."""
    words = [sys.executable, "-m", "bench.load.standstill", "--after", str(after), "--stop", str(stop)]
    with subprocess.Popen(words, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        os.sched_setaffinity(process.pid, {_SERVER_CORE})
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def planned(folder: Path, url: str, schedule: Schedule) -> Path:
    """Write the plan of pulses, and return its file."""
    folder.mkdir()
    schedule.write(folder / "schedule.npz")
    return Plan(
        run="bench",
        schedule_hash=schedule.hash,
        servers=Servers(url, (url,), url, "", ""),
        people_seed=1,
        people_day=date(2023, 3, 27),
        start=_START.replace(tzinfo=JST),
        speed=1.0,
        begin_at_us=now_us() + round(_LEAD_S * 1e6),
        drain_s=20.0,
        arrive="pulses",
        staff=False,
        auditors=False,
        probes=False,
    ).write(folder)


def locust(*words: str, **environment: str) -> str:
    """Run Locust on its core, and return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "locust", "--headless", "--only-summary", *words],
        cwd=_ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def loop(file: str, url: str, seconds: int, plan: Path | None = None, **environment: str) -> Mapping[str, float]:
    """Let users ask again and again, and return what they told."""
    if plan is not None:
        environment |= {"BENCH_PLAN": str(plan), "BENCH_METHOD": "portal"}
    words = ("-f", f"bench/load/{file}.py", "-H", url, "-u", str(_USERS), "-r", "100", "-t", f"{seconds}s")
    said = locust(*words, **environment)
    return told(said)


def told(said: str) -> Mapping[str, float]:
    """Return what users told in what Locust said."""
    line = next((line for line in said.splitlines() if line.startswith(MARK)), None)
    if line is None:
        raise SystemExit(f"Locust met trouble:\n{said}")
    found: Mapping[str, float] = json.loads(line.removeprefix(MARK))
    print(found, file=sys.stderr, flush=True)
    if found["failed"]:
        raise SystemExit(f"{found['failed']} calls failed:\n{said}")
    return found


def wrk_rate(url: str, seconds: int) -> float | None:
    """Return how many calls a second wrk makes; None where it is not installed."""
    if shutil.which("wrk") is None:
        return None
    words = ["wrk", "-t1", "-c32", f"-d{seconds}s", f"{url}/healthz"]
    found = _WRK_RATE.search(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    return float(found[1]) if found else None


def open_rate(folder: Path, url: str, rate: int, seconds: int) -> WorkerReport:
    """Let pulses arrive as a Poisson process, and return what the worker says about itself."""
    plan = planned(folder, url, poisson(rate, seconds, 1, _START))
    said = locust("-f", "loadtests/locustfile.py", "--plan", str(plan))
    files = WorkerFiles(folder / "generator", 0)
    if not files.generator.exists():
        raise SystemExit(f"Locust met trouble:\n{said}")
    report = WorkerReport.read(files.generator)
    print(f"{rate}/s: {report}", file=sys.stderr, flush=True)
    return report


def standstill(folder: Path, length: float) -> Mapping[str, tuple[float, float, float]]:
    """Return p95, p99 and the longest wait, seconds: the truth, ours, and what Locust's closed users say."""
    stop, after, rate = 2.0, length / 3, 200
    with standing(after, stop) as url:
        plan = planned(folder / "ours", url, pulses(rate, length))
        said = locust("-f", "loadtests/locustfile.py", "--plan", str(plan))
    series = WorkerFiles(folder / "ours" / "generator", 0).series
    if not series.exists():
        raise SystemExit(f"Locust met trouble:\n{said}")
    seen = Series.read(series).over(RESPONSE).seen
    with standing(after, stop) as url:
        closed = loop("bare", url, round(length), BENCH_PAUSE_S="0.05")
    truth = (percentile(95, length, stop), percentile(99, length, stop), stop)
    ours = (seen.percentile(95).value / 1e6, seen.percentile(99).value / 1e6, seen.most / 1e6)
    return {
        "truth": truth,
        "ours": ours,
        "closed": (closed["p95_ms"] / 1e3, closed["p99_ms"] / 1e3, closed["max_ms"] / 1e3),
    }


def page(
    loops: Mapping[str, list[Mapping[str, float]]],
    wrk: list[float],
    journeys: Rounds,
    opened: Mapping[int, WorkerReport],
    still: Mapping[str, tuple[float, float, float]],
    length: float,
    load: float,
) -> str:
    """Return the page in Markdown."""
    rate = {name: median(one["calls"] / one["seconds"] for one in runs) for name, runs in loops.items()}
    cost = {name: median(one["cpu_s"] / one["calls"] * 1e6 for one in runs) for name, runs in loops.items()}
    versions = ", ".join(f"{name} {machine.installed(name)}" for name in ("locust", "gevent", "geventhttpclient"))
    lines = [
        "# The generator of the load test",
        "",
        f"{machine.today()}, {machine.machine()}, Python {platform.python_version()}, {versions}.",
        f"{load:.1f} processes wanted a core before the run began; `make bench-load` makes this page. The server",
        "does nothing and has core 0, the generator has core 1.",
        f"Medians of {len(loops['ours'])} rounds, {_USERS} users who ask again at once.",
        "",
        "| loop on one core | calls a second | processor, µs a call | a core would carry |",
        "| --- | --- | --- | --- |",
        *(f"| {_LOOPS[name]} | {rate[name]:,.0f} | {cost[name]:.0f} | {1e6 / cost[name]:,.0f} |" for name in _LOOPS),
        *([f"| wrk (the limit) | {median(wrk):,.0f} | – | – |"] if wrk else []),
        "",
        f"For the same processor time ours makes **{cost['bare'] / cost['ours']:.2f}** of the calls of the bare loop.",
        "",
        *rows(journeys),
        "",
        "| open arrivals a second | offered | left out | lag p99, ms | longest, ms | processor, % |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_opened(rate, one) for rate, one in opened.items()),
        "",
        f"A server that stands still for 2 s in {length:g} s, 200 calls a second; seconds:",
        "",
        "| | p95 | p99 | longest |",
        "| --- | --- | --- | --- |",
        *(f"| {_SEEN[name]} | {' | '.join(f'{value:.3f}' for value in values)} |" for name, values in still.items()),
    ]
    return "\n".join(lines) + "\n"


def _opened(rate: int, one: WorkerReport) -> str:
    lag = f"{one.lag_p99_us / 1e3:.1f} | {one.lag_max_us / 1e3:.1f}"
    return f"| {rate:,} | {one.offered:,} | {one.not_offered} | {lag} | {one.cpu_percent} |"


if __name__ == "__main__":
    main()
