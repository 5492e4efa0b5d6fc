"""The answer for programs: one JSON object with a version. `docs/command_line.md` describes it; models here hold it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from math import isfinite, nan
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cli.answer import QUESTIONS, Answer, Question
from cli.answer_table import next_command
from report.findings import Verdict
from scenarios.canonical import scenario_hash


class Part(BaseModel):
    """A part of the object. A number that does not exist (no interval, no observation) is null."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Names(Part):
    """A name in both languages."""

    ja: str
    en: str


class ArmPart(Part):
    """One scenario of the run."""

    arm: str = Field(description="name in all tables of the run")
    title: Names
    scenario: str = Field(description="the path or name that was given")
    sha256: str = Field(description="of the resolved scenario as canonical JSON (RFC 8785)")


class PeriodPart(Part):
    """The days that count, first and last, and the days before them that do not."""

    first: dt.date
    last: dt.date
    warm_up_days: int


class FailurePart(Part):
    """A replication that did not finish."""

    arm: str
    replication: int
    reason: str


class ReplicationsPart(Part):
    """How many replications were asked for (null: as many as the precision needs), and how many are in the results."""

    asked: int | None
    done: int
    failed: list[FailurePart]


class PrecisionPart(Part):
    """What the stop rule said, where a precision was asked for."""

    target: float = Field(description="half-width of the 95 % interval as a share of the mean")
    at_most: int
    reached: bool
    recommended: int | None = Field(description="replications that give the precision")
    relative_half_widths: dict[str, float | None] = Field(description="by arm and measure")


class Group(Part):
    """A measure in a group; a column that says "all" is not broken down."""

    measure: str
    unit: str
    kind: str = "all"
    users: str = "all"


class LevelPart(Group):
    """An estimate in one arm, with its 95 % interval."""

    arm: str
    estimate: float | None
    lo95: float | None
    hi95: float | None
    n: int


class ChangePart(Group):
    """What an arm has more than the first one, replication by replication, with its 95 % interval."""

    arm: str
    before: float | None = Field(description="of the first arm")
    after: float | None
    difference: float | None
    lo95: float | None
    hi95: float | None
    n: int
    verdict: Verdict = Field(description="lower, higher, same or cannot_say (the interval holds 0)")


class LawPart(Part):
    """A law of queueing that does not hold; the results are not to be trusted then."""

    arm: str
    replication: int
    law: str
    place: str


class LawsPart(Part):
    """The checks that every run must pass."""

    checked: int
    broken: list[LawPart]


class StagePart(Part):
    """A stage of the run: seconds of all processors together, and those that somebody waited (null: side by side)."""

    stage: str
    processor_seconds: float
    wall_seconds: float | None


class Document(Part):
    """The whole object."""

    format: Literal["hikkoshi.answer"] = "hikkoshi.answer"
    version: Literal[1] = 1
    arms: list[ArmPart]
    period: PeriodPart
    seed: int
    engine: str
    replications: ReplicationsPart
    precision: PrecisionPart | None
    levels: list[LevelPart] = Field(description="estimates of every arm, in the order of the table")
    changes: list[ChangePart] = Field(description="every further arm against the first; empty for one arm")
    variance_ratio: float | None = Field(
        description="how many times common random numbers cut the variance of the difference of the mean waits"
    )
    laws: LawsPart
    run: str = Field(description="the run folder")
    report: str | None
    profile: list[StagePart] | None = Field(None, description="with --profile: where the time went; the last is all")
    next: list[str] = Field(description="the command that is best typed next")
    exit_code: int


