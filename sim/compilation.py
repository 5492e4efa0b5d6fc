"""From flows and households to the program table, without a loop over households.

Households come in as columns; one entity goes out for each household that lives a flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sim.kernels import (
    BY_HOUSEHOLD,
    BY_SITE,
    LINE,
    NOWHERE,
    STAYS,
    TO_THE_END,
    Lines,
    count_rows,
    fill_rows,
    sort_rows,
)
from sim.program import Calendar, Floats, Ints, Op, Program, ProgramError
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


@dataclass(frozen=True)
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

    def rows(self, *, name: str | None = None, role: Role | None = None) -> Ints:
        """Rows of the program whose step has a name or a role, ascending; giving back is no repetition of a queue.

        A step has a name if it is its own, or begins with it and an underscore.
        """
        return self.rows_of(
            (name is None or own == name or (own.startswith(f"{name}_") and not own.endswith(".release")))
            and (role is None or its == role)
            for own, its in zip(self.names.name, self.names.role, strict=True)
        )

    def rows_of(self, chosen: Iterable[bool]) -> Ints:
        """Rows of the program whose step is chosen, ascending. One answer for each step of every flow."""
        rows, start = self._sorted_rows
        parts = [rows[start[step] : start[step + 1]] for step, wanted in enumerate(chosen) if wanted]
        together = np.concatenate([np.zeros(0, dtype=np.int64), *parts])
        return together if len(parts) < 2 else np.sort(together, kind="stable")

    @cached_property
    def _sorted_rows(self) -> tuple[npt.NDArray[np.int32], Ints]:
        return sort_rows(self.program.step, len(self.names.name))


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
    members = [np.flatnonzero(columns[flow.who]) for flow in flows]
    outlines = [_outline(flow, columns, places, own) for flow, own in zip(flows, members, strict=True)]
    lengths = [count_rows(outline.lines, outline.flags) for outline in outlines]
    offset = np.concatenate([[0], np.cumsum(np.concatenate([np.zeros(0, dtype=np.int64), *lengths]))])
    rows = int(offset[-1])
    op, place, klass = np.empty(rows, np.int8), np.empty(rows, np.int32), np.empty(rows, np.int8)
    value, jump, step_of_row = np.empty(rows, np.float64), np.empty(rows, np.int32), np.empty(rows, np.int16)
    first_row, first_step = 0, 0
    for flow, outline, own, length in zip(flows, outlines, members, lengths, strict=True):
        site = columns[flow.site][own].astype(np.int64)
        own_columns = (own, site, households, outline.klasses, outline.values, first_row, first_step)
        fill_rows(outline.lines, outline.flags, *own_columns, op, place, klass, value, jump, step_of_row)
        first_row, first_step = first_row + int(length.sum()), first_step + len(flow.steps)
    steps = [(flow.name, step) for flow in flows for step in flow.steps]
    program = Program(
        offset=offset.astype(np.int64),
        op=op,
        place=place,
        klass=klass,
        value=value,
        jump=jump,
        step=step_of_row,
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
        household=np.concatenate([np.zeros(0, dtype=np.int64), *members]),
        flow=np.repeat(np.arange(len(flows)), [len(own) for own in members]),
        flows=tuple(flow.name for flow in flows),
    )


@dataclass(frozen=True, slots=True)
class _Outline:
    """One flow and what its members bring, ready to be written into the table.

    Attributes
    ----------
    lines
        Shape (steps,), records of `sim.kernels.LINE`.
    flags
        Shape (members,): one bit for each condition of the flow.
    klasses, values
        Shape (columns, members): what the lines name.
    """

    lines: Lines
    flags: npt.NDArray[np.uint64]
    klasses: Ints
    values: Floats


def _outline(flow: Flow, columns: Columns, places: Places, members: Ints) -> _Outline:
    lines, conditions, klasses, values = _sketch(flow, places)
    flags = np.zeros(len(members), dtype=np.uint64)
    for bit, name in enumerate(conditions):
        flags |= columns[name][members].astype(bool).astype(np.uint64) << np.uint64(bit)
    return _Outline(
        lines,
        flags,
        _stacked([columns[name][members] for name in klasses], len(members), np.int64),
        _stacked([columns[name][members] for name in values], len(members), np.float64),
    )


@lru_cache(maxsize=256)
def _sketch(flow: Flow, places: Places) -> tuple[Lines, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What of an outline is the same for all members, whoever they are: the lines, and the columns that they name."""
    conditions = _numbered(name.removeprefix("!") for step in flow.steps for name in step.when)
    klasses = _numbered(step.klass for step in flow.steps if isinstance(step.klass, str))
    values = _numbered(step.value for step in flow.steps if step.value is not None)
    if len(conditions) > _MOST_CONDITIONS:
        raise ProgramError(f"flow {flow.name} has more than {_MOST_CONDITIONS} conditions")
    lines = np.zeros(len(flow.steps), LINE)
    for number, (step, target) in enumerate(zip(flow.steps, _targets(flow), strict=True)):
        line = lines[number]
        line["op"], line["target"] = step.op, target
        line["needs"], line["wants"] = _flags_of(step, conditions)
        line["place"], line["spread"] = _where(step, flow, places)
        own_class = isinstance(step.klass, int)
        line["klass"], line["klass_column"] = (step.klass, -1) if own_class else (0, klasses[str(step.klass)])
        line["value"] = np.inf if step.op is Op.SEIZE else 0.0
        line["value_column"] = -1 if step.value is None else values[step.value]
    return lines, tuple(conditions), tuple(klasses), tuple(values)


