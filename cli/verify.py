"""`hikkoshi verify`: an engine against queueing theory, on the reader's own machine."""

from __future__ import annotations

import json as json_text
import math
import time
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cli.exits import Exit
from cli.here import Given, Here
from cli.options import Engine, Jobs, Json, Quiet, check_seed, jobs_of, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.verify import Row

JSON_VERSION = 1
_FIGURES = range(2, 6)
"""Columns of figures, behind case and quantity."""


def verify(
    *,
    quick: Annotated[bool, Parameter(help="cli.option.quick", negative="")] = False,
    engine: Annotated[Engine, Parameter(help="cli.option.engine")] = "compiled",
    seed: Annotated[int | None, Parameter(help="cli.option.verify_seed", metavar="N", converter=whole)] = None,
    jobs: Jobs = None,
    json: Json = False,
    quiet: Quiet = False,
    here: Given,
) -> Exit:
    """Measure an engine against queueing theory, and say what passes."""
    workers = jobs_of(jobs)
    if seed is not None:
        check_seed(seed)
    from cli.readiness import keep_compiled, ready

    keep_compiled(here)
    from cli.progress import progress
    from sim.engines import engine_named
    from sim.verify import DEFAULT_SEED
    from sim.verify import verify as measured

    used = DEFAULT_SEED if seed is None else seed
    ready(engine, here, quiet=quiet)
    start = time.monotonic()
    with progress(here, "cli.progress.rows", None, quiet=quiet) as report:
        seen: list[Row] = []

        def count(row: Row) -> None:
            seen.append(row)
            report(len(seen))

        rows = measured(engine_named(engine), "quick" if quick else "full", used, count, workers)
    seconds = time.monotonic() - start
    if json:
        here.answer(_document(rows, used, engine, seconds))
    else:
        _show(rows, used, seconds, here)
    return ended(rows)


def ended(rows: Sequence[Row]) -> Exit:
    """A row off its target is a target that is not met; a row that is only too imprecise says nothing."""
    from sim.verify import Verdict

    if any(row.verdict is Verdict.OFF_TARGET for row in rows):
        return Exit.MISSED
    return Exit.FINE if all(row.passed for row in rows) else Exit.CANNOT_SAY


def _show(rows: Sequence[Row], seed: int, seconds: float, here: Here) -> None:
    """Print a heading for each family, its rows below, and the conclusion last."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table

    from sim.verify.wording import cells, conclusion, headings

    words = [cells(row, here.lang) for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(headings(here.lang), *words, strict=True)][1:]

    def print_rows(lines: Sequence[Sequence[str]], style: str = "") -> None:
        grid = Table.grid(padding=(0, 2, 0, 0))
        for place, width in enumerate(widths):
            grid.add_column(width=width, justify="right" if place in _FIGURES else "left")
        for line in lines:
            grid.add_row(*line, style=style)
        console.print(grid)

    console = Console(width=sum(widths) + 2 * len(widths), highlight=False, markup=False, emoji=False)
    print_rows([headings(here.lang)[1:]])
    family = ""
    for row, (first, *rest) in zip(rows, words, strict=True):
        if first != family:
            family = first
            console.print(family, style="bold")
        print_rows([rest], "" if row.passed else "bold red")
    console.print(conclusion(rows, here.lang, seconds=seconds, seed=seed), soft_wrap=True)


def _document(rows: Sequence[Row], seed: int, engine: str, seconds: float) -> str:
    """Return the rows as one JSON object; a number that does not exist is null."""
    found = [
        {
            "family": row.family,
            "case": row.case,
            "quantity": row.quantity,
            **{name: _number(getattr(row, name)) for name in ("target", "estimate", "half_width", "z")},
            "verdict": str(row.verdict),
        }
        for row in rows
    ]
    whole = {
        "format": "hikkoshi.verify",
        "version": JSON_VERSION,
        "engine": engine,
        "seed": seed,
        "seconds": round(seconds, 1),
        "passed": all(row.passed for row in rows),
        "rows": found,
        "exit_code": int(ended(rows)),
    }
    return json_text.dumps(whole, indent=2, allow_nan=False)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
