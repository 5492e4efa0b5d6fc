"""Which unit of a place each holder has, and what an entity holds at each of its steps. The log says neither."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from sim.log import Log
from sim.occupancy import held
from sim.program import Bools, Floats, Ints, Op, Program

NOTHING = -1


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the entity of each row holds while it is at that row, shape (rows,).

    Attributes
    ----------
    outermost
        Row of the SEIZE that got the unit which was taken with empty hands: the desk, seat or connection where the
        entity is. `NOTHING` where it holds nothing.
    inner
        Row of the SEIZE that got a unit of the places asked for, behind that desk; `NOTHING` where there is none.
    """

    outermost: Ints
    inner: Ints


def assign_units(start: Floats, end: Floats) -> Ints:
    """Number the units of a place: each holder gets the lowest number that nobody has from `start` on.

    No two holders have one number at once, and the highest number is the largest number ever held at once (above the
    capacity only where a relieved crew still finishes its work).

    Parameters
    ----------
    start, end
        Shape (holders,), minutes; a NaN end is never.

    Returns
    -------
    Ints
        Numbers from 1, shape (holders,).
    """
    until = np.where(np.isnan(end), np.inf, end)
    units = np.zeros(len(start), dtype=np.int64)
    busy: list[tuple[float, int]] = []
    free: list[int] = []
    for holder in np.lexsort((until, start)).tolist():
        while busy and busy[0][0] <= start[holder]:
            heappush(free, heappop(busy)[1])
        units[holder] = heappop(free) if free else len(busy) + 1
        heappush(busy, (float(until[holder]), int(units[holder])))
    return units


def units_of_rows(program: Program, log: Log) -> Ints:
    """Number of the unit that each granted SEIZE got, from 1, shape (rows,); 0 for all other rows."""
    units = np.zeros(program.rows, dtype=np.int64)
    for place in range(len(program.places)):
        spells = held(program, log, place)
        units[spells.row] = assign_units(spells.start, spells.end)
    return units


def holdings(program: Program, log: Log, inner_places: Ints) -> Holdings:
    """Find what is held at each row.

    Units are given back in the reverse order of taking (flows are written so), hence the outermost one is the last
    that was taken with empty hands.

    Parameters
    ----------
    inner_places
        Indices of the places to look for behind the outermost unit.
    """
    granted = (program.op == Op.SEIZE) & ~np.isnan(log.leave) & ~log.gone
    release = np.flatnonzero((program.op == Op.RELEASE) & ~np.isnan(log.enter))
    given_back = np.zeros(program.rows, dtype=np.int64)
    given_back[release] = 1
    taken = np.concatenate([[0], np.cumsum(granted - given_back)])
    depth = taken[:-1] - np.repeat(taken[program.offset[:-1]], np.diff(program.offset))
    outermost = np.where(depth > 0, _last_before(granted & (depth == 0)), NOTHING)

    last = _last_before(granted & np.isin(program.place, inner_places))
    back_at = np.full(program.rows + 1, program.rows)
    back_at[release + program.jump[release]] = release
    is_held = (outermost != NOTHING) & (last >= outermost) & (back_at[last] > np.arange(program.rows))
    return Holdings(outermost, np.where(is_held, last, NOTHING))


def _last_before(chosen: Bools) -> Ints:
    """For each row the last chosen one before it, `NOTHING` for none."""
    last = np.maximum.accumulate(np.where(chosen, np.arange(len(chosen)), NOTHING))
    return np.concatenate([[NOTHING], last[:-1]]).astype(np.int64)