_MOST_CONDITIONS = 64


def _flags_of(step: Step, conditions: Mapping[str, int]) -> tuple[int, int]:
    """Which conditions a step needs to know, and those that must hold; what can never hold wants more than it needs."""
    hold = {1 << conditions[name] for name in step.when if not name.startswith("!")}
    fail = {1 << conditions[name[1:]] for name in step.when if name.startswith("!")}
    return (0, 1) if hold & fail else (sum(hold | fail), sum(hold))


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def _stacked(parts: Sequence[npt.NDArray[np.generic]], members: int, dtype: type[Scalar]) -> npt.NDArray[Scalar]:
    stacked = np.empty((len(parts), members), dtype)
    for number, part in enumerate(parts):
        stacked[number] = part
    return stacked


def _where(step: Step, flow: Flow, places: Places) -> tuple[int, int]:
    """The place or token of a step as far as the flow knows it, and what else it depends on."""
    if step.token is not None:
        return list(Token).index(step.token), BY_HOUSEHOLD
    kind = _place_kind(step, flow)
    if kind is None:
        return 0, NOWHERE
    return int(places.index(kind)), BY_SITE if kind in LOCAL else NOWHERE


def _targets(flow: Flow) -> list[int]:
    """Step number that each step jumps to, or gives back; or `TO_THE_END`, or `STAYS`."""
    label = _unique({}, ((step.label, number) for number, step in enumerate(flow.steps) if step.label), flow)
    seized = _unique({}, ((step.name, number) for number, step in enumerate(flow.steps) if step.op is Op.SEIZE), flow)
    targets: list[int] = []
    for step in flow.steps:
        if step.to is None:
            targets.append(STAYS)
        elif step.to == "end" and step.op is not Op.RELEASE:
            targets.append(TO_THE_END)
        else:
            targets.append(seized[step.to] if step.op is Op.RELEASE else label[step.to])
    return targets


def _unique(found: dict[str, int], named: Iterable[tuple[str, int]], flow: Flow) -> dict[str, int]:
    for name, number in named:
        if name in found:
            raise ProgramError(f"flow {flow.name} uses the name {name} twice")
        found[name] = number
    return found


def _place_kind(line: Step, flow: Flow) -> PlaceKind | None:
    """Where a step happens; a RELEASE where its SEIZE did."""
    if line.op is not Op.RELEASE:
        return line.place
    return next(step.place for step in flow.steps if step.name == line.to and step.op is Op.SEIZE)
