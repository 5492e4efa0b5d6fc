"""Loops over rows that NumPy would walk many times, compiled once: the filling and checking of program tables.

They leave the interpreter's lock alone, so that progress goes on being shown, and are cached beside the engine's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

import sim.kept  # noqa: F401 - says where to keep what is compiled, before anything is
from sim.program import TICKS_PER_MINUTE, Bools, Floats, Ints, Op

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile a function of arrays: cached, and without the interpreter's lock."""
    return cast("Function", njit(cache=True, nogil=True)(function))


_TICKS = float(TICKS_PER_MINUTE)
_IF_LONGER = int(Op.IF_LONGER)

NOWHERE, BY_SITE, BY_HOUSEHOLD = 0, 1, 2
"""What a step's place depends on besides its own number."""
STAYS, TO_THE_END = -1, -2
"""Instead of the step to jump to: no jump, and the end of the flow."""

LINE = np.dtype(
    [
        ("op", "i8"),
        ("needs", "u8"),
        ("wants", "u8"),
        ("place", "i8"),
        ("spread", "i8"),
        ("klass", "i8"),
        ("klass_column", "i8"),
        ("value", "f8"),
        ("value_column", "i8"),
        ("target", "i8"),
    ]
)
"""One step of a flow. It exists for members whose flags, of those it `needs`, are just those it `wants`; columns are -1
where the step's own number holds."""

Lines = npt.NDArray[np.void]


@kernel
def count_rows(lines: Lines, flags: npt.NDArray[np.uint64]) -> Ints:
    """How many steps each member has, shape (members,)."""
    lengths = np.zeros(len(flags), np.int64)
    for member in range(len(flags)):
        for number in range(len(lines)):
            if flags[member] & lines[number].needs == lines[number].wants:
                lengths[member] += 1
    return lengths


@kernel
def fill_rows(  # noqa: C901, PLR0912  one branch a kind of column
    lines: Lines,
    flags: npt.NDArray[np.uint64],
    household: Ints,
    site: Ints,
    households: int,
    klasses: Ints,
    values: Floats,
    first_row: int,
    first_step: int,
    op: npt.NDArray[np.int8],
    place: npt.NDArray[np.int32],
    klass: npt.NDArray[np.int8],
    value: Floats,
    jump: npt.NDArray[np.int32],
    step: npt.NDArray[np.int16],
) -> None:
    """Write the rows of all members of one flow, member by member.

    Parameters
    ----------
    flags, household, site
        Shape (members,).
    klasses, values
        Shape (columns, members).
    first_row, first_step
        Where the flow's rows, and its steps, begin in the whole table.
    op, place, klass, value, jump, step
        The columns of the whole table.
    """
    steps = len(lines)
    row_of = np.empty(steps + 1, np.int64)  # of a step that a member does not have: the row of the next one it has
    row = first_row
    for member in range(len(flags)):
        for number in range(steps):
            row_of[number] = row
            if flags[member] & lines[number].needs == lines[number].wants:
                row += 1
        row_of[steps] = row
        for number in range(steps):
            own = row_of[number]
            if own == row_of[number + 1]:
                continue
            line = lines[number]
            op[own] = line.op
            step[own] = first_step + number
            klass[own] = line.klass if line.klass_column < 0 else klasses[line.klass_column, member]
            if line.value_column < 0:
                value[own] = line.value
            elif line.op == _IF_LONGER:
                value[own] = values[line.value_column, member]
            else:
                value[own] = np.rint(values[line.value_column, member] * _TICKS) / _TICKS
            if line.spread == BY_SITE:
                place[own] = line.place + site[member]
            elif line.spread == BY_HOUSEHOLD:
                place[own] = line.place * households + household[member]
            else:
                place[own] = line.place
            if line.target == TO_THE_END:
                jump[own] = row - own
            elif line.target != STAYS:
                jump[own] = row_of[line.target] - own
            else:
                jump[own] = 0


@kernel
def sort_rows(step: npt.NDArray[np.int16], steps: int) -> tuple[npt.NDArray[np.int32], Ints]:
    """Group rows by their step: all rows, step by step and ascending within it, and where each step's begin."""
    start = np.zeros(steps + 1, np.int64)
    for row in range(len(step)):
        start[step[row] + 1] += 1
    for number in range(steps):
        start[number + 1] += start[number]
    free = start[:-1].copy()
    rows = np.empty(len(step), np.int32)
    for row in range(len(step)):
        rows[free[step[row]]] = row
        free[step[row]] += 1
    return rows, start


@kernel
def mark(some: Ints, size: int) -> Bools:
    """Say of each number from 0 whether it is among some, shape (size,)."""
    marked = np.zeros(size, np.bool_)
    for place in range(len(some)):
        marked[some[place]] = True
    return marked
