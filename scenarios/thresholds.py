"""What a load test must keep, as one writes it: `response.p99 of submit < 2s during peak`, `lost == 0`.

    rule = metric [ "." statistic ] [ "of" call ] operator value [ "during" phase ]

`loadtests.rules` holds rules against what was measured. Numbers are exact: microseconds, counts and fractions.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from pydantic_core import PydanticCustomError

from scenarios.checking import nearest
from texts import Lang, say


class Measure(StrEnum):
    """What a metric is measured in."""

    DURATION = "duration"
    """A distribution of times; a statistic says which."""
    COUNT = "count"
    """Cases in the whole run."""
    SHARE = "share"
    """A part of all."""
    RATIO = "ratio"
    """How many times."""


METRICS: Final = {
    "response": Measure.DURATION,
    "service": Measure.DURATION,
    "delivered": Measure.DURATION,
    "telegram": Measure.DURATION,
    "failures": Measure.SHARE,
    "headroom": Measure.RATIO,
    "lost": Measure.COUNT,
    "duplicated": Measure.COUNT,
    "misrouted": Measure.COUNT,
    "crosstalk": Measure.COUNT,
    "corrupted": Measure.COUNT,
    "unexpected": Measure.COUNT,
    "out_of_order": Measure.COUNT,
    "stale": Measure.COUNT,
    "false_error": Measure.COUNT,
    "unaudited": Measure.COUNT,
    "late": Measure.COUNT,
    "slow": Measure.COUNT,
    "growth": Measure.COUNT,
}
"""By name. `response` and `service` are of calls, from when they were due and from when they were sent (real time);
`delivered` and `telegram` are from the acknowledgement to the arrival at the town (time of the scenario)."""

OF_CALLS: Final = ("response", "service", "failures")
"""Metrics that can be asked of one kind of call, and during a phase."""

DATA: Final = tuple(name for name, measure in METRICS.items() if measure is Measure.COUNT)[:10]
"""Counts of faulty data; their only rule is `== 0`."""

CALLS: Final = (
    *("log_in", "submit", "enquire", "sign", "status", "withdraw"),
    *("poll", "fetch", "acknowledge", "staff", "telegram", "card", "ocsp", "audit"),
)
"""Kinds of calls: of applicants, of towns, staff and auditors."""

PHASES: Final = ("run", "peak", "calm", "incident")
"""The whole run; its busiest quarter; all but incidents; incidents alone. Besides: an incident's id, and hours of the
scenario as 09:30-10:30."""

OFF: Final = "off"
"""Stands in the place of a rule that a scenario does not want."""

_OPERATORS: Final[dict[str, Callable[[Fraction, Fraction], bool]]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
}
_MICROS: Final = {"us": 1, "ms": 1_000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000}
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<hours>\d\d:\d\d-\d\d:\d\d)|(?P<number>-?\d+(?:\.\d+)?)(?P<unit>[A-Za-z%]*)"
    r"|(?P<word>[A-Za-z_]\w*)(?:\.(?P<stat>\w*(?:\.\d+)?))?|(?P<operator>[<>=!]+)|(?P<other>\S))"
)
_PERCENTILE: Final = re.compile(r"p(\d{1,2}(?:\.\d{1,6})?|100)")


class RuleError(ValueError):
    """A rule that cannot be read: what was found, from which character on (from 1), and what is allowed."""

    def __init__(self, code: str, position: int, found: str, allowed: str, suggestion: str | None = None) -> None:
        self.code = code
        self.position = position
        self.found = found
        self.allowed = allowed
        self.suggestion = suggestion
        super().__init__(self.say("en"))

    def say(self, lang: Lang) -> str:
        """Return the message in one language."""
        return say(self.code, lang, position=self.position, found=self.found, allowed=self.allowed)

    def as_pydantic(self) -> PydanticCustomError:
        """Return what a validator of a model raises."""
        context = {"position": self.position, "found": self.found, "allowed": self.allowed}
        if self.suggestion is not None:
            context["suggestion"] = self.suggestion
        return PydanticCustomError(self.code.removeprefix("E-"), "not a rule", context)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it was understood.

    Attributes
    ----------
    metric, statistic
        What is measured; "p99.9", "max", "mean" or "min" of a duration, else empty.
    call
        Kind of call, or empty for all.
    comparison, limit
        "<=" and the number: microseconds, cases, a part of 1, or times.
    phase
        A name of PHASES, an incident's id, or hours.
    """

    metric: str
    statistic: str
    call: str
    comparison: str
    limit: Fraction
    phase: str

    @property
    def measure(self) -> Measure:
        """What it is measured in."""
        return METRICS[self.metric]

    @property
    def percent(self) -> float | None:
        """Percentile that is asked for; None for another statistic."""
        return float(self.statistic[1:]) if self.statistic.startswith("p") else None

    def met_by(self, measured: Fraction | int) -> bool:
        """Whether a measured number keeps the rule."""
        return _OPERATORS[self.comparison](Fraction(measured), self.limit)

    def __str__(self) -> str:
        metric = f"{self.metric}.{self.statistic}" if self.statistic else self.metric
        of = f" of {self.call}" if self.call else ""
        during = f" during {self.phase}" if self.phase != "run" else ""
        return f"{metric}{of} {self.comparison} {self.said(self.limit)}{during}"

    def said(self, number: Fraction | int) -> str:
        """Write a number in the unit of the rule, exactly if it can be written so."""
        exact = Fraction(number)
        if self.measure is Measure.DURATION:
            unit = next((name for name in reversed(_MICROS) if exact >= _MICROS[name] and _short(exact, name)), "us")
            return f"{_decimal(exact / _MICROS[unit])}{unit}"
        return f"{_decimal(exact * 100)}%" if self.measure is Measure.SHARE else _decimal(exact)


