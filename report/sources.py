"""What a page is made from: the run folder of a simulation, of a load test, or of both, and a detection matrix if any.

Whatever is missing is said before a page is begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from report.load_run import VERDICT, LoadRun, read_load_run
from report.matrix import Proof, matrix_in, read_matrix
from results.errors import ResultsError
from results.store import Run, open_run

NEEDED = ("summary", "daily", "wait_quantiles", "laws", "assumptions", "flow_steps")
"""Tables of a simulation without which the page would have holes; `comparison` too, where there are two arms."""

PLAN = "plan.json"
"""What a load test writes first."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a page is made from.

    Attributes
    ----------
    home
        The folder that the page belongs to: of the simulation, or of a load test alone.
    """

    home: Path
    run: Run | None = None
    load: LoadRun | None = None
    matrix: list[Proof] = field(default_factory=list)


def compared(run: Run) -> bool:
    """Whether there are two arms to compare."""
    return len(run.manifest.arms) > 1


def arms_of(run: Run) -> list[str]:
    """Return the arms on the page, before and after; of more than two the first two."""
    return [arm.arm for arm in run.manifest.arms][:2]


def kind_of(place: Path) -> str:
    """Return what is at a place: "load", "matrix", or "run" for a simulation and whatever else there may be.

    Raises
    ------
    ResultsError
        `E-load-unfinished` for the folder of a load test that has no verdict.
    """
    if matrix_in(place) is not None:
        return "matrix"
    if (place / VERDICT).is_file():
        return "load"
    if (place / PLAN).is_file():
        raise ResultsError("E-load-unfinished", path=place)
    return "run"


def read_sources(folders: Sequence[Path], *, unfinished: bool = False) -> Sources:
    """Open the run folders of a page.

    Parameters
    ----------
    unfinished
        Also open a folder that still has its temporary name.

    Raises
    ------
    ResultsError
        As `results.store.open_run`; `E-report-two` for more than one of a kind; `E-report-no-run` for a
        matrix alone;        `E-table-missing`; as `kind_of`, `read_load_run` and `read_matrix`.
    """
    sorted_out: dict[str, list[Path]] = {kind: [] for kind in ("run", "load", "matrix")}
    for folder in folders:
        sorted_out[kind_of(folder)].append(folder)
    for alike in sorted_out.values():
        if len(alike) > 1:
            raise ResultsError("E-report-two", first=alike[0], second=alike[1])
    if not sorted_out["run"] and not sorted_out["load"]:
        raise ResultsError("E-report-no-run", path=folders[0])
    run = next((open_run(folder, unfinished=unfinished) for folder in sorted_out["run"]), None)
    load = next((read_load_run(folder) for folder in sorted_out["load"]), None)
    matrix = next((read_matrix(file) for place in sorted_out["matrix"] if (file := matrix_in(place))), [])
    if run is not None:
        _check(run)
    return Sources([*sorted_out["run"], *sorted_out["load"]][0], run, load, matrix)


def _check(run: Run) -> None:
    """Refuse a simulation that lacks a table."""
    for name in (*NEEDED, *(("comparison",) if compared(run) else ())):
        if name not in run.tables:
            raise ResultsError("E-table-missing", table=name, path=run.path, known=", ".join(run.tables))
