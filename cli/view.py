"""`hikkoshi report`: the page of run folders, made from their tables alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Given


def report(
    run: Annotated[Path, Parameter(help="cli.argument.run")],
    /,
    *more: Annotated[Path, Parameter(help="cli.argument.more_runs")],
    out: Annotated[Path | None, Parameter(help="cli.option.report_out", metavar="FILE")] = None,
    pdf: Annotated[bool, Parameter(help="cli.option.pdf", negative="")] = False,
    here: Given,
) -> Exit:
    """Build the page of run folders, with its charts as pictures and tables."""
    from report.sources import kind_of
    from results.store import open_run

    for folder in (run, *more):
        if kind_of(folder) == "run" and "required_rates" in open_run(folder).tables:
            raise CommandError("E-use-report-national", path=folder)
    from report import build_report
    from results.errors import ResultsError

    place = run if out is None else out
    try:
        page = build_report([run, *more], out)
        if pdf:
            from report.pdf import print_page

            for file in print_page(page):
                here.remark(here.text("cli.open", path=file))
    except OSError as error:
        raise ResultsError("E-out-unwritable", path=place, reason=error.strerror or str(error)) from error
    here.answer(here.text("cli.open", path=page))
    return Exit.FINE
