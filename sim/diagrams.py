"""Flows drawn as indented text, from their steps: what people read in `docs/flows.md` is what the model does.

Steps go in, lines come out. Words in brackets are columns of the households; arrows lead to labels, which end with a
colon. A piece that many flows share (`PIECES`) is one line in them and has a drawing of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.flows import SUBMIT, card_work
from sim.program import Op
from sim.steps import DAY_CLASS, Activity, Flow, Role, Step, Steps

INDENT = "    "
ARROW = "→"
CLASSES = ("in progress", "day", "evening", "back office")
"""Names of the priority classes, in their order."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Steps that several flows share, whatever their labels and names are called there."""

    name: str
    steps: Steps


PIECES = (Piece("file online", SUBMIT), Piece("card work", card_work("no_answer", "done")))


def draw(steps: Steps, pieces: tuple[Piece, ...] = PIECES) -> str:
    """Draw steps from top to bottom, as text without a line end."""
    lines, open_blocks = [], 0
    drawn = list(_lines(steps, pieces))
    conditions: tuple[str, ...] = ()
    for line, following in zip(drawn, [*drawn[1:], None], strict=True):
        open_blocks = _common(conditions, line.conditions)
        lines += [f"{INDENT * open_blocks}{_words(label)}:" for label in line.labels]
        conditions = line.conditions
        depth = len(conditions)
        goes_on = following and not following.labels and _common(conditions, following.conditions) > open_blocks
        if depth == open_blocks + 1 and not goes_on:
            lines.append(f"{INDENT * open_blocks}{_condition(conditions[-1])}: {line.text}")
            conditions = conditions[:open_blocks]
        else:
            lines += [f"{INDENT * n}{_condition(conditions[n])}:" for n in range(open_blocks, depth)]
            lines.append(f"{INDENT * depth}{line.text}")
    return "\n".join(lines)


def columns_of(flow: Flow) -> set[str]:
    """Household columns that a flow reads: who lives it, where, and all that its steps name."""
    named = {flow.who, flow.site}
    for step in flow.steps:
        named.update(column.removeprefix("!") for column in step.when)
        named.update(column for column in (step.value, step.klass) if isinstance(column, str))
    return named


@dataclass(frozen=True, slots=True)
class _Line:
    """One line, the conditions under which it exists (outermost first), and labels in front of it."""

    text: str
    conditions: tuple[str, ...]
    labels: tuple[str, ...]


def _lines(steps: Steps, pieces: tuple[Piece, ...]) -> Iterator[_Line]:
    """Turn steps into lines; steps that belong together share one."""
    targets = {step.to for step in steps if step.op is not Op.RELEASE}
    places = {step.name: str(step.place) for step in steps if step.op is Op.SEIZE}
    position = 0
    while position < len(steps):
        rest = steps[position:]
        piece = next((piece for piece in pieces if steps != piece.steps and _is(rest, piece)), None)
        group = rest[: len(piece.steps) if piece else _together(rest, targets)]
        conditions = group[0].when[len(piece.steps[0].when) :] if piece else group[0].when
        label = group[0].label
        yield _Line(
            text=_whole(piece, group) if piece else _text(group, places),
            conditions=tuple(reversed(conditions)),
            labels=(label,) if label in targets and label else (),
        )
        position += len(group)


def _is(steps: Steps, piece: Piece) -> bool:
    """Whether steps begin with a piece, under conditions that hold for all of it."""
    if len(steps) < len(piece.steps):
        return False
    outer = steps[0].when[len(piece.steps[0].when) :]
    return all(
        _meaning(own) == _meaning(other) and own.when == (*other.when, *outer)
        for own, other in zip(steps, piece.steps, strict=False)
    )


def _meaning(step: Step) -> tuple[object, ...]:
    return step.op, step.place, step.token, step.klass, step.value, step.role, step.activity


