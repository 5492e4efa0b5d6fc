"""`python -m bench.fakes`: submissions and inquiries at the portal, against their targets and a bare echo.

Needs wrk (Debian: `apt-get install wrk`) and two cores: the server has core 0, the load core 1. TLS is off, connections
are kept, every submission is validated, stored and committed with `synchronous=FULL`.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bench import machine
from bench.fakes.echo import serve
from bench.fakes.million import APPLICATIONS, fill
from bench.fakes.rate import Found, at_rate
from bench.fakes.traffic import Traffic, prepare, questions
from fakes.clock import JST
from fakes.endpoints import Server
from fakes.people import People
from fakes.serving.settings import Settings
from fakes.serving.starting import Running, listen, start

RESULTS: Final = Path(__file__).parent / "results.md"
TARGETS: Final = {"submit": 3000, "inquire": 8000}
"""Requests a second and process."""
LATENCY_S: Final = 0.030
"""p99 at half of the target rate."""

MOST_SLOWER: Final = 1.5
"""How much slower a million applications may make an answer."""

_SERVER_CORE, _LOAD_CORE = 0, 1
_CONNECTIONS: Final = 32
_START = datetime(2023, 3, 1, 9, tzinfo=JST)
_COUNT = re.compile(r"(\d+) requests in")
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")


@dataclass(frozen=True, slots=True)
class Flood:
    """What wrk got in one run: requests a second, and processor time of the server for each."""

    rate: float
    cpu_us: float


def main() -> None:
    """Measure, print the page, and write it beside this file."""
    parser = ArgumentParser(prog="python -m bench.fakes", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, nothing written: a trial")
    quick = parser.parse_args().quick
    if shutil.which("wrk") is None or (os.cpu_count() or 1) < 2:
        raise SystemExit("bench.fakes needs wrk and two cores")
    text = measure(rounds=1 if quick else 3, seconds=2 if quick else 8)
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")


def measure(rounds: int, seconds: int) -> str:
    """Return the page."""
    load = machine.load()
    os.sched_setaffinity(0, {_LOAD_CORE})
    with tempfile.TemporaryDirectory(prefix="bench-fakes-") as name:
        folder = Path(name)
        large = _large(folder, rounds, seconds)
        settings = Settings(server=Server.PORTAL, database=f"sqlite:///{folder}/portal.db", start=_START)
        with start(settings) as portal:
            pid = portal.processes[0].pid
            assert pid is not None
            _pin(pid)
            traffics = prepare(portal.url, People(settings.seed, settings.first_day), folder)
            floods, echoes = _floods(traffics, portal.port, pid, rounds, seconds)
            steady = {one.name: _steady(portal.port, one, seconds) for one in traffics}
    return page(floods, echoes, steady, load) + page_of_large(large)


def _large(folder: Path, rounds: int, seconds: int) -> dict[str, tuple[list[Flood], list[Flood]]]:
    """Ask questions of a portal with few applications, and of the same one with a million of others."""
    (folder / "large").mkdir()
    store = folder / "large" / "portal.db"
    settings = Settings(server=Server.PORTAL, database=f"sqlite:///{store}", start=_START)
    with start(settings) as portal:
        prepare(portal.url, People(settings.seed, settings.first_day), folder)
        few = _asked(portal, folder, rounds, seconds)
    fill(store)
    with start(settings) as portal:
        many = _asked(portal, folder, rounds, seconds)
    return {name: (few[name], many[name]) for name in few}


def _asked(portal: Running, folder: Path, rounds: int, seconds: int) -> dict[str, list[Flood]]:
    pid = portal.processes[0].pid
    assert pid is not None
    _pin(pid)
    both = questions(folder)
    found: dict[str, list[Flood]] = {one.name: [] for one in both}
    for _ in range(rounds):
        for one in both:
            found[one.name].append(_flood(portal.port, one, pid, seconds))
            print(f"{one.name}: {found[one.name][-1]}", file=sys.stderr, flush=True)
    return found


def _floods(
    traffics: tuple[Traffic, ...], port: int, pid: int, rounds: int, seconds: int
) -> tuple[dict[str, list[Flood]], dict[str, list[Flood]]]:
    """Let the portal and the echo take turns, as fast as each can."""
    floods: dict[str, list[Flood]] = {one.name: [] for one in traffics}
    echoes: dict[str, list[Flood]] = {one.name: [] for one in traffics}
    listening = listen(0)
    echo_port = listening.getsockname()[1]
    ours, theirs = multiprocessing.Pipe()
    echo = multiprocessing.get_context("spawn").Process(target=serve, args=(listening, theirs), daemon=True)
    echo.start()
    ours.recv()
    assert echo.pid is not None
    _pin(echo.pid)
    for _ in range(rounds):
        for one in traffics:
            floods[one.name].append(_flood(port, one, pid, seconds))
            echoes[one.name].append(_flood(echo_port, one, echo.pid, seconds))
            print(f"{one.name}: {floods[one.name][-1]}, echo {echoes[one.name][-1]}", file=sys.stderr, flush=True)
    echo.kill()
    echo.join()
    listening.close()
    return floods, echoes


def _flood(port: int, traffic: Traffic, pid: int, seconds: int) -> Flood:
    before = _cpu_seconds(pid)
    command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-s", str(traffic.script)]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    count, rate = _COUNT.search(said), _RATE.search(said)
    if count is None or rate is None or "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"wrk met trouble:\n{said}")
    return Flood(float(rate[1]), (_cpu_seconds(pid) - before) / int(count[1]) * 1e6)


def _steady(port: int, traffic: Traffic, seconds: int) -> Found:
    found = at_rate(port, traffic.requests, TARGETS[traffic.name] / 2, seconds)
    if found.refused:
        raise SystemExit(f"{traffic.name}: {found.refused} calls were refused")
    return found


def _pin(pid: int) -> None:
    """Put a process and all its threads on the server's core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {_SERVER_CORE})


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def page(floods: dict[str, list[Flood]], echoes: dict[str, list[Flood]], steady: dict[str, Found], load: float) -> str:
    """Return the page in Markdown."""
    lines = [
        "# The portal on one core",
        "",
        f"{machine.machine()}; {machine.today()}; load average {load:.2f} before, {machine.load():.2f} after.",
        "The server has one core, wrk and the open-loop client the other; TLS off, keep-alive; medians of the rounds.",
        "*Core* is what one core can carry by processor time, when other work does not take part of it.",
        "",
        "| call | target/s | got/s | CPU µs | core/s | bare echo/s | echo CPU µs | CPU ratio | met |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, target in TARGETS.items():
        rate, cpu = _median(floods[name])
        echo_rate, echo_cpu = _median(echoes[name])
        met = "yes" if rate >= target else "no, by the clock" if 1e6 / cpu >= target else "no"
        lines.append(
            f"| {name} | {target:,} | {rate:,.0f} | {cpu:.0f} | {1e6 / cpu:,.0f} | {echo_rate:,.0f} | {echo_cpu:.0f} "
            f"| {cpu / echo_cpu:.1f} | {met} |"
        )
    lines += [
        "",
        "| at half the target rate | p50 ms | p99 ms | p99.9 ms | client's own lag p99 ms | p99 under 30 ms |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, found in steady.items():
        p50, p99, p999 = (found.quantile(share) * 1000 for share in (0.5, 0.99, 0.999))
        lag = sorted(found.lags)[int(0.99 * len(found.lags))] * 1000
        met = "yes" if p99 < LATENCY_S * 1000 else "no"
        lines.append(f"| {name} {found.rate:,.0f}/s | {p50:.1f} | {p99:.1f} | {p999:.1f} | {lag:.1f} | {met} |")
    return "\n".join(lines) + "\n"


def page_of_large(large: dict[str, tuple[list[Flood], list[Flood]]]) -> str:
    """Return the table of the large store in Markdown."""
    lines = [
        "",
        f"The same store with {APPLICATIONS:,} applications of others:",
        "",
        "| call | CPU µs, few | CPU µs, a million | ratio | got/s, few | got/s, a million | ratio | at most 1.5 |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, (few, many) in large.items():
        (rate, cpu), (slower, dearer) = _median(few), _median(many)
        met = "yes" if rate / slower <= MOST_SLOWER else "no"
        lines.append(
            f"| {name} | {cpu:.0f} | {dearer:.0f} | {dearer / cpu:.2f} | {rate:,.0f} | {slower:,.0f} "
            f"| {rate / slower:.2f} | {met} |"
        )
    return "\n".join(lines) + "\n"


def _median(floods: list[Flood]) -> tuple[float, float]:
    return statistics.median(one.rate for one in floods), statistics.median(one.cpu_us for one in floods)


if __name__ == "__main__":
    main()
