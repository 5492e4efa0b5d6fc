"""A model with one of everything that a scenario may hold, a file that fits it, and helpers to spoil the file."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scenarios.errors import Problem, ScenarioError, refusal
from scenarios.loading import load
from scenarios.quantity import Count, Factor, Minutes, PositiveCount, PositiveMinutes, Quantity, Share


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Period(Table):
    start: date
    end: date = Field(description="末日 / last day")

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.end < self.start:
            raise refusal("period_reversed", "end")
        return self


class OneStop(Table):
    available: bool = True
    uptake: Share = Field(description="オンライン届出率 / share that files online")
    connections: Count = Count(value=30)


class Desks(Table):
    peak: PositiveCount
    ordinary: PositiveCount = Count(value=1)


class Site(Table):
    id: str
    desks: Desks
    weight: Share = Quantity(value=0.0)


class Surge(Table):
    first: date
    persons: Count


class Outage(Table):
    kind: Literal["outage"]
    minutes: PositiveMinutes


class Slow(Table):
    kind: Literal["slow"]
    factor: Factor


class Small(Table):
    """A small scenario."""

    schema_version: Literal[1]
    name: str = Field(min_length=1)
    mode: Literal["finish", "handover"] = "finish"
    hours: str = Field("08:30-17:00", pattern=r"^\d\d:\d\d-\d\d:\d\d$", examples=["08:30-17:00"])
    note: str | None = None
    at: datetime | None = None
    days: int = Field(14, ge=0, le=120)
    patience: Minutes = Quantity(value=60.0)
    period: Period
    one_stop: OneStop
    sites: tuple[Site, ...] = Field(min_length=1)
    surges: tuple[Surge, ...] = ()
    faults: tuple[Annotated[Outage | Slow, Field(discriminator="kind")], ...] = ()
    months: dict[Annotated[str, Field(pattern=r"^\d{4}-\d\d$")], Factor] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _first_site_is_main(self) -> Small:
        if self.sites[0].id != "main":
            raise refusal("unknown_staff", "sites.0.id", allowed="main")
        return self


TEXT = """\
schema_version = 1
name = "small"
patience = { value = 60, low = 30, high = 120, unit = "min", source = "assumption" }

[period]
start = 2023-02-06
end = 2023-04-30

[one_stop]
uptake = { value = 0.16, low = 0.08, high = 0.25, source = "https://example.org/survey" } # 割合

[[sites]]
id = "main"
desks = { ordinary = 6, peak = 9 }

[[sites]]
id = "yotsuya"
weight = 0.1
[sites.desks]
peak = 2

[[surges]]
first = 2023-03-01
persons = 100

[[surges]]
first = 2023-03-08
persons = 200

[[faults]]
kind = "outage"
minutes = 15

[months]
"2023-02" = 0.5
"""


def written(folder: Path, text: str = TEXT, name: str = "small.toml") -> Path:
    """Write a scenario file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def changed(*changes: tuple[str, str], text: str = TEXT) -> str:
    """Return the file with words replaced, each of which it holds exactly once."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def problems_of(path: Path) -> tuple[Problem, ...]:
    """Load a file that cannot be used, and return what is wrong with it."""
    try:
        load(path, Small)
    except ScenarioError as error:
        return error.problems
    raise AssertionError("the file loads")


def only_problem(path: Path) -> Problem:
    """Load a file with one fault."""
    (problem,) = problems_of(path)
    return problem


def child(folder: Path, text: str, name: str = "child.toml", base: str = "small.toml") -> Path:
    """Write a scenario file that extends another."""
    return written(folder, f'schema_version = 1\nextends = "{base}"\n{text}', name)
