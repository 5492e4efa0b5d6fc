"""`python -m bench.explore`: how long a change on the page takes, from the call to the last byte of the answer.

Changes come one after the other, all different, in an order that is the same every time; one field in each, then two.
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from bench import machine

PAGE: Final = Path(__file__).with_suffix(".md")
SCENARIO: Final = Path(__file__).parents[1] / "scenarios" / "launch.toml"
_ADDRESS: Final = re.compile(r"http://\S+")
KINDS: Final[dict[str, list[dict[str, str]]]] = {
    "uptake": [{"uptake": str(share)} for share in (4, 8, 12, 20, 24, 28, 32, 36, 40, 44)],
    "desks and clerks": [
        *({"main_windows_peak": str(desks)} for desks in (7, 8, 10, 11, 12)),
        *({"main_clerks_ordinary": str(clerks)} for clerks in (7, 9, 10, 11)),
        *({"branch_windows_ordinary": str(desks)} for desks in (1, 3)),
        *({"branch_clerks_peak": str(clerks)} for clerks in (3, 4)),
        *({"main_card_desks_peak": str(desks)} for desks in (5, 7, 8)),
        *({"main_back_office_seats_ordinary": str(seats)} for seats in (2, 4)),
    ],
    "shifts": [
        *({"lunch": str(share)} for share in (50, 60, 80, 100)),
        *({"peak_to": f"2023-04-{day:02}"} for day in (8, 21, 28)),
        *({"peak_from": f"2023-03-{day:02}"} for day in (1, 8, 22)),
        {"lunch_hours": "11:30-13:30"},
        {"main_evening_clerks": "5"},
        {"shift_change": "handover"},
    ],
    "back-office hours": [{"back_office": f"08:30-{end}"} for end in ("17:00", "17:30", "18:00")],
    "preparation": [{"ahead": str(days)} for days in (1, 3, 4, 5)] + [{"prepare": "no"}],
    "two at once": [
        {"uptake": str(share), "main_windows_peak": str(desks)} for share in (10, 22, 34) for desks in (6, 8, 11)
    ],
}


def main() -> None:
    """Measure, print the page, and write it beside this file."""
    parser = ArgumentParser(prog="python -m bench.explore", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few changes, nothing written: a trial")
    quick = parser.parse_args().quick
    before = machine.load()
    with tempfile.TemporaryDirectory(prefix="hikkoshi-") as folder:
        taken = measure(Path(folder), most=2 if quick else 100)
    text = page(taken, before)
    print(text)
    if not quick:
        PAGE.write_text(text, encoding="utf-8")


def measure(folder: Path, most: int) -> dict[str, list[float]]:
    """Serve the page, and return the seconds of each change by its kind; "seen before" are the first ones again."""
    words = [sys.executable, "-m", "cli.main", "explore", str(SCENARIO), "--no-browser", "--lang", "ja"]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, encoding="utf-8", env={**os.environ}) as served:
        try:
            assert served.stdout is not None
            address = next(found[0] for line in served.stdout if (found := _ADDRESS.search(line)))
            _ask(address, {})
            taken = {kind: [_ask(address, state) for state in states[:most]] for kind, states in KINDS.items()}
            taken["seen before"] = [_ask(address, state) for state in KINDS["uptake"][:most]]
        finally:
            served.terminate()
    return taken


def _ask(address: str, state: dict[str, str]) -> float:
    parts = urlsplit(address)
    assert parts.hostname is not None
    since = time.perf_counter()
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.request("GET", f"{parts.path}?{urlencode(state)}")
    reply = connection.getresponse()
    body = reply.read().decode()
    connection.close()
    if reply.status != 200 or 'id="week-title"' not in body:
        raise SystemExit(f"{state}: no answer ({reply.status})")
    return time.perf_counter() - since


def page(taken: dict[str, list[float]], before: float) -> str:
    """Return the page; `before` is how busy the machine was."""
    new = [seconds for kind, own in taken.items() if kind != "seen before" for seconds in own]
    found = {**taken, "**every new change**": new}.items()
    lines = [
        "# The page to try things out, measured",
        "",
        "`make bench-explore`: `hikkoshi explore scenarios/launch.toml`, 20 replications, every change over HTTP from",
        "the call to the last byte, one after the other, each of them new. Seconds.",
        "",
        "| change | changes | p50 | p95 | longest |",
        "| --- | --- | --- | --- | --- |",
        *(_row(kind, own) for kind, own in found),
        "",
        f"Measured {machine.today()} on {machine.machine()}; {before:.1f} other processes wanted a core just before.",
    ]
    return "\n".join(lines) + "\n"


def _row(kind: str, seconds: list[float]) -> str:
    middle, most = _at(seconds, 0.5), _at(seconds, 0.95)
    return f"| {kind} | {len(seconds)} | {middle:.2f} | {most:.2f} | {max(seconds):.2f} |"


def _at(values: list[float], share: float) -> float:
    """Return the value that a share of all stays within: one that was measured, never one between two."""
    return sorted(values)[max(0, -(-round(share * 1000) * len(values) // 1000) - 1)]


if __name__ == "__main__":
    main()
