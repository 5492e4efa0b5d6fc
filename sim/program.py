"""The program table: what every entity does, as columns that any engine can interpret.

Flows and households come in through `sim.compilation`; engines read the table and return a `sim.log.Log`.

Order is part of the meaning. At one instant capacity changes come first (all of them, then the places they touched are
served in ascending order), then entities in the order in which they were scheduled. Arrivals (entities whose first step
is an AT of a later time) were scheduled before everybody else. Within a place the lower class goes first, then first
come first served.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

TICKS_PER_MINUTE = 2**20
"""Model time is a multiple of 2^-20 minute (57 µs). Sums and differences of such times are exact in a float, so two
engines agree bit for bit and Little's law holds without a tolerance."""


def on_grid(minutes: Floats) -> Floats:
    """Round times or durations in minutes to the time grid, half to even; infinity stays infinite."""
    return np.rint(np.asarray(minutes, dtype=np.float64) * TICKS_PER_MINUTE) / TICKS_PER_MINUTE


class Op(IntEnum):
    """What one step does. `place` holds a place, or a token for POST, AWAIT and IF_POSTED."""

    AT = 0
    """Wait until the absolute time `value`; at once if it is past."""
    DELAY = 1
    """Take `value` minutes."""
    WORK = 2
    """Take `value` minutes times the slowness of `place` at the start, rounded to the grid."""
    SEIZE = 3
    """Queue in class `klass` for one unit of `place`; after `value` minutes of waiting leave and go `jump` rows on."""
    RELEASE = 4
    """Give back the unit of `place` that was seized at the row `jump` (negative) from here."""
    POST = 5
    """The token has arrived, now and for ever; whoever awaits it goes on, in the order in which they came."""
    AWAIT = 6
    """Wait until the token is posted."""
    IF_POSTED = 7
    """Go `jump` rows on if the token has been posted, else to the next row."""
    IF_LONGER = 8
    """Go `jump` rows on if `value` (a whole number) or more wait at `place`, in all classes, else to the next row."""
    GOTO = 9
    """Go `jump` rows on."""


class ProgramError(ValueError):
    """A program table that breaks its own rules; a fault of the builder, never of a planner's scenario."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Changes of capacity and speed, each table sorted by time (stable for equal times).

    Class `q` may start at a place only while fewer than `capacity[q]` units are busy there. Every capacity is 0 and
    every slowness 1.0 before its first change; changes at or before time 0 hold before any entity starts.

    Attributes
    ----------
    time, place, klass, capacity
        One row per change of the capacity of one class at one place: minutes, index, index, units.
    handover
        True where a whole new crew starts at that instant: units busy then no longer count against the place, and
        giving them back frees nothing (the old crew finishes and goes home).
    slow_time, slow_place, slowness
        One row per change of speed: WORK at the place takes `slowness` times as long from then on.
    """

    time: Floats
    place: Ints
    klass: Ints
    capacity: Ints
    handover: Bools
    slow_time: Floats
    slow_place: Ints
    slowness: Floats


@dataclass(frozen=True, slots=True)
class Program:
    """All entities of one replication as one step table (structure of arrays, one row per step).

    Attributes
    ----------
    offset
        Shape (entities + 1,): entity e owns the rows offset[e] to offset[e + 1]. All start at time 0, the arrivals
        first, each group in order.
    op, place, klass, value, jump
        Shape (rows,): see `Op`. Jumps are relative; they go forward, at most to the entity's end. Only RELEASE
        looks back, to its SEIZE.
    step
        Shape (rows,): index into `steps`, so that measures can find a row by its name.
    places, steps
        Names.
    classes, tokens
        How many priority classes and tokens there are.
    """

    offset: Ints
    op: npt.NDArray[np.int8]
    place: npt.NDArray[np.int32]
    klass: npt.NDArray[np.int8]
    value: Floats
    jump: npt.NDArray[np.int32]
    step: npt.NDArray[np.int16]
    places: tuple[str, ...]
    steps: tuple[str, ...]
    classes: int
    tokens: int
    calendar: Calendar

    @property
    def entities(self) -> int:
        """Number of entities."""
        return len(self.offset) - 1

    @property
    def rows(self) -> int:
        """Number of steps."""
        return len(self.op)

    def entity_of_row(self) -> Ints:
        """Entity index of each row, shape (rows,)."""
        return np.repeat(np.arange(self.entities), np.diff(self.offset))

    def checked(self) -> Program:
        """Return self if the table keeps its rules.

        Raises
        ------
        ProgramError
            For a column of another length, an index out of range, a jump backwards or out of the entity, a RELEASE
            that does not point at a SEIZE of its place, a negative or off-grid time, or a calendar out of order.
        """
        from sim.rules import check  # noqa: PLC0415  compiled, and slow to import

        check(self)
        return self
