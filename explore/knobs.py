"""What can be moved: the keys of a scenario that a planner may change on the page, in groups, with what each allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from report.words import Both, both
from scenarios.canonical import as_dict
from scenarios.keypath import parse
from scenarios.schema import Scenario

Kind = Literal["percent", "count", "date", "hours", "choice"]
MOST = 99
"""Desks, people or days; a field that takes any number would take a slip of the hand too."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One field of the form.

    Attributes
    ----------
    ident
        Its name in the form and in the address.
    key
        Key path of the scenario.
    name
        What people call it.
    kind, least, most
        What it takes; the bounds are as people write them (per cent, not shares).
    choices
        Of a choice: how it stands in the address, the value in the scenario, and its name.
    """

    ident: str
    key: str
    name: Both
    kind: Kind
    least: float = 0
    most: float = MOST
    choices: tuple[tuple[str, object, Both], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; `first` are those that a planner meets first, the others are folded away."""

    ident: str
    name: Both
    knobs: tuple[Knob, ...]
    first: bool


def groups_of(scenario: Scenario) -> tuple[Group, ...]:
    """Return all fields that a scenario has keys for."""
    crews = sorted({site.staff for site in scenario.sites}, key=lambda name: not _is_main(scenario, name))
    return (
        Group("service", both("explore.group.service"), _service(scenario), first=True),
        *(Group(f"staff_{name}", _whose(scenario, name), _crew(scenario, name), first=True) for name in crews),
        Group("shifts", both("explore.group.shifts"), _shifts(scenario, crews), first=False),
    )


@dataclass(frozen=True, slots=True)
class Form:
    """All fields over one scenario, and what it has in them.

    Attributes
    ----------
    knobs
        By name.
    begun
        What each field shows before anything is changed.
    evidence
        Of each field: the range, unit and source of its quantity; nothing where none is known.
    """

    start: Scenario
    groups: tuple[Group, ...]
    knobs: dict[str, Knob]
    begun: dict[str, str]
    evidence: dict[str, Mapping[str, Any]]


def form_of(start: Scenario) -> Form:
    """Return the form over a scenario."""
    groups = groups_of(start)
    knobs = {knob.ident: knob for group in groups for knob in group.knobs}
    data = as_dict(start)
    found = {name: _at(data, knob.key) for name, knob in knobs.items()}
    evidence = {name: value if isinstance(value, Mapping) else {} for name, value in found.items()}
    values = {name: value["value"] if isinstance(value, Mapping) else value for name, value in found.items()}
    return Form(start, groups, knobs, {name: shown(knobs[name], value) for name, value in values.items()}, evidence)


def _at(data: Mapping[str, Any], key: str) -> Any:
    value: Any = data
    for step in parse(key):
        value = value[step]
    return value


def shown(knob: Knob, value: object) -> str:
    """Write a value of the scenario as it stands in the form."""
    if knob.kind == "percent" and isinstance(value, (int, float)):
        return f"{100 * value:.6g}"
    if knob.kind == "choice":
        return next(word for word, meant, _ in knob.choices if meant == value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _is_main(scenario: Scenario, staff: str) -> bool:
    return any(site.main for site in scenario.sites if site.staff == staff)


def _whose(scenario: Scenario, staff: str) -> Both:
    """Name the offices with one kind of staffing."""
    labels = [Both(site.label.ja, site.label.en) for site in scenario.sites if site.staff == staff]
    if len(labels) == 1:
        return labels[0]
    return both("explore.group.many", first=labels[0], others=len(labels) - 1)


def _yes_or_no() -> tuple[tuple[str, object, Both], ...]:
    return (("yes", True, both("explore.choice.yes")), ("no", False, both("explore.choice.no")))


def _service(scenario: Scenario) -> tuple[Knob, ...]:
    """What the service is, and what the back office makes of it."""
    factors = [1.0, *(float(factor) for factor in scenario.one_stop.uptake_by_month.values())]
    ceiling = int(100 * scenario.cards.ceiling() / max(factors) * 10) / 10
    return (
        Knob("available", "one_stop.available", _name("available"), "choice", choices=_yes_or_no()),
        Knob("uptake", "one_stop.uptake", _name("uptake"), "percent", 0, ceiling),
        Knob("prepare", "one_stop.prepare_visits", _name("prepare"), "choice", choices=_yes_or_no()),
        Knob("ahead", "one_stop.prepare_ahead", _name("ahead"), "count", 0, 20),
    )


def _crew(scenario: Scenario, staff: str) -> tuple[Knob, ...]:
    """Desks and people of one kind of office; card desks only where there are some, or else nobody works there."""
    kinds = ["windows", "clerks", "back_office_seats"]
    kinds += ["card_desks"] if int(scenario.staff[staff].card_desks.ordinary) else []
    return tuple(
        Knob(f"{staff}_{kind}_{season}", f"staff.{staff}.{kind}.{season}", _name(f"{kind}_{season}"), "count", 1)
        for kind in kinds
        for season in ("ordinary", "peak")
    )


def _shifts(scenario: Scenario, crews: list[str]) -> tuple[Knob, ...]:
    """When who is on duty: the season of more staff, lunch, back-office hours, late and Sunday crews."""
    opening = scenario.opening
    words = ("finish", "handover")
    found = [
        Knob("peak_from", "opening.peak_from", _name("peak_from"), "date"),
        Knob("peak_to", "opening.peak_to", _name("peak_to"), "date"),
        Knob("back_office", "opening.back_office", _name("back_office"), "hours"),
        Knob(
            "shift_change",
            "opening.shift_change",
            _name("shift_change"),
            "choice",
            choices=tuple((word, word, both(f"explore.choice.{word}")) for word in words),
        ),
    ]
    if opening.lunch is not None:
        found.append(Knob("lunch_hours", "opening.lunch.hours", _name("lunch_hours"), "hours"))
        found.append(Knob("lunch", "opening.lunch.staffed", _name("lunch"), "percent", 0, 100))
    for when in ("evening", "sunday"):
        for staff in crews:
            if getattr(opening, when) is not None and getattr(scenario.staff[staff], when) is not None:
                found += [_late(when, staff, kind) for kind in ("windows", "clerks")]
    return tuple(found)


def _late(when: str, staff: str, kind: str) -> Knob:
    return Knob(f"{staff}_{when}_{kind}", f"staff.{staff}.{when}.{kind}", _name(f"{when}_{kind}"), "count", 1)


def _name(knob: str) -> Both:
    return both(f"explore.knob.{knob}")
