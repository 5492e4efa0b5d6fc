"""From what was typed to a scenario: the changes, or a message beside each field that says what is allowed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from explore.knobs import Form, Knob, shown
from report.words import Both, both
from scenarios.errors import Problem, ScenarioError
from scenarios.replacing import replace
from scenarios.schema import Scenario
from texts import LANGS

CHOSEN = "assumption: chosen with hikkoshi explore"
"""The evidence of a number that a planner tries out."""
_LONGEST = 40
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form comes to.

    Attributes
    ----------
    typed
        Every field as it is to be shown again.
    moved
        Those that differ from the start.
    changes
        New values by key path; only those that differ from the start.
    scenario
        What they make; None where something is wrong.
    wrong
        By field; under "" what no single field is to blame for.
    """

    typed: dict[str, str]
    moved: dict[str, str] = field(default_factory=dict)
    changes: dict[str, object] = field(default_factory=dict)
    scenario: Scenario | None = None
    wrong: dict[str, Both] = field(default_factory=dict)


def read(given: Mapping[str, str], form: Form) -> Asked:
    """Read what was typed; a field that is not there keeps the value of the start."""
    typed = {name: _plain(given.get(name, text)) for name, text in form.begun.items()}
    changes: dict[str, object] = {}
    wrong: dict[str, Both] = {}
    for name, knob in form.knobs.items():
        try:
            value = _value(knob, typed[name])
        except _Refused as refused:
            wrong[name] = refused.says
            continue
        typed[name] = shown(knob, value)
        if typed[name] != form.begun[name]:
            changes[knob.key] = _with_evidence(knob, value, form.evidence[name])
    moved = {name: text for name, text in typed.items() if text != form.begun[name]}
    if wrong:
        return Asked(typed, moved, changes, None, wrong)
    try:
        return Asked(typed, moved, changes, replace(form.start, changes) if changes else form.start)
    except ScenarioError as error:
        return Asked(typed, moved, changes, None, _beside(error, form))


class _Refused(Exception):  # noqa: N818  it is an answer, not an accident
    def __init__(self, says: Both) -> None:
        super().__init__(says.en)
        self.says = says


def _plain(text: str) -> str:
    """Full-width digits are digits, and blanks around a value are nothing."""
    return unicodedata.normalize("NFKC", text).strip()[:_LONGEST]


def _value(knob: Knob, text: str) -> object:
    """Return the value that was typed.

    Raises
    ------
    _Refused
        With what was found and what is allowed.
    """
    match knob.kind:
        case "choice":
            found = [meant for word, meant, _ in knob.choices if word == text]
            if not found:
                raise _Refused(both("explore.wrong.choice", found=text))
            return found[0]
        case "date":
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise _Refused(both("explore.wrong.date", found=text)) from None
        case "hours":
            return text.replace("〜", "-").replace("~", "-").replace(" ", "")
        case "percent":
            number = _number(knob, text.rstrip("% "))
            return round(number / 100, 8)
        case "count":
            number = _number(knob, text)
            if number != int(number):
                raise _Refused(_bounds("explore.wrong.whole", knob, text))
            return int(number)


def _number(knob: Knob, text: str) -> float:
    percent = knob.kind == "percent"
    if not _NUMBER.fullmatch(text) or not knob.least <= float(text) <= knob.most:
        key = "explore.wrong.percent" if percent else "explore.wrong.whole"
        raise _Refused(_bounds(key, knob, text))
    return float(text)


def _bounds(key: str, knob: Knob, text: str) -> Both:
    return both(key, found=text, least=f"{knob.least:g}", most=f"{knob.most:g}")


def _with_evidence(knob: Knob, value: object, known: Mapping[str, Any]) -> object:
    """Return the new value; a number gets its unit and says where it comes from, and has no range of its own."""
    if not known and knob.kind not in ("count", "percent"):
        return value
    unit = {"unit": known["unit"]} if "unit" in known else {}
    return {"value": value, **unit, "source": CHOSEN}


def _beside(error: ScenarioError, form: Form) -> dict[str, Both]:
    """Put each problem beside the field that it is about."""
    by_key = {knob.key: name for name, knob in form.knobs.items()}
    wrong: dict[str, Both] = {}
    for problem in error.problems:
        near = next((name for key, name in by_key.items() if problem.key in (key, f"{key}.value")), "")
        wrong.setdefault(near, _sentence(problem))
    return wrong


def _sentence(problem: Problem) -> Both:
    ja, en = (problem.sentence(lang) for lang in LANGS)
    return Both(ja, en)
