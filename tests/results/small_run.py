"""A run of two replications, as small as a run can be."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from results.errors import ResultsError
from results.manifest import Failed, Label, Period
from results.plan import Arm, Plan
from results.store import RunFolder
from texts import LANGS

SCENARIO = {
    "name": "launch",
    "period": {"start": dt.date(2023, 2, 6), "days": 84},
    "uptake": {"value": 0.16, "low": 0.08, "high": 0.25, "source": "「調査」"},
    "sites": [{"id": "main", "staff": 6}, {"id": "okubo", "staff": 2}],
    "unset": None,
}
MEASURES = pd.DataFrame(
    {
        "arm": "before",
        "replication": [1, 0],
        "measure": "wait_mean",
        "unit": "min",
        "kind": "all",
        "users": "all",
        "site": "main",
        "weekday": "all",
        "hour": "all",
        "value": [12.5, 11.0],
        "count": [200, 190],
    }
)
SUMMARY = pd.DataFrame(
    {
        "arm": ["before"],
        "measure": "wait_mean",
        "unit": "min",
        "kind": "all",
        "users": "all",
        "site": "main",
        "weekday": "all",
        "hour": "all",
        "estimate": [11.75],
        "lo95": [float("nan")],
        "hi95": [float("nan")],
        "n": [2],
        "count": [390],
        "method": ["t"],
    }
)


def plan(**changes: object) -> Plan:
    known: dict[str, object] = {
        "slug": "Launch 2023 春",
        "arms": [Arm("before", Label(ja="導入前", en="Before"), SCENARIO)],
        "seed": 7,
        "spawning": "SeedSequence(7), key (replication, name of the attribute)",
        "asked": 2,
        "command": ["/usr/local/bin/hikkoshi", "simulate", "/home/someone/launch.toml", "--out=/srv/x/results"],
        "period": Period(first=dt.date(2023, 2, 6), last=dt.date(2023, 4, 30), warm_up_days=14),
        "labels": {"main": Label(ja="本庁", en="Main office")},
    }
    return Plan(**(known | changes))  # type: ignore[arg-type]


def write(out: Path, measures: pd.DataFrame = MEASURES) -> Path:
    with RunFolder(out, plan()) as run:
        run.write_table("measures", measures)
        run.write_table("summary", SUMMARY)
        run.describe(done=2, failed=[Failed(arm="before", replication=2, reason="out of memory")])
        return run.finish()


def everything_under(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*"))


def code_of(error: pytest.ExceptionInfo[ResultsError]) -> str:
    assert all(error.value.say(lang) for lang in LANGS)  # each error can be said in both languages
    return error.value.code
