"""From flows and households to the program table, without a loop over households.

Households come in as columns; one entity goes out for each household that lives a flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sim.program import Bools, Calendar, Floats, Ints, Op, Program, ProgramError, on_grid
from sim.steps import BACK_OFFICE_CLASS, LOCAL, SHARED, Activity, Flow, PlaceKind, Role, Step, Token

Columns = Mapping[str, npt.NDArray[np.generic]]
"""Household columns by name, each of shape (households,)."""

Scalar = TypeVar("Scalar", bound=np.generic)

CLASSES = BACK_OFFICE_CLASS + 1


@dataclass(frozen=True, slots=True)
class Places:
    """Indices of places: every local kind at every site, then the shared systems."""

    sites: tuple[str, ...]

    def index(self, kind: PlaceKind, site: npt.NDArray[np.generic] | int = 0) -> npt.NDArray[np.int64]:
        """Place index of a kind at given sites; the site is ignored for shared systems."""
        sites = np.asarray(site, dtype=np.int64)
        if kind in LOCAL:
            return LOCAL.index(kind) * len(self.sites) + sites
        return np.full_like(sites, len(LOCAL) * len(self.sites) + SHARED.index(kind))

    def names(self) -> tuple[str, ...]:
        """Names in the order of the indices: "windows/main", …, "portal", "relay", "jlis"."""
        return (*(f"{kind}/{site}" for kind in LOCAL for site in self.sites), *SHARED)


@dataclass(frozen=True, slots=True)
class StepNames:
    """What the step column of a program means: one entry per step of every flow.

    Attributes
    ----------
    flow, name, role, activity
        Parallel tuples: the flow, the step's own name, what it is to the citizen and to the staff.
    """

    flow: tuple[str, ...]
    name: tuple[str, ...]
    role: tuple[Role, ...]
    activity: tuple[Activity, ...]

    def rows(self, program: Program, *, name: str | None = None, role: Role | None = None) -> Ints:
        """Rows of the program whose step has a name or a role, ascending; giving back is no repetition of a queue.

        A step has a name if it is its own, or begins with it and an underscore.
        """
        chosen = [
            (name is None or own == name or (own.startswith(f"{name}_") and not own.endswith(".release")))
            and (role is None or its == role)
            for own, its in zip(self.name, self.role, strict=True)
        ]
        return np.flatnonzero(np.asarray(chosen, dtype=bool)[program.step])


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program and what its entities and steps mean.

    Attributes
    ----------
    household, flow
        Shape (entities,): the household that an entity belongs to, and the index of its flow.
    """

    program: Program
    names: StepNames
    household: Ints
    flow: Ints
    flows: tuple[str, ...]


def compile_flows(flows: Sequence[Flow], columns: Columns, places: Places, calendar: Calendar) -> Compiled:
    """Compile flows and households into one program table.

    Entities come in the order of the flows, then of the households.

    Raises
    ------
    KeyError
        For a column that a flow names and the households do not have.
    sim.program.ProgramError
        For a flow that breaks the rules of the table.
    """
    households = len(columns["site"])
    pieces = [_compile_flow(flow, columns, places, households) for flow in flows]
    first_step = np.cumsum([0, *(len(flow.steps) for flow in flows)])
    lengths = np.concatenate([piece.lengths for piece in pieces]) if pieces else np.zeros(0, dtype=np.int64)
    steps = [(flow.name, step) for flow in flows for step in flow.steps]
    program = Program(
        offset=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        op=_joined([piece.op for piece in pieces], np.int8),
        place=_joined([piece.place for piece in pieces], np.int32),
        klass=_joined([piece.klass for piece in pieces], np.int8),
        value=_joined([piece.value for piece in pieces], np.float64),
        jump=_joined([piece.jump for piece in pieces], np.int32),
        step=_joined([piece.step + start for piece, start in zip(pieces, first_step, strict=False)], np.int16),
        places=places.names(),
        steps=tuple(f"{flow}/{step.name}" for flow, step in steps),
        classes=CLASSES,
        tokens=len(Token) * households,
        calendar=calendar,
    ).checked()
    names = StepNames(
        flow=tuple(flow for flow, _ in steps),
        name=tuple(step.name for _, step in steps),
        role=tuple(step.role for _, step in steps),
        activity=tuple(step.activity for _, step in steps),
    )
    return Compiled(
        program,
        names,
        household=_joined([piece.household for piece in pieces], np.int64),
        flow=np.repeat(np.arange(len(flows)), [len(piece.household) for piece in pieces]),
        flows=tuple(flow.name for flow in flows),
    )


