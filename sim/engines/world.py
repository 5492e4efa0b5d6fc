"""The state of a run of the compiled engine: a program comes in, arrays of small records go out.

Records keep together what one step touches, so that a woken entity costs few cache misses. They are small because much
of the time of a run goes into memory that is touched for the first time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.engines.agenda import Agenda, Records, kernel, new_agenda
from sim.program import Bools, Floats, Op, Program, ProgramError

NOBODY = -1
_FITS = -1
_LONGEST_JUMP = 2**15 - 1
_MOST_ROWS = 2**31 - 1

STEP = np.dtype([("value", "f8"), ("place", "i4"), ("jump", "i2"), ("op", "i1"), ("klass", "i1")])
ENTITY = np.dtype([("row", "i4"), ("end", "i4"), ("standing", "i4"), ("before", "i4"), ("after", "i4")])
"""Where it is, where its rows end, the row at which it stands in a queue (-1: in none), its neighbours there."""
PLACE = np.dtype([("busy", "i8"), ("waiting", "i8"), ("handover", "f8"), ("slowness", "f8")])
QUEUE = np.dtype([("capacity", "i8"), ("first", "i4"), ("last", "i4")])
"""One per place and class: place * classes + class."""
TOKEN = np.dtype([("first", "i4"), ("last", "i4"), ("posted", "u1")], align=True)
CHANGE = np.dtype(
    [("time", "f8"), ("place", "i8"), ("queue", "i8"), ("capacity", "i8"), ("handover", "u1")], align=True
)
TOUCHED = np.dtype([("time", "f8"), ("place", "i8")])
"""Places whose capacity changes, once per instant, by time and then by place."""
SLOWING = np.dtype([("time", "f8"), ("place", "i8"), ("slowness", "f8")])

NEITHER, GONE, HELD = range(3)
"""What became of a SEIZE: its patience ran out, or its unit is held now."""


class World(NamedTuple):
    """All state of a run, as arrays; `enter`, `leave` and `fate` have one entry per row of the program."""

    classes: int
    steps: Records
    enter: Floats
    leave: Floats
    fate: npt.NDArray[np.uint8]
    people: Records
    places: Records
    queues: Records
    tokens: Records
    changes: Records
    slowings: Records
    touched: Records
    agenda: Agenda

    def gone(self) -> Bools:
        """Return where patience ran out, shape (rows,)."""
        gone: Bools = self.fate == GONE
        return gone


def world_of(program: Program) -> World:
    """Lay out the program as records, with everything closed and nobody anywhere.

    Raises
    ------
    ProgramError
        For a table of more than 2,147,483,647 rows, or a jump over more than 32,767.
    """
    if program.rows > _MOST_ROWS:
        raise ProgramError(f"the table has {program.rows} rows; the compiled engine takes {_MOST_ROWS} at most")
    steps = np.empty(program.rows, STEP)
    wrong = _fill(steps, program.op, program.klass, program.place, program.jump, program.value)
    if wrong != _FITS:
        raise ProgramError(f"row {wrong} jumps over more than {_LONGEST_JUMP} rows")
    people = np.zeros(program.entities, ENTITY)
    people["row"], people["end"] = program.offset[:-1], program.offset[1:]
    people["standing"] = NOBODY
    places = np.zeros(len(program.places), PLACE)
    places["handover"], places["slowness"] = -np.inf, 1.0
    queues = np.zeros(len(program.places) * program.classes, QUEUE)
    queues["first"] = queues["last"] = NOBODY
    tokens = np.zeros(program.tokens, TOKEN)
    tokens["first"] = tokens["last"] = NOBODY
    timers = int(np.count_nonzero((program.op == int(Op.SEIZE)) & np.isfinite(program.value)))
    return World(
        program.classes,
        steps,
        np.full(program.rows, np.nan),
        np.full(program.rows, np.nan),
        np.zeros(program.rows, np.uint8),
        people,
        places,
        queues,
        tokens,
        *_calendar(program),
        new_agenda(program.entities, timers),
    )


@kernel
def _fill(
    steps: Records,
    op: npt.NDArray[np.int8],
    klass: npt.NDArray[np.int8],
    place: npt.NDArray[np.int32],
    jump: npt.NDArray[np.int32],
    value: Floats,
) -> int:
    """Write the columns of the program into records, in one pass; return -1, or the row of a jump that does not fit."""
    for row in range(len(steps)):
        if abs(jump[row]) > _LONGEST_JUMP:
            return row
        step = steps[row]
        step.op, step.klass = op[row], klass[row]
        step.place, step.jump, step.value = place[row], jump[row], value[row]
    return _FITS


def _calendar(program: Program) -> tuple[Records, Records, Records]:
    """The calendar as records; what is due before time 0 is due at 0."""
    calendar = program.calendar
    changes = np.zeros(len(calendar.time), CHANGE)
    changes["time"] = np.maximum(calendar.time, 0.0)
    changes["place"], changes["capacity"] = calendar.place, calendar.capacity
    changes["queue"], changes["handover"] = calendar.place * program.classes + calendar.klass, calendar.handover
    slowings = np.zeros(len(calendar.slow_time), SLOWING)
    slowings["time"] = np.maximum(calendar.slow_time, 0.0)
    slowings["place"], slowings["slowness"] = calendar.slow_place, calendar.slowness
    order = np.lexsort((changes["place"], changes["time"]))
    touched = np.zeros(len(order), TOUCHED)
    touched["time"], touched["place"] = changes["time"][order], changes["place"][order]
    touched = touched[np.append(True, touched[1:] != touched[:-1])[: len(touched)]]
    return changes, slowings, touched