def document(answer: Answer) -> str:
    """Return the JSON object of an answer."""
    period = next(iter(answer.arms.values())).scenario.period
    written = answer.written
    return Document(
        arms=_arms(answer),
        period=PeriodPart(first=period.start, last=period.end, warm_up_days=period.warm_up_days),
        seed=answer.plan.seed,
        engine=answer.plan.engine,
        replications=_replications(answer),
        precision=_precision(answer),
        levels=[row for arm in answer.names for row in _levels(answer, arm)],
        changes=[row for arm in answer.names[1:] for row in _changes(answer, arm)],
        variance_ratio=_number(answer.variance_ratio),
        laws=LawsPart(checked=answer.laws, broken=_broken(answer)),
        run=str(written.path),
        report=None if written.report is None else str(written.report),
        profile=_profile(answer),
        next=next_command(answer),
        exit_code=int(answer.exit),
    ).model_dump_json(indent=2)


def _profile(answer: Answer) -> list[StagePart] | None:
    if answer.profile is None:
        return None
    return [
        StagePart(
            stage=lap.stage,
            processor_seconds=round(lap.processor, 3),
            wall_seconds=None if lap.wall is None else round(lap.wall, 3),
        )
        for lap in answer.profile
    ]


def asked() -> list[Question]:
    """Return every question that the table answers."""
    return [question for questions in QUESTIONS.values() for question in questions]


def _arms(answer: Answer) -> list[ArmPart]:
    return [
        ArmPart(
            arm=name,
            title=Names(ja=arm.scenario.title.ja, en=arm.scenario.title.en),
            scenario=word,
            sha256=scenario_hash(arm.data),
        )
        for word, (name, arm) in zip(answer.words, answer.arms.items(), strict=True)
    ]


def _replications(answer: Answer) -> ReplicationsPart:
    failed = [
        FailurePart(arm=one.arm, replication=one.replication, reason=one.reason) for one in answer.outcome.failures
    ]
    asked_for = answer.plan.replications if answer.plan.precision is None else None
    return ReplicationsPart(asked=asked_for, done=answer.outcome.done, failed=failed)


def _precision(answer: Answer) -> PrecisionPart | None:
    rule, verdict = answer.plan.precision, answer.outcome.verdict
    if rule is None or verdict is None:
        return None
    return PrecisionPart(
        target=rule.target,
        at_most=rule.ceiling,
        reached=verdict.guaranteed,
        recommended=verdict.recommended,
        relative_half_widths={name: _number(width) for name, width in verdict.half_widths.items()},
    )


def _levels(answer: Answer, arm: str) -> list[LevelPart]:
    rows: list[LevelPart] = []
    for question, group in _measured(answer):
        found = answer.level(arm, question)
        numbers = (nan, nan, nan) if found is None else (found.estimate, found.lo, found.hi)
        named = dict(zip(("estimate", "lo95", "hi95"), map(_number, numbers), strict=True))
        rows.append(LevelPart(**group, **named, arm=arm, n=0 if found is None else found.n))
    return rows


def _changes(answer: Answer, arm: str) -> list[ChangePart]:
    rows: list[ChangePart] = []
    for question, group in _measured(answer):
        found = answer.change(arm, question)
        names = ("before", "after", "difference", "lo", "hi")
        numbers = [_number(nan if found is None else getattr(found, name)) for name in names]
        named = dict(zip(("before", "after", "difference", "lo95", "hi95"), numbers, strict=True))
        verdict = Verdict.CANNOT_SAY if found is None else found.verdict
        rows.append(ChangePart(**group, **named, arm=arm, n=0 if found is None else found.n, verdict=verdict))
    return rows


def _measured(answer: Answer) -> Iterator[tuple[Question, dict[str, str]]]:
    """Every question that was measured, with what names it."""
    for question in asked():
        unit = answer.unit(question)
        if unit is not None:
            yield question, {"measure": question.measure, "unit": unit, **question.groups}


def _broken(answer: Answer) -> list[LawPart]:
    columns = ["arm", "replication", "law", "place"]
    return [
        LawPart(arm=str(arm), replication=int(number), law=str(law), place=str(place))
        for arm, number, law, place in answer.broken[columns].itertuples(index=False)
    ]


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None
