"""What a page is made from: the run folder of a simulation, and of a load test if there is one.

Whatever is missing is said before a page is begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from report.load_run import VERDICT, LoadRun, read_load_run
from results.errors import ResultsError
from results.store import Run, open_run

NEEDED = ("summary", "daily", "wait_quantiles", "laws", "assumptions", "flow_steps")
"""Tables of a simulation without which the page would have holes; `comparison` too, where there are two arms."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a page is made from."""

    run: Run
    load: LoadRun | None = None

    @property
    def compared(self) -> bool:
        """Whether there are two arms to compare."""
        return len(self.run.manifest.arms) > 1

    @property
    def arms(self) -> list[str]:
        """The arms on the page, before and after; of more than two the first two."""
        return [arm.arm for arm in self.run.manifest.arms][:2]


def read_sources(folders: Sequence[Path], *, unfinished: bool = False) -> Sources:
    """Open the run folders of a page.

    Parameters
    ----------
    unfinished
        Also open a folder that still has its temporary name.

    Raises
    ------
    ResultsError
        As `results.store.open_run`; `E-report-two` for more than one of a kind; `E-report-no-simulation`;
        `E-table-missing`; as `read_load_run`.
    """
    of_load = [folder for folder in folders if (folder / VERDICT).is_file()]
    of_ward = [folder for folder in folders if folder not in of_load]
    for alike in (of_ward, of_load):
        if len(alike) > 1:
            raise ResultsError("E-report-two", first=alike[0], second=alike[1])
    if not of_ward:
        raise ResultsError("E-report-no-simulation", path=of_load[0])
    run = open_run(of_ward[0], unfinished=unfinished)
    sources = Sources(run, read_load_run(of_load[0]) if of_load else None)
    for name in (*NEEDED, *(("comparison",) if sources.compared else ())):
        if name not in sources.run.tables:
            raise ResultsError("E-table-missing", table=name, path=run.path, known=", ".join(run.tables))
    return sources