def _whole(piece: Piece, group: Steps) -> str:
    """Draw a piece as one line; where it may lead out of itself, say where to."""
    inner = {step.label for step in piece.steps} | {step.name for step in piece.steps if step.op is Op.SEIZE}
    ways = {
        f"{_words(own.to)} {ARROW} {_words(to)}"
        for own, to in ((own, other.to) for own, other in zip(piece.steps, group, strict=True))
        if own.to and to and own.to not in inner
    }
    return f"{piece.name.upper()}" + (f" ({'; '.join(sorted(ways, reverse=True))})" if ways else "")


def _together(steps: Steps, targets: set[str | None]) -> int:
    """How many of the steps make one line: one unit taken for one thing, several units taken, or given back."""
    first, alike = steps[0], 1
    while alike < len(steps) and steps[alike].when == first.when and steps[alike].label not in targets - {None}:
        alike += 1
    rest = steps[1:alike]
    for length, ops in ((2, ()), (3, (Op.DELAY, Op.WORK))):
        *inner, back = rest[: length - 1] or (first,)
        gives_back = back.op is Op.RELEASE and back.to == first.name
        if len(inner) == length - 2 and gives_back and all(step.op in ops for step in inner):
            return length
    if first.op not in (Op.SEIZE, Op.RELEASE):
        return 1
    joined = 0
    while joined < len(rest) and rest[joined].op is first.op and _joins(first, rest[joined]):
        joined += 1
    return 1 + joined


def _joins(first: Step, other: Step) -> bool:
    """A second unit is taken in the same line if nobody gives up on it and its class is the same."""
    return first.op is Op.RELEASE or (other.value is None and other.klass == first.klass)


def _text(group: Steps, places: dict[str, str]) -> str:
    first = group[0]
    if first.op is Op.RELEASE:
        return f"give back {', '.join(_words(places[str(step.to)]) for step in group)}"
    if first.op is not Op.SEIZE:
        return _single(first)
    if len(group) == 2 and group[1].op is Op.RELEASE:
        return f"pass {_queue(group[:1])}"
    if len(group) == 3 and group[2].op is Op.RELEASE:
        return f"queue for {_queue(group[:1])}: {_take(group[1], at=first)}"
    return f"queue for {_queue(group)}"


def _queue(group: Steps) -> str:
    first = group[0]
    notes = []
    if first.klass != DAY_CLASS:
        notes.append(f"class [{first.klass}]" if isinstance(first.klass, str) else f"class {CLASSES[first.klass]}")
    if first.value is not None:
        notes.append(f"after [{first.value}] {ARROW} {_words(first.to)}")
    return ", then ".join(_words(step.place) for step in group) + (f" ({'; '.join(notes)})" if notes else "")


def _take(step: Step, at: Step | None = None) -> str:
    notes = [] if step.activity is Activity.NONE else [f"staff: {step.activity}"]
    if step.place is not None and (at is None or step.place is not at.place):
        notes.append(f"at the pace of {_words(step.place)}")
    if step.role is Role.WAIT:
        notes.append("waiting in the office")
    return f"{_words(step.name)} [{step.value}]" + (f" ({', '.join(notes)})" if notes else "")


def _single(step: Step) -> str:
    if step.op is Op.AT and step.role is Role.ARRIVE:
        return f"come to the office at [{step.value}]"
    target = f"{ARROW} {_words(step.to)}"
    texts = {
        Op.AT: f"{_words(step.name)}: until [{step.value}]",
        Op.POST: f'say "{_words(step.token)}"',
        Op.AWAIT: f'wait for "{_words(step.token)}"',
        Op.IF_POSTED: f'if "{_words(step.token)}" was said {target}',
        Op.IF_LONGER: f"if [{step.value}] or more wait for {_words(step.place)} {target}",
        Op.GOTO: target,
    }
    return texts.get(step.op) or _take(step)


def _condition(column: str) -> str:
    return f"unless [{column[1:]}]" if column.startswith("!") else f"when [{column}]"


def _words(name: str | None) -> str:
    return str(name).replace("_", " ")


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Length of the common beginning."""
    same = [a == b for a, b in zip(one, other, strict=False)]
    return same.index(False) if False in same else len(same)
