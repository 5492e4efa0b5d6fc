"""The answer of the study of the country for programs: one JSON object. `docs/national.md` describes it."""

from __future__ import annotations

import datetime as dt
from math import isfinite
from typing import Any, Literal

import pandas as pd
from pydantic import Field

from cli.answer_json import Names, Part, PeriodPart
from cli.exits import Exit
from cli.national.answer import Answer
from scenarios.canonical import scenario_hash
from sim.national.findings import highest_peaks, of_arm
from sim.national.offices import by_queue


class ScenarioPart(Part):
    """The scenario of the study."""

    scenario: str = Field(description="the path or name that was given")
    title: Names
    sha256: str = Field(description="of the resolved scenario as canonical JSON (RFC 8785)")


class FilingsPart(Part):
    """Filings of one kind in the period, mean over the replications."""

    kind: str
    filings: float


class RequiredPart(Part):
    """What a system has to bear, over the minutes of a period of the clock, all replications together."""

    system: Literal["portal", "relay"]
    arm: Literal["without", "with"]
    period: Literal["month", "busiest_day", "busiest_hour"]
    unit: Literal["filings/min"]
    p50: int
    p95: int
    max: int
    minutes_counted: int


class PeakPart(Part):
    """The busiest minute, hour or day of the clock in any replication."""

    system: str
    arm: str
    span: Literal["minute", "hour", "day"]
    filings: int
    begins: dt.datetime
    replication: int


class SizePart(Part):
    """Municipalities of one class of size, mean over the replications."""

    people_from: int
    towns: float
    load_max: float
    waiting: float
    overflowing: float
    share_overflowing: float
    visits: float
    overtime_h: float


class OfficePart(Part):
    """One of the longest queues at closing, mean over the replications."""

    town: str
    people: float
    windows: float
    clerks: float
    visits: float
    load_max: float
    days_over: float
    queue_at_closing: float
    worst_day: dt.date | None
    latest_min: float
    overtime_h: float


class ChangePart(Part):
    """What the incident changes; hour is of arrival, "all", or "until noon". A number that does not exist is null."""

    measure: str
    unit: str
    hour: str
    without: float | None
    within: float | None = Field(alias="with")
    difference: float | None


class InputsPart(Part):
    """How many numbers of the scenario are assumed; the table `assumptions` of the run has them all."""

    assumed: int
    total: int


class Document(Part):
    """The whole object."""

    format: Literal["hikkoshi.national"] = "hikkoshi.national"
    version: Literal[1] = 1
    scenario: ScenarioPart
    period: PeriodPart
    seed: int
    engine: str
    replications: int
    filings: list[FilingsPart]
    required_rates: list[RequiredPart]
    peaks: list[PeakPart]
    sizes: list[SizePart]
    longest_queues: list[OfficePart] = Field(description="the twenty longest, the longest first")
    changes: list[ChangePart] = Field(description="empty for a scenario without incidents")
    inputs: InputsPart
    stages: dict[str, float] = Field(description="seconds that each stage took")
    run: str = Field(description="the run folder")
    exit_code: int


LONGEST = 20


def document(answer: Answer) -> str:
    """Return the JSON object of an answer."""
    result, scenario = answer.result, answer.result.scenario
    period = scenario.period
    assumed, total = answer.inputs()
    return Document(
        scenario=ScenarioPart(
            scenario=answer.word,
            title=Names(ja=scenario.title.ja, en=scenario.title.en),
            sha256=scenario_hash(answer.data),
        ),
        period=PeriodPart(first=period.start, last=period.end, warm_up_days=period.warm_up_days),
        seed=result.seed,
        engine=answer.engine,
        replications=result.replications,
        filings=[FilingsPart(**row) for row in _means(of_arm(result.filings, "without"), ["kind"])],
        required_rates=[RequiredPart(**row) for row in _rows(result.required_rates)],
        peaks=[_peak(row) for row in _rows(highest_peaks(result))],
        sizes=[SizePart(**row) for row in _means(of_arm(result.sizes, "without"), ["people_from"])],
        longest_queues=[_office(row) for row in _rows(by_queue(of_arm(result.offices, "without")).head(LONGEST))],
        changes=[_change(row) for row in _means(result.outage, ["measure", "unit", "hour"])],
        inputs=InputsPart(assumed=assumed, total=total),
        stages={str(stage): round(seconds, 3) for stage, seconds in answer.seconds().items()},
        run=str(answer.run),
        exit_code=int(Exit.FINE),
    ).model_dump_json(indent=2, by_alias=True)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _means(table: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    """Return the means over the replications, a row for each group, in the order in which they come."""
    numbers = table.drop(columns=["replication", "arm"], errors="ignore")
    return _rows(numbers.groupby(names, sort=False).mean().reset_index())


def _peak(row: dict[str, Any]) -> PeakPart:
    begins = dt.datetime.fromisoformat(row["date"]) + dt.timedelta(minutes=int(row["minute"]))
    return PeakPart(**{name: row[name] for name in ("system", "arm", "span", "filings", "replication")}, begins=begins)


def _office(row: dict[str, Any]) -> OfficePart:
    known = {name: row[name] for name in OfficePart.model_fields}
    return OfficePart(**known | {"worst_day": row["worst_day"] or None})


def _change(row: dict[str, Any]) -> ChangePart:
    numbers = {name: float(row[name]) for name in ("without", "with", "difference")}
    found = {name: value if isfinite(value) else None for name, value in numbers.items()}
    return ChangePart.model_validate({name: row[name] for name in ("measure", "unit", "hour")} | found)
