"""`hikkoshi report`: build the page of a run folder again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Given


def report(run: Annotated[Path, Parameter(help="cli.argument.run")], /, *, here: Given) -> Exit:
    """Build report.html of a run folder again, from its tables alone."""
    from results.store import open_run

    if "required_rates" in open_run(run).tables:
        raise CommandError("E-use-report-national", path=run)
    from report import build_report
    from results.errors import ResultsError

    try:
        page = build_report(run)
    except OSError as error:
        raise ResultsError("E-out-unwritable", path=run, reason=error.strerror or str(error)) from error
    here.answer(here.text("cli.open", path=page))
    return Exit.FINE
