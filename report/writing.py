"""Writing the page and its charts: into the run folder, or the page alone somewhere else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from report import REPORT
from report.figures import Figure
from report.page import drawn, figures_of, render, templates
from report.sources import read_sources
from report.svg import alone, to_png, wake
from results.datapackage import write_csv
from results.manifest import record_outputs
from texts import LANGS


def build_report(folders: Sequence[Path], out: Path | None = None, *, pictures: bool = True) -> Path:
    """Write the page of run folders, and each chart as SVG, PNG and CSV, and enter them in the manifest.

    The page depends on the tables and the manifest's account of the run only: the same folder gives the same bytes.

    Parameters
    ----------
    folders
        The run folder of a simulation, finished or about to be; of a load test, alone or beside it; and a matrix.
    out
        Where the page goes instead of into the run folder (of the simulation, where there is one); the folder is then
        left as it is.
    pictures
        Whether to paint the charts as PNG too, which takes longer than all the rest.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ResultsError
        Where a folder cannot be read, or lacks a table.
    """
    sources = read_sources(folders, unfinished=True)
    figures = figures_of(sources)
    drawings = drawn(figures)
    page = render(sources, figures, drawings)
    if out is not None:
        _replace(out, page.encode())
        return out
    folder = sources.home
    report = folder / REPORT
    _replace(report, page.encode())
    _write_charts(folder / "charts", figures, drawings, pictures=pictures)
    record_outputs(folder)
    return report


def get_ready() -> None:
    """Start what takes long to start, while there is other work to wait for."""
    wake()
    templates()


def _write_charts(folder: Path, figures: list[Figure], drawings: dict[str, str], *, pictures: bool) -> None:
    folder.mkdir(exist_ok=True)
    for figure in figures:
        for lang in LANGS:
            svg = alone(drawings[figure.ident], lang, figure.title.in_(lang), figure.subtitle.in_(lang))
            _replace(folder / f"{figure.ident}.{lang}.svg", f"{svg}\n".encode())
            if pictures:
                _replace(folder / f"{figure.ident}.{lang}.png", to_png(svg))
        write_csv(figure.data, folder / f"{figure.ident}.csv")


def _replace(file: Path, content: bytes) -> None:
    """Write a file in one step, so that a report is never half a page."""
    temporary = file.with_name(file.name + ".new")
    temporary.write_bytes(content)
    os.replace(temporary, file)  # noqa: PTH105
