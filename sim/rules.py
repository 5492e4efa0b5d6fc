"""The rules that every program table keeps, each stated once; a table that breaks one is a fault of its builder."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.kernels import kernel
from sim.program import TICKS_PER_MINUTE, Bools, Floats, Ints, Op, Program, ProgramError, on_grid

_AT, _DELAY, _WORK, _SEIZE, _RELEASE = int(Op.AT), int(Op.DELAY), int(Op.WORK), int(Op.SEIZE), int(Op.RELEASE)
_POST, _AWAIT, _IF_POSTED, _IF_LONGER = int(Op.POST), int(Op.AWAIT), int(Op.IF_POSTED), int(Op.IF_LONGER)
_GOTO, _OPS = int(Op.GOTO), len(Op)
_TICKS = float(TICKS_PER_MINUTE)

_BROKEN = (
    "unknown instruction",
    "step name out of range",
    "place out of range",
    "token out of range",
    "class out of range",
    "a value is not a number",
    "a time or duration is negative",
    "a time or duration is infinite",
    "a value is off the time grid",
    "a jump goes backwards",
    "a jump leaves its entity",
    "a RELEASE looks ahead",
    "a RELEASE does not point at a SEIZE",
    "a RELEASE names another place than its SEIZE",
)
"""What `_broken_rule` counts."""


def check(program: Program) -> None:
    """Check a whole table.

    Raises
    ------
    ProgramError
        See `Program.checked`.
    """
    _check_shape(program)
    p = program
    limits = (len(p.places), len(p.steps), p.classes, p.tokens)
    broken = _broken_rule(p.offset, p.op, p.place, p.klass, p.value, p.jump, p.step, limits)
    _require(broken < 0, _BROKEN[broken])
    _check_calendar(program)


def _require(holds: bool | np.bool_ | Bools, message: str) -> None:
    if not bool(np.all(holds)):
        raise ProgramError(message)


def _check_shape(program: Program) -> None:
    lengths = {len(c) for c in (program.op, program.place, program.klass, program.value, program.jump, program.step)}
    _require(len(lengths) == 1, "the columns of the step table differ in length")
    offset = program.offset
    _require(len(offset) >= 1 and offset[0] == 0 and offset[-1] == program.rows, "offsets do not span the table")
    _require(np.diff(offset) >= 0, "offsets fall")


@kernel
def _broken_rule(  # noqa: C901, PLR0911, PLR0912  one branch a rule
    offset: Ints,
    op: npt.NDArray[np.int8],
    place: npt.NDArray[np.int32],
    klass: npt.NDArray[np.int8],
    value: Floats,
    jump: npt.NDArray[np.int32],
    step: npt.NDArray[np.int16],
    limits: tuple[int, int, int, int],
) -> int:
    """Return the number of the first rule that the first bad row breaks, -1 if all rows keep all rules.

    Parameters
    ----------
    limits
        How many places, steps, classes and tokens there are.
    """
    places, steps, classes, tokens = limits
    for entity in range(len(offset) - 1):
        for row in range(offset[entity], offset[entity + 1]):
            does = op[row]
            if does < 0 or does >= _OPS:
                return 0
            if step[row] < 0 or step[row] >= steps:
                return 1
            placed = does in (_WORK, _SEIZE, _RELEASE, _IF_LONGER)
            if placed and (place[row] < 0 or place[row] >= places):
                return 2
            if does in (_POST, _AWAIT, _IF_POSTED) and (place[row] < 0 or place[row] >= tokens):
                return 3
            if does == _SEIZE and (klass[row] < 0 or klass[row] >= classes):
                return 4
            if np.isnan(value[row]):
                return 5
            timed = does in (_AT, _DELAY, _WORK)
            if (timed or does == _SEIZE) and value[row] < 0:
                return 6
            if timed and value[row] == np.inf:
                return 7
            if np.rint(value[row] * _TICKS) / _TICKS != value[row]:
                return 8
            if does in (_IF_POSTED, _IF_LONGER, _GOTO) or (does == _SEIZE and value[row] < np.inf):
                if jump[row] < 1:
                    return 9
                if row + jump[row] > offset[entity + 1]:
                    return 10
            if does == _RELEASE:
                if jump[row] >= 0 or row + jump[row] < offset[entity]:
                    return 11
                if op[row + jump[row]] != _SEIZE:
                    return 12
                if place[row + jump[row]] != place[row]:
                    return 13
    return -1


def _check_calendar(program: Program) -> None:
    c = program.calendar
    _require(len({len(x) for x in (c.time, c.place, c.klass, c.capacity, c.handover)}) == 1, "calendar columns differ")
    _require(len({len(x) for x in (c.slow_time, c.slow_place, c.slowness)}) == 1, "slowness columns differ")
    _require(np.diff(c.time) >= 0, "the calendar is not sorted by time")
    _require(np.diff(c.slow_time) >= 0, "the slowness table is not sorted by time")
    _require(np.isfinite(c.time) & (on_grid(c.time) == c.time), "a calendar time is off the grid")
    _require(np.isfinite(c.slow_time) & (on_grid(c.slow_time) == c.slow_time), "a slowness time is off the grid")
    _require((c.place >= 0) & (c.place < len(program.places)), "calendar place out of range")
    _require((c.klass >= 0) & (c.klass < program.classes), "calendar class out of range")
    _require(c.capacity >= 0, "a capacity is negative")
    _require((c.slow_place >= 0) & (c.slow_place < len(program.places)), "slowness place out of range")
    _require(np.isfinite(c.slowness) & (c.slowness > 0), "a slowness is not positive")
