"""What a page is made from: the run folder of a simulation. Whatever is missing is said before a page is begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from results.errors import ResultsError
from results.store import Run, open_run

NEEDED = ("summary", "daily", "wait_quantiles", "laws", "assumptions")
"""Tables of a simulation without which the page would have holes; `comparison` too, where there are two arms."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a page is made from."""

    run: Run

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
        As `results.store.open_run`; `E-report-two` for more than one simulation; `E-table-missing`.
    """
    runs = [open_run(folder, unfinished=unfinished) for folder in folders]
    if len(runs) > 1:
        raise ResultsError("E-report-two", first=runs[0].path, second=runs[1].path)
    sources = Sources(runs[0])
    for name in (*NEEDED, *(("comparison",) if sources.compared else ())):
        if name not in sources.run.tables:
            raise ResultsError("E-table-missing", table=name, path=runs[0].path, known=", ".join(runs[0].tables))
    return sources
