"""What if: the waits at the main office for other uptakes and numbers of desks, and which staffing meets the target."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from report.words import Both, both, number
from results.store import Run

TARGET = 30.0
"""Minutes that the mean wait at the main office shall not exceed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The mean wait of one cell as printed, whether it meets the target, and whether it is the fewest desks that do."""

    text: str
    span: str
    verdict: str
    fewest: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One number of desks: its name, and a cell for each uptake."""

    name: Both
    current: bool
    cells: list[Cell | None]


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole table, and what it says in one sentence."""

    sentence: Both
    uptakes: list[Both]
    lines: list[Line]
    replications: int


def judged(low: float, high: float, estimate: float) -> str:
    """Say whether a mean wait meets the target: only where its whole interval does, or does not."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "cannot_say"
    if max(high, estimate) <= TARGET:
        return "met"
    return "not_met" if min(low, estimate) > TARGET else "cannot_say"


def grid(run: Run) -> Grid | None:
    """Return the grid of a run; None where it was not computed."""
    if "what_if" not in run.tables:
        return None
    rows = run.table("what_if")
    return grid_of(rows[rows["measure"] == "wait_mean"].dropna(subset="estimate"))


def grid_of(rows: pd.DataFrame) -> Grid | None:
    """Lay out the cells, desks downwards and uptake across; None without any.

    Parameters
    ----------
    rows
        Columns uptake, desks, windows, clerks, estimate, lo95, hi95, n.
    """
    if rows.empty:
        return None
    uptakes, desks = sorted(set(rows["uptake"])), sorted(set(rows["desks"]))
    of_cell = {(float(row["uptake"]), int(row["desks"])): row for _, row in rows.iterrows()}
    verdicts = {key: judged(row["lo95"], row["hi95"], row["estimate"]) for key, row in of_cell.items()}
    fewest = {u: next((d for d in desks if verdicts.get((u, d)) == "met"), None) for u in uptakes}
    lines = []
    for more in desks:
        own = next(row for (_, d), row in of_cell.items() if d == more)
        name = both("report.what_if.row", windows=int(own["windows"]), clerks=int(own["clerks"]))
        cells = [_cell(of_cell.get((u, more)), verdicts.get((u, more), ""), fewest=fewest[u] == more) for u in uptakes]
        lines.append(Line(name, int(more) == 0, cells))
    names = [both("report.what_if.uptake", percent=number(100 * u, 0)) for u in uptakes]
    return Grid(sentence_of(fewest, of_cell), names, lines, int(rows["n"].max()))


def sentence_of(fewest: dict[float, int | None], of_cell: dict[tuple[float, int], pd.Series]) -> Both:
    """Say how many windows meet the target at the lowest and at the highest uptake, as far as the grid shows."""
    ends = (min(fewest), max(fewest))
    windows = [None if (d := fewest[u]) is None else int(of_cell[u, d]["windows"]) for u in ends]
    low, high = (number(100 * u, 0) for u in ends)
    limit = f"{TARGET:.0f}"
    if windows[0] is None and windows[1] is None:
        return both("report.what_if.sentence.none", limit=limit)
    if windows[0] == windows[1]:
        return both("report.what_if.sentence.same", low=low, high=high, windows=windows[0], limit=limit)
    if windows[0] is None:
        return both("report.what_if.sentence.high", high=high, low=low, windows=windows[1], limit=limit)
    if windows[1] is None:
        return both("report.what_if.sentence.low", high=high, low=low, windows=windows[0], limit=limit)
    return both("report.what_if.sentence.two", low=low, high=high, first=windows[0], second=windows[1], limit=limit)


def _cell(row: pd.Series | None, verdict: str, *, fewest: bool) -> Cell | None:
    if row is None:
        return None
    low, high = number(row["lo95"], 0), number(row["hi95"], 0)
    return Cell(number(row["estimate"], 0), f"{low}–{high}", verdict, fewest)