def _joined(parts: Sequence[npt.NDArray[np.generic]], dtype: type[Scalar]) -> npt.NDArray[Scalar]:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The rows of one flow, and how many each of its entities has."""

    household: Ints
    lengths: Ints
    op: npt.NDArray[np.int8]
    place: npt.NDArray[np.int32]
    klass: npt.NDArray[np.int8]
    value: Floats
    jump: npt.NDArray[np.int32]
    step: npt.NDArray[np.int16]


def _compile_flow(flow: Flow, columns: Columns, places: Places, households: int) -> _Piece:
    members = np.flatnonzero(columns[flow.who])
    own = {name: columns[name][members] for name in _columns_of(flow)}
    kept = _kept(flow, own, len(members))
    lengths = kept.sum(axis=0, dtype=np.int64)
    end = np.cumsum(lengths)
    # `position[s, h]` is the row of step s; where h does not have the step, that of the next step it has.
    position = np.cumsum(kept, axis=0, dtype=np.int32)
    position -= kept
    position += (end - lengths).astype(np.int32)
    rows = int(lengths.sum())
    op, klass, step = np.zeros(rows, np.int8), np.zeros(rows, np.int8), np.zeros(rows, np.int16)
    place, jump, value = np.zeros(rows, np.int32), np.zeros(rows, np.int32), np.zeros(rows)
    for number, (line, target) in enumerate(zip(flow.steps, _targets(flow), strict=True)):
        has = np.flatnonzero(kept[number])
        row = position[number, has]
        op[row], step[row] = line.op, number
        klass[row] = line.klass if isinstance(line.klass, int) else own[line.klass][has]
        value[row] = _value(line, own, has)
        if line.token is not None:
            place[row] = list(Token).index(line.token) * households + members[has]
        elif (kind := _place_kind(line, flow)) is not None:
            place[row] = places.index(kind, own[flow.site][has])
        if line.to is not None:
            jump[row] = (end[has] if target is None else position[target, has]) - row
    return _Piece(members, lengths, op, place, klass, value, jump, step)


def _columns_of(flow: Flow) -> set[str]:
    names = {flow.site}
    for step in flow.steps:
        names.update(column.removeprefix("!") for column in step.when)
        names.update(column for column in (step.value, step.klass) if isinstance(column, str))
    return names


def _kept(flow: Flow, own: Columns, members: int) -> Bools:
    """Shape (steps, members): which members have which step."""
    kept = np.ones((len(flow.steps), members), dtype=bool)
    for number, step in enumerate(flow.steps):
        for column in step.when:
            holds = own[column.removeprefix("!")].astype(bool)
            kept[number] &= ~holds if column.startswith("!") else holds
    return kept


def _targets(flow: Flow) -> list[int | None]:
    """Step number that each step jumps to, or gives back; None for the end of the flow and where there is no jump."""
    label = _unique({}, ((step.label, number) for number, step in enumerate(flow.steps) if step.label), flow)
    seized = _unique({}, ((step.name, number) for number, step in enumerate(flow.steps) if step.op is Op.SEIZE), flow)
    targets: list[int | None] = []
    for step in flow.steps:
        if step.to is None or (step.to == "end" and step.op is not Op.RELEASE):
            targets.append(None)
        else:
            targets.append(seized[step.to] if step.op is Op.RELEASE else label[step.to])
    return targets


def _unique(found: dict[str, int], named: Iterable[tuple[str, int]], flow: Flow) -> dict[str, int]:
    for name, number in named:
        if name in found:
            raise ProgramError(f"flow {flow.name} uses the name {name} twice")
        found[name] = number
    return found


def _value(line: Step, own: Columns, has: Ints) -> Floats | float:
    if line.value is None:
        return np.inf if line.op is Op.SEIZE else 0.0
    value = own[line.value][has].astype(np.float64)
    return value if line.op is Op.IF_LONGER else on_grid(value)


def _place_kind(line: Step, flow: Flow) -> PlaceKind | None:
    """Where a step happens; a RELEASE where its SEIZE did."""
    if line.op is not Op.RELEASE:
        return line.place
    return next(step.place for step in flow.steps if step.name == line.to and step.op is Op.SEIZE)