def _short(number: Fraction, unit: str) -> bool:
    return (number / _MICROS[unit] * 1000).denominator == 1


def _decimal(number: Fraction) -> str:
    """Write a number with as many places as it needs, six at most."""
    text = f"{float(number):.6f}".rstrip("0").rstrip(".")
    return text or "0"


@dataclass
class _Reader:
    """The words of a rule, one after the other."""

    text: str
    place: int = 0
    at: int = 1

    def next(self) -> re.Match[str] | None:
        """Return the next word; None at the end."""
        match = _TOKEN.match(self.text, self.place)
        if match is None:
            self.at = len(self.text.rstrip()) + 1
            return None
        self.at = match.end() - len(match[0].lstrip()) + 1
        self.place = match.end()
        return match

    def refuse(self, code: str, match: re.Match[str] | None, allowed: Iterable[str], near: str = "") -> RuleError:
        """Return the error for a word that does not fit."""
        listed = tuple(allowed)
        found = match[0].strip() if match is not None else ""
        return RuleError(code, self.at, found, ", ".join(listed), nearest(near, listed) if near else None)


def parse(text: str) -> Rule:
    """Read a rule.

    Raises
    ------
    RuleError
        For the first word that does not fit, with its place.
    """
    reader = _Reader(text)
    metric, statistic = _metric(reader)
    match = reader.next()
    call = ""
    if match is not None and match["word"] == "of" and match["stat"] is None:
        call = _call(reader, metric)
        match = reader.next()
    if match is None or match["operator"] not in _OPERATORS:
        raise reader.refuse("E-rule_operator", match, _OPERATORS)
    comparison = match["operator"]
    limit = _limit(reader, METRICS[metric])
    if metric in DATA and (comparison != "==" or limit != 0):
        raise reader.refuse("E-rule_zero", None, [f"{metric} == 0"])
    phase = _phase(reader, metric)
    return Rule(metric, statistic, call, comparison, limit, phase)


def _metric(reader: _Reader) -> tuple[str, str]:
    match = reader.next()
    name = match["word"] if match is not None else None
    if name not in METRICS:
        raise reader.refuse("E-rule_metric", match, METRICS, name or "")
    assert match is not None
    statistic = match["stat"]
    if METRICS[name] is Measure.DURATION:
        if statistic not in ("max", "mean", "min") and not _PERCENTILE.fullmatch(statistic or ""):
            raise reader.refuse("E-rule_statistic", match, [f"{name}.{one}" for one in ("p99", "p99.9", "max", "mean")])
    elif statistic is not None:
        raise reader.refuse("E-rule_no_statistic", match, [name])
    return name, statistic or ""


def _call(reader: _Reader, metric: str) -> str:
    if metric not in OF_CALLS:
        raise RuleError("E-rule_of", reader.at, f"{metric} of", ", ".join(OF_CALLS))
    match = reader.next()
    name = match["word"] if match is not None and match["stat"] is None else None
    if name not in CALLS:
        raise reader.refuse("E-rule_call", match, CALLS, name or "")
    return name


def _limit(reader: _Reader, measure: Measure) -> Fraction:
    match = reader.next()
    if match is None or match["number"] is None or match["number"].startswith("-"):
        raise reader.refuse("E-rule_number", match, [_EXAMPLES[measure]])
    number, unit = Fraction(match["number"]), match["unit"]
    if measure is Measure.DURATION:
        if unit not in _MICROS:
            raise reader.refuse("E-rule_unit", match, _MICROS)
        return number * _MICROS[unit]
    if measure is Measure.SHARE and unit == "%":
        number /= 100
    elif unit:
        raise reader.refuse("E-rule_unit", match, [_EXAMPLES[measure]])
    if measure is Measure.COUNT and number.denominator != 1:
        raise reader.refuse("E-rule_number", match, [_EXAMPLES[measure]])
    if measure is Measure.SHARE and number > 1:
        raise reader.refuse("E-rule_number", match, ["0% - 100%"])
    return number


_EXAMPLES: Final = {Measure.DURATION: "2s", Measure.COUNT: "0", Measure.SHARE: "0.1%", Measure.RATIO: "1.5"}


def _phase(reader: _Reader, metric: str) -> str:
    match = reader.next()
    if match is None:
        return "run"
    if match["word"] != "during":
        raise reader.refuse("E-rule_rest", match, ["during"], match["word"] or "")
    if metric not in OF_CALLS:
        raise RuleError("E-rule_during", reader.at, metric, ", ".join(OF_CALLS))
    match = reader.next()
    name = None if match is None else match["hours"] or (match["word"] if match["stat"] is None else None)
    if name is None or not _is_phase(name):
        raise reader.refuse("E-rule_phase", match, (*PHASES, "09:30-10:30"))
    if (more := reader.next()) is not None:
        raise reader.refuse("E-rule_rest", more, [""])
    return name


def _is_phase(name: str) -> bool:
    """Whether a name can be that of a phase; which incidents there are the scenario knows."""
    if ":" not in name:
        return True
    return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)", name) is not None and (
        name[:5] < name[6:]
    )
