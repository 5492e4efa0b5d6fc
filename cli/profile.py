"""Where the time of a run goes: processor time and wall time, stage by stage, shown with `--profile`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from cli.here import Here

ROWS = ("start", "ready", "demand", "program", "engine", "measures", "sharing", "tables", "report")
"""Stages in the order of a run. The four of a replication run side by side in workers, so they have no wall time of
their own; `sharing` is what replications take beyond them, with the wall time of all five."""


@dataclass(frozen=True, slots=True)
class Lap:
    """One stage.

    Attributes
    ----------
    processor
        Seconds of all processors together, workers included.
    wall
        Seconds that somebody waited; None where stages run side by side.
    """

    stage: str
    processor: float
    wall: float | None


@dataclass(slots=True)
class Stopwatch:
    """Laps since the program began."""

    wall: float = field(default_factory=time.perf_counter)
    processor: float = field(default_factory=time.process_time)
    laps: list[Lap] = field(default_factory=list)

    def lap(self, stage: str) -> None:
        """End a stage; the next begins."""
        wall, processor = time.perf_counter(), time.process_time()
        self.laps.append(Lap(stage, processor - self.processor, wall - self.wall))
        self.wall, self.processor = wall, processor


def profile(laps: list[Lap], seconds: Mapping[str, float], *, in_process: bool) -> list[Lap]:
    """Put the laps of a run and the stages of its replications together, the whole last.

    Parameters
    ----------
    seconds
        Processor seconds of each stage of a replication, over all of them.
    in_process
        Whether this process did the work alone, so that its own processor time holds it.
    """
    rows: list[Lap] = []
    for lap in laps:
        if lap.stage != "replications":
            rows.append(lap)
            continue
        rows += [Lap(stage, spent, None) for stage, spent in seconds.items()]
        beyond = lap.processor - sum(seconds.values()) if in_process else lap.processor
        rows.append(Lap("sharing", max(beyond, 0.0), lap.wall))
    processor = sum(row.processor for row in rows)
    return [*rows, Lap("total", processor, sum(lap.wall or 0.0 for lap in laps))]


def show_profile(rows: list[Lap], here: Here) -> None:
    """Print the stages as a small table."""
    headings = [here.text(f"cli.profile.column.{name}") for name in ("stage", "processor", "share", "wall")]
    whole = rows[-1].processor or 1.0
    names = [here.text(f"cli.profile.stage.{row.stage}") for row in rows]
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=max(map(cell_len, (*names, headings[0]))) + 2)
    for heading in headings[1:]:
        grid.add_column(width=max(cell_len(heading), 8), justify="right")
    grid.add_row(*headings)
    for row, name in zip(rows, names, strict=True):
        wall = "" if row.wall is None else f"{row.wall:.2f}"
        cells = (f"  {name}", f"{row.processor:.2f}", f"{row.processor / whole:.0%}", wall)
        grid.add_row(*cells, style="bold" if row.stage == "total" else "")
    console = Console(width=80, highlight=False, markup=False, emoji=False)
    console.print(here.text("cli.profile.title"), style="bold")
    console.print(grid)
    console.print(here.text("cli.profile.note"))
