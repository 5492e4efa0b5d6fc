"""The run folder of a load test: verdict, JUnit, tables, ledgers and logs, with the hash of each in the manifest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cli.load.asked import Asked
from cli.load.running import Ran
from loadtests.burdens import Sample, table_of
from loadtests.junit import write_junit
from loadtests.security import as_data
from loadtests.series import LAG, RESPONSE, SERVICE
from loadtests.timeline import applicants_of, incidents_of, timeline_of
from loadtests.verdict import write_json
from results.manifest import Label, Period
from results.plan import Arm, Plan
from results.store import RunFolder
from sim.streams import SPAWNING_RULE
from texts import Lang

VERDICT = "verdict.json"
JUNIT = "junit.xml"
_CLOCKS = (RESPONSE, SERVICE, LAG)


@dataclass(frozen=True)
class Written:
    """A finished folder."""

    path: Path


@contextmanager
def folder_for(asked: Asked, out: Path, command: Sequence[str], start: dt.datetime) -> Iterator[RunFolder]:
    """Make the folder of a run; it is taken away again when the block fails.

    Raises
    ------
    ResultsError
        `E-out-unwritable`.
    """
    scenario = asked.scenario
    day, last = asked.window.start.date(), (asked.window.end - dt.timedelta(microseconds=1)).date()
    plan = Plan(
        slug=f"{scenario.name}_load",
        arms=[Arm(scenario.name, Label(ja=scenario.title.ja, en=scenario.title.en), asked.loaded.data)],
        seed=asked.seed,
        spawning=SPAWNING_RULE,
        asked=1,
        command=command,
        period=Period(first=day, last=last),
        labels={one.id: Label(ja=one.label.ja, en=one.label.en) for one in scenario.incidents},
        needs="findings",
    )
    with RunFolder(out, plan, start) as folder:
        yield folder


def write(folder: RunFolder, asked: Asked, ran: Ran, lang: Lang) -> Written:
    """Write what came out, and give the folder its final name."""
    judgement = ran.judgement
    latency = judgement.series.table()
    if len(latency):
        folder.write_table("latency", latency[latency["clock"].isin(_CLOCKS)])
    folder.write_table("timeline", timeline_of(judgement.series, asked.schedule.length_us / 1e6))
    folder.write_table("findings", findings_of(ran))
    if ran.samples:
        folder.write_table("servers", table_of(ran.samples).drop_duplicates(["server", "at_s"]))
    write_json(judgement.verdict, described(asked, ran), folder.path / VERDICT, as_data(ran.measures))
    write_junit(judgement.verdict, lang, ran.seconds, folder.path / JUNIT)
    folder.describe(1)
    return Written(folder.finish())


def findings_of(ran: Ran) -> pd.DataFrame:
    """Return the findings as a table: finding, cases, checked."""
    lines = [row.source for row in ran.judgement.verdict.rows if row.name.startswith("finding.")]
    rows = [(str(line.finding), line.count, line.checked) for line in lines]  # type: ignore[union-attr]
    return pd.DataFrame(rows, columns=["finding", "cases", "checked"])


def described(asked: Asked, ran: Ran) -> dict[str, object]:
    """Return what was run, for verdict.json."""
    judgement, schedule = ran.judgement, asked.schedule
    reports = judgement.reports
    return {
        "scenario": asked.scenario.name,
        "window": str(asked.window),
        "scale": asked.scale,
        "speed": schedule.speed,
        "seed": asked.seed,
        "length_s": schedule.length_us / 1e6,
        "arrivals": len(schedule),
        "schedule_sha256": schedule.hash,
        "workers": ran.plan.workers,
        "defects": list(asked.defects),
        "faults": sorted({span.id for span in ran.left.faults}),
        "incidents": incidents_of(ran.left.faults, schedule.speed, schedule.length_us / 1e6),
        "seconds": round(ran.seconds, 3),
        "broken_off": ran.broken_off,
        "required_per_second": asked.required.per_second,
        "carried_per_second": judgement.carried_per_s,
        "headroom": None if judgement.headroom is None else float(judgement.headroom),
        "applicants": applicants_of(judgement.series, schedule.length_us / 1e6),
        "requests": sum(report.requests for report in reports),
        "facts": 0 if judgement.reconciliation is None else judgement.reconciliation.facts,
        "servers": _servers(ran),
        "phases": {name: [list(span) for span in spans] for name, spans in judgement.phases.items()},
        "problems": [problem.say("en") for problem in judgement.problems],
    }


def _servers(ran: Ran) -> dict[str, dict[str, float]]:
    """Return processor time (percent of a core, mean and most) and the last memory of each server while it ran."""
    length = ran.left.schedule.length_us / 1e6
    taken: dict[str, list[Sample]] = {}
    for sample in ran.samples:
        if 0 <= sample.second <= length:
            taken.setdefault(sample.server, []).append(sample)
    return {
        server: {
            "cpu_percent_mean": round(sum(one.cpu_percent for one in own) / len(own), 1),
            "cpu_percent_max": max(one.cpu_percent for one in own),
            "memory_mib": round(own[-1].memory_bytes / 2**20, 1),
        }
        for server, own in sorted(taken.items())
    }
