"""Who still waits when a run is over: for a place that never has room for them, or a token that is never posted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.log import Log
from sim.program import Op, Program


@dataclass(frozen=True, slots=True)
class Waiting:
    """Entities that stand at one step for ever.

    Attributes
    ----------
    step, place
        Names. The place is None where a token is awaited.
    token
        Index of the token, None where a place is waited for.
    count
        How many wait here.
    first, last
        Minutes at which the first and the last of them came.
    entities
        Their indices, in order of arrival (by index where several came at once).
    """

    step: str
    place: str | None
    token: int | None
    count: int
    first: float
    last: float
    entities: tuple[int, ...]


def waiting_report(program: Program, log: Log) -> list[Waiting]:
    """Group those whose last step was entered and never left, by step and place or token; the largest group first."""
    rows = np.flatnonzero(~np.isnan(log.enter) & np.isnan(log.leave))
    entity = np.searchsorted(program.offset, rows, side="right") - 1
    groups: dict[tuple[int, bool, int], list[tuple[float, int]]] = {}
    for row, who in zip(rows.tolist(), entity.tolist(), strict=True):
        key = (int(program.step[row]), bool(program.op[row] == Op.AWAIT), int(program.place[row]))
        groups.setdefault(key, []).append((float(log.enter[row]), who))
    report = []
    for (step, awaits, target), members in groups.items():
        members.sort()
        report.append(
            Waiting(
                step=program.steps[step],
                place=None if awaits else program.places[target],
                token=target if awaits else None,
                count=len(members),
                first=members[0][0],
                last=members[-1][0],
                entities=tuple(who for _, who in members),
            )
        )
    return sorted(report, key=lambda group: (-group.count, group.first, group.step))
