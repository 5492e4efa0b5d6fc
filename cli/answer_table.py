"""The answer on one screen: what changes, by how much, how sure, for whom, and where the work goes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from cli.answer import ACROSS, HEADLINE, QUESTIONS, Answer, Question
from cli.figures import of_change, of_level, unit_of
from cli.here import Here
from report.findings import Verdict
from scenarios.evidence import evidence_of
from sim.experiment import HEADLINES
from sim.summary import variance_ratio_key

WIDTH = 80
_COMPARED = (26, 7, 7, 7, 16, 12)
"""Cells of the columns of a comparison; with a blank between them they fill the width."""
_ALONE = (44, 12, 22)
_LEFT = (0, 5)
"""Columns of words; the others hold figures."""
_DROPPED_AT_ZERO = "h"
"""Unit of sums: a row of nothing there says that nobody did it."""
_STYLES = {Verdict.LOWER: "bold", Verdict.HIGHER: "bold", Verdict.SAME: "", Verdict.CANNOT_SAY: "dim"}


def show(answer: Answer, here: Here) -> None:
    """Print the answer to standard output; what went wrong stands below it, where it is seen."""
    console = Console(width=WIDTH, highlight=False, markup=False, emoji=False)
    for line in _title(answer, here):
        console.print(line, style="bold")
    console.print(_scope(answer, here), end="\n\n")
    console.print(_table(answer, here), end="\n")
    for line in _remarks(answer, here):
        console.print(line)
    for line in warnings(answer, here):
        console.print(line, style="bold red")
    for line in _where_to(answer, here):
        console.print(line, soft_wrap=True)


def _title(answer: Answer, here: Here) -> Iterator[str]:
    titles = {name: str(getattr(arm.scenario.title, here.lang)) for name, arm in answer.arms.items()}
    if len(titles) == 1:
        yield from titles.values()
        return
    room = max(cell_len(name) for name in titles)
    for place, (name, title) in enumerate(titles.items()):
        role = "before" if place == 0 else "after"
        yield f"{here.text(f'cli.role.{role}')} {name}{' ' * (room - cell_len(name))}  {title}"


def _scope(answer: Answer, here: Here) -> str:
    period = next(iter(answer.arms.values())).scenario.period
    return here.text("cli.scope", first=period.start, last=period.end, n=answer.outcome.done)


def _table(answer: Answer, here: Here) -> Table:
    if len(answer.arms) == 1:
        return _levels(answer, here)
    return _changes(answer, here) if len(answer.arms) == 2 else _across(answer, here)


def _grid(widths: tuple[int, ...], *headings: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="")
    for place, (heading, width) in enumerate(zip(("", *headings), widths, strict=True)):
        table.add_column(heading, width=width, justify="left" if place in _LEFT else "right", overflow="fold")
    return table


def _changes(answer: Answer, here: Here) -> Table:
    table = _grid(_COMPARED, *_headings(here, "before", "after", "difference", "span", "verdict"))
    for heading, questions in QUESTIONS.items():
        table.add_row(here.text(heading), style="bold")
        for question in questions:
            _add_change(table, answer, answer.names[1], question, here)
    return table


def _across(answer: Answer, here: Here) -> Table:
    """Many arms against the first: a heading for each question, a row for each arm."""
    table = _grid(_COMPARED, *_headings(here, "baseline", "arm", "difference", "span", "verdict"))
    for question in ACROSS:
        table.add_row(_named(answer, question, here), style="bold")
        for arm in answer.names[1:]:
            _add_change(table, answer, arm, question, here, label=arm)
    return table


def _levels(answer: Answer, here: Here) -> Table:
    table = _grid(_ALONE, *_headings(here, "estimate", "span"))
    for heading, questions in QUESTIONS.items():
        table.add_row(here.text(heading), style="bold")
        for question in questions:
            found = answer.level(answer.names[0], question)
            label = _named(answer, question, here)
            if found is None and answer.unit(question) is not None:
                table.add_row(f"  {label}", here.text("cli.verdict.refused"), style="dim")
            elif found is not None and not (found.unit == _DROPPED_AT_ZERO and found.estimate == 0):
                table.add_row(f"  {label}", *of_level(found, here.lang))
    return table


def _headings(here: Here, *names: str) -> list[str]:
    return [here.text(f"cli.column.{name}") for name in names]


def _named(answer: Answer, question: Question, here: Here) -> str:
    return here.text(question.label, unit=unit_of(question.measure, answer.unit(question) or "", here.lang))


def _add_change(
    table: Table, answer: Answer, arm: str, question: Question, here: Here, label: str | None = None
) -> None:
    """Add one row; hours that are nothing in both arms, and what was not measured, are left out."""
    found = answer.change(arm, question)
    name = "  " + (_named(answer, question, here) if label is None else label)
    if found is None and answer.unit(question) is not None:
        table.add_row(name, "", "", "", "", here.text("cli.verdict.refused"), style="dim")
    elif found is not None and not (found.unit == _DROPPED_AT_ZERO and found.before == found.after == 0):
        figures = of_change(found, here.lang)
        verdict = here.text(f"cli.verdict.{figures.verdict}")
        cells = (figures.before, figures.after, figures.difference, figures.span, verdict)
        table.add_row(name, *cells, style=_STYLES[figures.verdict])


def _remarks(answer: Answer, here: Here) -> Iterator[str]:
    if len(answer.arms) > 1:
        ratio = answer.variance_ratio
        found = here.text(variance_ratio_key(ratio), ratio=ratio, inverse=1 / ratio if ratio else float("inf"))
        yield here.text("cli.variance", found=found)
    verdict, rule = answer.outcome.verdict, answer.plan.precision
    if verdict is not None and rule is not None:
        yield verdict.say(here.lang, rule, _headline_names(answer, here))
    assumed = {row.key: row.assumed for arm in answer.arms.values() for row in evidence_of(arm.scenario)}
    yield here.text("cli.assumed", assumed=sum(assumed.values()), total=len(assumed))
    if answer.broken.empty:
        yield here.text("cli.laws_hold", count=f"{answer.laws:,}")


def _headline_names(answer: Answer, here: Here) -> dict[str, str]:
    """Names of the measures that the precision rule watches, with their arm."""
    return {f"{arm}/{name}": f"{here.text(f'measure.{name}')} ({arm})" for arm in answer.names for name in HEADLINES}


def warnings(answer: Answer, here: Here) -> Iterator[str]:
    """Say what went wrong although there is a result."""
    if len(answer.broken):
        where = answer.broken.iloc[0][["law", "place", "arm", "replication"]]
        yield here.text(
            "cli.laws_broken", count=len(answer.broken), **{str(name): value for name, value in where.items()}
        )
    if failures := answer.outcome.failures:
        first = failures[0]
        where_failed = {"arm": first.arm, "replication": first.replication, "reason": first.reason}
        yield here.text("cli.failed", count=len(failures), **where_failed)
    if answer.written.trouble:
        yield here.text("cli.no_report", reason=answer.written.trouble.strip().splitlines()[-1])


def _where_to(answer: Answer, here: Here) -> Iterator[str]:
    """Say which file to open and what to type next; the last line is the most useful one."""
    yield here.text("cli.open", path=answer.written.report or answer.written.path)
    yield here.text("cli.next", command=shlex.join(next_command(answer)))


def next_command(answer: Answer) -> list[str]:
    """Return what is best typed next, given what came out."""
    if answer.written.report is None:
        return ["hikkoshi", "report", str(answer.written.path)]
    if len(answer.arms) == 1:
        return ["hikkoshi", "compare", "before", *answer.words]
    found = answer.change(answer.names[1], Question("cli.row.wait_mean", HEADLINE))
    if found is not None and found.verdict is Verdict.CANNOT_SAY:
        return ["hikkoshi", "compare", *answer.words, "--replications", str(4 * answer.outcome.done)]
    return ["hikkoshi", "study", "uptake"]
