"""What a page takes from a load test: the verdict that the load test itself wrote, line by line, and its course."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from report.words import Both, name_of
from results.errors import ResultsError
from results.manifest import Manifest
from results.store import Run, open_run

VERDICT = "verdict.json"
FORMAT = 2
TIMELINE = "timeline"
BADGES = {"enough": "met", "not_enough": "not_met", "faulty": "not_met", "cannot_say": "cannot_say"}
"""The badge of each outcome of `loadtests.verdict`."""


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One line of the verdict: a rule, a finding or a gate, and what it says.

    Attributes
    ----------
    looked
        Whether the run looked at all: a finding of which nothing could have been a case says nothing.
    """

    name: str
    outcome: str
    says: Both
    looked: bool = True

    @property
    def badge(self) -> str:
        """Met, not met, or cannot be told."""
        return BADGES[self.outcome]


@dataclass(frozen=True, slots=True)
class Found:
    """One kind of finding: cases, how many could have been one, and the first cases.

    Attributes
    ----------
    rarer
        Of no case: the N for which one in N would have shown with 95 %; None where there are cases, or none was looked
        for.
    witnesses
        For each case its number, what should have been, and what was.
    """

    name: Both
    count: int
    checked: int
    rarer: int | None
    witnesses: list[tuple[str, str, str]]
    badge: str


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault that was at work, from when until when: real seconds since the run began."""

    name: Both
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Played:
    """What was played, and what of it the page's sentences speak.

    Attributes
    ----------
    window
        Hours of the scenario, as the load test was told them.
    scale, speed, length
        Times the scenario's filings; how fast the clock ran; real seconds.
    carried, required
        Applications accepted a real second in the busiest quarter, and those that the scenario's busiest minute has.
    peak
        The busiest quarter, real seconds.
    calls, failed, p95
        Of the applicants' own calls: how many, how many of them failed, and the 95th percentile of the time until an
        answer, milliseconds.
    """

    window: str
    scale: float
    speed: float
    length: float
    arrivals: int
    carried: float
    required: float
    peak: tuple[float, float]
    calls: int
    failed: int
    p95: float
    incidents: list[Incident]


@dataclass(frozen=True, slots=True)
class LoadRun:
    """A load test as its folder tells it.

    Attributes
    ----------
    security
        What it shows of measures of security that no other line speaks of, by their names.
    failover
        Whether a standby had to take over.
    own_servers
        Whether the test ran the servers itself; only then it looks at the chains of their audit records.
    """

    path: Path
    outcome: str
    label: Both
    rows: list[LoadRow]
    security: dict[str, LoadRow]
    findings: list[Found]
    played: Played
    timeline: pd.DataFrame
    manifest: Manifest
    failover: bool
    own_servers: bool

    @property
    def badge(self) -> str:
        """Met, not met, or cannot be told, of the whole test."""
        return BADGES[self.outcome]


def read_load_run(folder: Path) -> LoadRun:
    """Read the folder of a load test.

    Raises
    ------
    ResultsError
        `E-load-verdict` where the verdict cannot be read, `E-load-version` where it is of another version of the
        format; as `results.store.open_run`, and `E-table-missing` where the course of the test is not there.
    """
    run = open_run(folder)
    data = _read(folder)
    timeline = run.table(TIMELINE)
    try:
        rows = [_row(row) for row in data["rows"]]
        security = {row.name: row for row in map(_row, data["security"])}
        findings = [_found(row) for row in data["rows"] if str(row["name"]).startswith("finding.")]
        label = Both(**data["label"])
        played = _played(data["run"], run.manifest)
        failover = not _failovers(run).isdisjoint(str(one["id"]) for one in data["run"]["incidents"])
        return LoadRun(
            path=folder,
            outcome=_outcome(data),
            label=label,
            rows=rows,
            security=security,
            findings=findings,
            played=played,
            timeline=timeline,
            manifest=run.manifest,
            failover=failover,
            own_servers=bool(data["run"]["servers"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultsError("E-load-verdict", path=folder, reason=f"{type(error).__name__}: {error}") from error


def _read(folder: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads((folder / VERDICT).read_text(encoding="utf-8"))
        found = data["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultsError("E-load-verdict", path=folder, reason=f"{type(error).__name__}: {error}") from error
    if found != FORMAT:
        raise ResultsError("E-load-version", path=folder, found=found, known=FORMAT)
    return data


def _row(row: dict[str, Any]) -> LoadRow:
    looked = "checked" not in row or bool(row["checked"] or row["count"])
    return LoadRow(str(row["name"]), _outcome(row), Both(**row["says"]), looked)


def _failovers(run: Run) -> set[str]:
    """Return the ids of the incidents in which a standby takes over, as the scenario has them that was played."""
    [arm] = run.manifest.arms
    scenario = tomllib.loads((run.path / arm.file).read_text(encoding="utf-8"))
    return {str(one["id"]) for one in scenario.get("incidents", ()) if one["kind"] == "failover"}


def _outcome(part: dict[str, Any]) -> str:
    if part["outcome"] not in BADGES:
        raise ValueError(part["outcome"])
    return str(part["outcome"])


def _found(row: dict[str, Any]) -> Found:
    rarer = row["rarer_than_one_in"]
    return Found(
        name_of("finding", str(row["name"]).removeprefix("finding.")),
        int(row["count"]),
        int(row["checked"]),
        None if rarer is None else int(rarer),
        [
            (str(one["reference"] or one["request"] or one["place"]), str(one["expected"]), str(one["found"]))
            for one in row["witnesses"]
        ],
        "cannot_say" if not row["checked"] and not row["count"] else BADGES[_outcome(row)],
    )


def _played(run: dict[str, Any], manifest: Manifest) -> Played:
    applicants = run["applicants"]
    [peak] = run["phases"]["peak"]
    return Played(
        window=str(run["window"]),
        scale=float(run["scale"]),
        speed=float(run["speed"]),
        length=float(run["length_s"]),
        arrivals=int(run["arrivals"]),
        carried=float(run["carried_per_second"]),
        required=float(run["required_per_second"]),
        peak=(float(peak[0]), float(peak[1])),
        calls=int(applicants["calls"]),
        failed=int(applicants["failed"]),
        p95=applicants["p95_us"] / 1000,
        incidents=_united(run["incidents"], manifest),
    )


def _united(incidents: list[dict[str, Any]], manifest: Manifest) -> list[Incident]:
    """Put the faults of one incident together: what one outage does on three servers is one outage."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for one in incidents:
        spans.setdefault(str(one["id"]), []).append((float(one["start_s"]), float(one["end_s"])))
    return [
        Incident(name_of("incident", name, manifest.labels), min(s for s, _ in own), max(e for _, e in own))
        for name, own in spans.items()
    ]
