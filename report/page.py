"""The page: one HTML file without scripts or network, Japanese and English in the same file, charts as inline SVG."""

from __future__ import annotations

from functools import cache

from altair.utils.schemapi import debug_mode
from jinja2 import Environment, PackageLoader, StrictUndefined

from report import gains, provenance, sections
from report.commitments import commitments
from report.crowding_figures import crowding
from report.figures import Figure, arm_names
from report.findings import Verdict, change, level
from report.headline import HEADLINE, cards, headline, headline_of_one, lines
from report.hours_figures import savings, staff_hours
from report.journeys import journeys
from report.load_figure import load
from report.load_page import of_load_alone
from report.load_run import LoadRun
from report.matrix import matrix_sentence
from report.race_figures import race
from report.sources import Sources, arms_of, compared
from report.svg import to_svg
from report.waiting_figures import fifty, season
from report.what_if import TARGET, grid
from report.words import Both, both, long_date
from results.manifest import Manifest
from results.store import Run

MARKS = {
    Verdict.LOWER: "▼",
    Verdict.HIGHER: "▲",
    Verdict.SAME: "=",
    Verdict.CANNOT_SAY: "–",
    "met": "✓",
    "not_met": "✕",
}
"""The sign in each verdict's badge; its word and its border say the same."""


LIMITS = ("simulation", "range", "uptake", "minutes", "desks", "others", "race", "people", "outside")
WORDS = ("middle", "range", "cannot_say", "inside", "online", "notice", "replication")
"""Limits and words of a simulation, by their keys."""


def figures_of(sources: Sources) -> list[Figure]:
    """Return the figures that a page has something for, in its order."""
    with debug_mode(False):  # checking every part of a chart against Vega's schema takes longer than drawing it
        every = [
            *(_figures(sources.run) if sources.run is not None else []),
            load(sources.load) if sources.load is not None else None,
        ]
    return [figure for figure in every if figure is not None]


def _figures(run: Run) -> list[Figure | None]:
    arms = arms_of(run)
    return [
        fifty(run, arms),
        crowding(run, arms),
        season(run, arms),
        staff_hours(run, arms),
        race(run, arms),
        savings(run) if compared(run) else None,
    ]


def drawn(figures: list[Figure]) -> dict[str, str]:
    """Return each figure's drawing as SVG, by its id."""
    return {figure.ident: to_svg(figure.drawing, figure.ident, f"{figure.ident}-title") for figure in figures}


@cache
def templates() -> Environment:
    """Return the page's templates, each translated once."""
    environment = Environment(
        loader=PackageLoader("report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for name in environment.list_templates():
        environment.get_template(name)
    return environment


def render(sources: Sources, figures: list[Figure], drawings: dict[str, str]) -> str:
    """Return the page as HTML."""
    environment = templates()
    run, tested = sources.run, sources.load
    if run is not None:
        own = _of_simulation(run, tested)
    else:
        assert tested is not None, "a page is of one of them at least"
        own = of_load_alone(tested)
    return environment.get_template("page.html.j2").render(
        t=both,
        css=environment.get_template("page.css").render(),
        numbers={figure.ident: place for place, figure in enumerate(figures, 1)},
        figures={figure.ident: figure for figure in figures},
        drawings=drawings,
        simulated=run is not None,
        load=tested,
        matrix=sources.matrix,
        matrix_sentence=matrix_sentence(sources.matrix) if sources.matrix else None,
        commitments=commitments(tested),
        marks=MARKS,
        **own,
    )


def _of_simulation(run: Run, tested: LoadRun | None) -> dict[str, object]:
    """Return what the page says of a simulation, beside which there may be a load test."""
    arms, manifest, two = arms_of(run), run.manifest, compared(run)
    summary = run.table("summary")
    comparison = run.table("comparison") if two else None
    law_rows = sections.laws(run)
    names = arm_names(arms)
    if comparison is None:
        answer, judged = headline_of_one(level(summary, arms[0], HEADLINE)), []
    else:
        answer, judged = headline(change(comparison, HEADLINE)), lines(comparison)
    titles = zip(names, [Both(a.title.ja, a.title.en) for a in manifest.arms], strict=False)
    return {
        "label": both("report.label"),
        "title": both("report.title.two" if two else "report.title.one"),
        "scope": _scope(manifest),
        "arms": [both("report.scope.arm", arm=name, title=title) for name, title in titles],
        "left_out": len(manifest.arms) - len(arms),
        "answer": answer,
        "lines": judged,
        "cards": cards(summary, comparison, arms),
        "gains": gains.gains(run, arms) if two else [],
        "laws": law_rows,
        "laws_sentence": sections.laws_sentence(law_rows),
        "assumptions": sections.assumptions(run, arms, names),
        "grid": grid(run),
        "target": f"{TARGET:.0f}",
        "journeys": journeys(run, arms),
        "limits_title": both("report.section.limits"),
        "limits": [both(f"report.limits.{name}") for name in LIMITS],
        "words": [(both(f"report.word.{name}"), both(f"report.word.{name}.meaning")) for name in WORDS],
        "failures": provenance.failures(manifest),
        "again": both("report.again.sentence"),
        "reproduce": [*provenance.reproduce(manifest), *provenance.of_load(tested, manifest)],
    }


def _scope(manifest: Manifest) -> Both:
    n = manifest.replications.done
    if manifest.period is None:
        return both("report.scope.no_period", n=n)
    first, last = long_date(manifest.period.first), long_date(manifest.period.last)
    return both("report.scope", first=first, last=last, n=n, warm_up=manifest.period.warm_up_days)
