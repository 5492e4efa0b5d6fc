"""The verdict of a load test on one screen: what it is, why, what was carried, what was looked for."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from cli.here import Here
from cli.load.asked import Asked
from cli.load.folder import JUNIT, VERDICT, Written
from cli.load.running import Ran
from loadtests.reconcile.findings import Line
from loadtests.series import RESPONSE, SERVICE
from loadtests.verdict import Outcome

WIDTH = 80
_LATENCIES = (24, 9, 9, 10, 10, 10)
_FINDINGS = (32, 7, 9, 28)
_STYLES = {
    Outcome.ENOUGH: "bold green",
    Outcome.NOT_ENOUGH: "bold yellow",
    Outcome.FAULTY: "bold red",
    Outcome.CANNOT_SAY: "bold magenta",
}
_REASONS = 12


def show(asked: Asked, ran: Ran, written: Written, here: Here) -> None:
    """Print the verdict to standard output."""
    console = Console(width=WIDTH, highlight=False, markup=False, emoji=False)
    verdict = ran.judgement.verdict
    console.print(here.text("load.verdict", outcome=verdict.outcome.label(here.lang)), style=_STYLES[verdict.outcome])
    for row in verdict.reasons[:_REASONS]:
        console.print(f"  {row.says(here.lang)}", style=_STYLES[row.outcome], soft_wrap=True)
    if (left := len(verdict.reasons) - _REASONS) > 0:
        console.print("  " + here.text("cli.load.more_reasons", count=left))
    console.print()
    for line in _scope(asked, ran, here):
        console.print(line, soft_wrap=True)
    console.print()
    console.print(_latencies(ran, here))
    console.print()
    console.print(_findings(ran, here))
    console.print()
    for line in _where_to(written, here):
        console.print(line, soft_wrap=True)


def _scope(asked: Asked, ran: Ran, here: Here) -> Iterator[str]:
    schedule, judgement = asked.schedule, ran.judgement
    yield here.text(
        "cli.load.scope",
        window=asked.window,
        speed=f"{schedule.speed:g}",
        scale=f"{asked.scale:g}",
        arrivals=f"{len(schedule):,}",
        length=f"{schedule.length_us / 1e6:.0f}",
    )
    yield here.text(
        "cli.load.carried",
        carried=f"{judgement.carried_per_s:.2f}",
        required=f"{asked.required.per_second:.3f}",
        times="-" if judgement.headroom is None else f"{float(judgement.headroom):.1f}",
    )
    for fault in dict.fromkeys(span.id for span in ran.left.faults):
        yield here.text("cli.load.fault", fault=fault)
    if asked.defects:
        yield here.text("cli.serve.defects", defects=", ".join(asked.defects))
    yield here.text("cli.load.took", seconds=f"{ran.seconds:.0f}")


def _grid(widths: tuple[int, ...], *headings: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for place, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        table.add_column(heading, width=width, justify="right" if place else "left", overflow="fold")
    return table


def _latencies(ran: Ran, here: Here) -> Table:
    names = ("call", "calls", "failed", "p50", "p99", "p99_service")
    table = _grid(_LATENCIES, *(here.text(f"cli.load.column.{name}") for name in names))
    series = ran.judgement.series
    for call in series.calls:
        response, service = series.over(RESPONSE, call), series.over(SERVICE, call)
        if not response.seen.number:
            continue
        figures = [_ms(response.seen.percentile(50).value), _ms(response.seen.percentile(99).value)]
        figures.append(_ms(service.seen.percentile(99).value))
        table.add_row(here.text(f"load.call.{call}"), f"{response.seen.number:,}", f"{response.failed:,}", *figures)
    return table


def _ms(micros: int) -> str:
    return f"{micros / 1000:,.1f}"


def _findings(ran: Ran, here: Here) -> Table:
    names = ("finding", "cases", "checked", "rarer")
    table = _grid(_FINDINGS, *(here.text(f"cli.load.column.{name}") for name in names))
    for row in ran.judgement.verdict.rows:
        line = row.source
        if not isinstance(line, Line):
            continue
        rarer = "-" if line.count or not line.checked else here.text("cli.load.rarer", rarer=f"{line.rarer:,}")
        table.add_row(
            line.finding.label(here.lang), f"{line.count:,}", f"{line.checked:,}", rarer, style=_style(row.outcome)
        )
    return table


def _style(outcome: Outcome) -> str:
    return "" if outcome is Outcome.ENOUGH else _STYLES[outcome]


def _where_to(written: Written, here: Here) -> Iterator[str]:
    yield here.text("cli.load.where", path=written.path)
    yield here.text("cli.load.files", verdict=written.path / VERDICT, junit=written.path / JUNIT)
