"""The computed parts of `docs/fakes_states.md` and `docs/fakes_faults.md`: machines, needs of steps, faults, defects.

Fill them again with `python -m fakes.documents`; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

import fakes
from fakes.defects import DEFECTS
from fakes.faults.effects import EFFECTS, Phase
from fakes.faults.incidents import SYSTEMS
from fakes.states.application import (
    MOVE_OUT_APPLICATION,
    ApplicationState,
    status_code,
    submission_code,
)
from fakes.states.card import SECRET
from fakes.states.certificate import SIGNING_CERTIFICATE
from fakes.states.lease import LEASE
from fakes.states.machine import Machine, Refusal
from fakes.states.moving import MOVE_KINDS, MoveKind, Part
from fakes.states.register import OUT_TRANSACTION, PLANNED, REMOVAL
from fakes.states.telegram import CERTIFICATE_DATA
from fakes.states.visit import VISIT
from texts import LANGS, catalogue, pages, say

DOCS: Final = Path(fakes.__file__).parent.parent / "docs"

MACHINES: Final[dict[str, Machine[Any, Any]]] = {
    machine.name: machine
    for machine in (
        MOVE_OUT_APPLICATION,
        VISIT,
        OUT_TRANSACTION,
        SIGNING_CERTIFICATE,
        CERTIFICATE_DATA,
        PLANNED,
        REMOVAL,
        LEASE,
        SECRET,
    )
}
"""One of each name; another with the same name differs in the actors only."""


def both(key: str) -> str:
    """Return a text in Japanese and English."""
    return " / ".join(say(key, lang) for lang in LANGS)


def drawing(name: str) -> str:
    """Return a machine as a Mermaid state diagram; arrows between the same states are one, with all their events."""
    machine = MACHINES[name]
    arrows: dict[tuple[str, str], list[str]] = {}
    for source, event, _, target in machine.transitions():
        arrows.setdefault((source, target), []).append(machine.event_label(event, "ja"))
    lines = [
        "stateDiagram-v2",
        *(f'    state "{machine.label(state, "ja")} {state}" as {_id(state)}' for state in machine.states),
        f"    [*] --> {_id(machine.initial)}",
        *(f"    {_id(source)} --> {_id(target)}: {'<br>'.join(said)}" for (source, target), said in arrows.items()),
        *(f"    {_id(state)} --> [*]" for state in machine.states if _ends(machine, state)),
    ]
    return "```mermaid\n" + "\n".join(lines) + "\n```"


def events(name: str) -> str:
    """Return a table of the events of a machine: name, in both languages, who may cause it, from where to where."""
    machine = MACHINES[name]
    rows = []
    for event in machine.events:
        own = [arrow for arrow in machine.arrows if arrow.event is event]
        rows.append(
            (
                f"`{event}`",
                both(f"event.{name}.{event}"),
                ", ".join(dict.fromkeys(both(f"actor.{actor}") for arrow in own for actor in arrow.actors)),
                "; ".join(f"{', '.join(arrow.sources)} → {arrow.target}" for arrow in own),
            )
        )
    return pages.table(("event", "出来事 / event", "誰が / who", "from → to"), rows)


def codes(_: str) -> str:
    """Return a table of the states of an application with the codes of the two inquiries."""
    rows = (
        (
            f"`{state}`",
            both(f"state.application.{state}"),
            _or_dash(submission_code(state)),
            _or_dash(status_code(state)),
        )
        for state in ApplicationState
    )
    return pages.table(("state", "状態 / state", "submission inquiry", "application status"), rows)


def needs(name: str) -> str:
    """Return a table of what the steps of a kind of move wait for, besides the machine of their own part."""
    kind = _kind(name)
    rows = []
    for part, machine in kind.parts.items():
        for event in machine.events:
            waits = [
                f"{both(f'part.{need.part}')}: {_states(kind, need.part, need.states)} (`{need.code}`)"
                for need in kind.needs.get((part, event), ())
            ]
            rule = kind.times.get((part, event))
            times = [both(f"time_rule.{rule}")] if rule else []
            if waits or times:
                step = f"{both(f'part.{part}')}: {both(f'event.{machine.name}.{event}')}"
                rows.append((step, "; ".join(waits) or "–", "; ".join(times) or "–"))
    return pages.table(("手続き / step", "前提 / needs", "期間・時間 / time"), rows)


def milestones(name: str) -> str:
    """Return the milestones of a kind of move, numbered."""
    kind = _kind(name)
    return "\n".join(
        f"{place}. {both(f'part.{part}')}: {_states(kind, part, states)}"
        for place, (part, states) in enumerate(kind.milestones, 1)
    )


def refusals(_: str) -> str:
    """Return a table of refusals with their HTTP status and sentences."""
    texts = catalogue()
    rows = (
        (f"`{code}`", str(code.status), texts[f"refusal.{code}"]["ja"], texts[f"refusal.{code}"]["en"])
        for code in Refusal
    )
    return pages.table(("code", "HTTP", "日本語", "English"), rows)


def effects(_: str) -> str:
    """Return a table of what faults do: the word, in both languages, phases (the usual one first), and what is set."""
    rows = (
        (
            f"`{what}`",
            both(f"effect.{what}"),
            ", ".join(f"`{phase}`" for phase in kind.phases),
            ", ".join(f"`{field.name}` = {field.default!r}" for field in msgspec.structs.fields(kind)) or "–",
        )
        for what, kind in EFFECTS.items()
    )
    return pages.table(("what", "障害 / fault", "段階 / phases", "値 / values"), rows)


def phases(_: str) -> str:
    """Return a table of the phases of a call."""
    return pages.table(("phase", "段階 / phase"), ((f"`{phase}`", both(f"phase.{phase}")) for phase in Phase))


def systems(_: str) -> str:
    """Return a table of where the systems of a scenario are."""
    rows = (
        (f"`{name}`", f"`{where.server}`", ", ".join(f"`{route}`" for route in where.routes) or "all")
        for name, where in SYSTEMS.items()
    )
    return pages.table(("system", "server", "paths"), rows)


def defects(_: str) -> str:
    """Return a table of the seeded defects."""
    rows = (
        (
            f"`{name}`" if defect.amount is None else f"`{name}={defect.amount.usual}`",
            *(defect.label(lang) for lang in LANGS),
            f"{defect.amount.least:,} – {defect.amount.most:,}" if defect.amount is not None else "–",
            f"{defect.server}, {both(f'phase.{defect.phase}')}",
            both(f"finding.{defect.finding}"),
        )
        for name, defect in DEFECTS.items()
    )
    return pages.table(("name", "不具合", "defect", "値 / amount", "どこで / where", "見つかるもの / finding"), rows)


def _kind(name: str) -> MoveKind:
    return {kind.name: kind for kind in MOVE_KINDS}[name]


def _states(kind: MoveKind, part: Part, states: Iterable[StrEnum]) -> str:
    machine = kind.parts[part]
    return ", ".join(f"`{state}`" for state in machine.states if state in states)


def _ends(machine: Machine[Any, Any], state: StrEnum) -> bool:
    return all(source is not state for source, *_ in machine.transitions())


def _id(state: str) -> str:
    """Return a name that no keyword of Mermaid takes."""
    return f"s_{state}"


def _or_dash(code: StrEnum | None) -> str:
    return "–" if code is None else f"`{code}` {code.name}"


FILLERS: Final[pages.Fillers] = {
    "drawing": drawing,
    "events": events,
    "codes": codes,
    "needs": needs,
    "milestones": milestones,
    "refusals": refusals,
    "effects": effects,
    "phases": phases,
    "systems": systems,
    "defects": defects,
}

if __name__ == "__main__":
    pages.refresh(DOCS, FILLERS)
