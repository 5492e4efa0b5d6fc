"""The page: one HTML file without scripts or network, Japanese and English in the same file, charts as inline SVG."""

from __future__ import annotations

import os
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from report import REPORT, sections
from report.figures import Figure, arm_names
from report.findings import Verdict, change, level
from report.headline import HEADLINE, cards, headline, headline_of_one, lines
from report.hours_figures import savings, staff_hours
from report.waiting_figures import season, wait_by_hour
from report.words import Both, both, long_date
from results.datapackage import write_csv
from results.manifest import Manifest, record_outputs
from results.store import Run, open_run
from texts import LANGS


def build_report(run_folder: Path) -> Path:
    """Write report.html, and its charts as SVG and CSV, into a run folder, and enter them in the manifest.

    The page depends on the tables and the manifest's account of the run only: the same folder gives the same bytes.

    Parameters
    ----------
    run_folder
        A run folder with the tables `measures` and `summary`, finished or about to be. Sections whose tables are
        missing are left out; without `comparison` the page shows the first arm alone.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    ResultsError
        Where the folder cannot be read, or has no summary.
    """
    run = open_run(run_folder, unfinished=True)
    compared = "comparison" in run.tables and len(run.manifest.arms) > 1
    arms = [arm.arm for arm in run.manifest.arms][: 2 if compared else 1]
    figures = [figure for figure in (wait_by_hour(run, arms), season(run, arms), staff_hours(run, arms)) if figure]
    if compared and (saved := savings(run)) is not None:
        figures.append(saved)
    report = run_folder / REPORT
    _replace(report, _page(run, arms, {figure.ident: figure for figure in figures}))
    _write_charts(run_folder, figures)
    record_outputs(run_folder)
    return report


def _page(run: Run, arms: list[str], figures: dict[str, Figure]) -> str:
    summary = run.table("summary")
    comparison = run.table("comparison") if len(arms) > 1 else None
    law_rows = sections.laws(run)
    names = arm_names(arms)
    if comparison is None:
        answer, judged = headline_of_one(level(summary, arms[0], HEADLINE)), []
    else:
        answer, judged = headline(change(comparison, HEADLINE)), lines(comparison)
    environment = Environment(
        loader=PackageLoader("report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html.j2").render(
        t=both,
        css=environment.get_template("page.css").render(),
        numbers={ident: place for place, ident in enumerate(figures, 1)},
        figures=figures,
        title=both("report.title.two" if comparison is not None else "report.title.one"),
        scope=_scope(run.manifest),
        arms=list(zip(names, [Both(a.title.ja, a.title.en) for a in run.manifest.arms], strict=False)),
        answer=answer,
        lines=judged,
        cards=cards(summary, comparison, arms),
        gains=sections.gains(run, arms) if comparison is not None else [],
        laws=law_rows,
        laws_sentence=sections.laws_sentence(law_rows),
        assumptions=sections.assumptions(run, arms, names),
        failures=sections.failures(run.manifest),
        reproduce=sections.reproduce(run.manifest),
        marks=MARKS,
    )


MARKS = {
    Verdict.LOWER: "▼",
    Verdict.HIGHER: "▲",
    Verdict.SAME: "=",
    Verdict.CANNOT_SAY: "–",
    "met": "✓",
    "not_met": "✕",
}
"""The sign in each verdict's badge; its word and its border say the same."""


def _scope(manifest: Manifest) -> Both:
    n = manifest.replications.done
    if manifest.period is None:
        return both("report.scope.no_period", n=n)
    first, last = long_date(manifest.period.first), long_date(manifest.period.last)
    return both("report.scope", first=first, last=last, n=n, warm_up=manifest.period.warm_up_days)


def _write_charts(folder: Path, figures: list[Figure]) -> None:
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    for figure in figures:
        for lang in LANGS:
            _replace(charts / f"{figure.ident}.{lang}.svg", figure.svg.in_(lang) + "\n")
        write_csv(figure.data, charts / f"{figure.ident}.csv")


def _replace(file: Path, text: str) -> None:
    """Write a file in one step, so that a report is never half a page."""
    temporary = file.with_name(file.name + ".new")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    os.replace(temporary, file)  # noqa: PTH105
