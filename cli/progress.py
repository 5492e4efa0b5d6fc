"""How far a run is, on standard error: a bar where somebody watches, else a plain line every ten seconds."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from cli.here import Here

SECONDS_BETWEEN_LINES = 10.0

Report = Callable[[int], None]
"""Is told how many are done."""


@contextmanager
def progress(here: Here, what: str, total: int | None, *, quiet: bool) -> Iterator[Report]:
    """Show progress while the block runs; the block calls what it is given with the number done so far.

    Parameters
    ----------
    what
        Key of the catalogue: what is counted.
    total
        How many there will be; None where nobody knows.
    """
    if quiet:
        yield lambda _: None
        return
    console = Console(stderr=True, highlight=False)
    shown = _bar if console.is_terminal and not console.is_dumb_terminal else _lines
    with shown(here, console, here.text(what), total) as report:
        yield report


Stages = Callable[[str, int, int], None]
"""Is told what is under way, in words, how many stages are done, and of how many."""


@contextmanager
def stages(here: Here, *, quiet: bool) -> Iterator[Stages]:
    """Show which stage is under way while the block runs; stages are unlike, so no time is promised."""
    if quiet:
        yield lambda _what, _done, _total: None
        return
    console = Console(stderr=True, highlight=False)
    shown = _stage_bar if console.is_terminal and not console.is_dumb_terminal else _stage_lines
    with shown(here, console) as report:
        yield report


@contextmanager
def _stage_bar(here: Here, console: Console) -> Iterator[Stages]:
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), _Elapsed(here))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


class _Elapsed(ProgressColumn):
    """Stages done and in all, and the time so far."""

    def __init__(self, here: Here) -> None:
        super().__init__()
        self.here = here

    def render(self, task: Task) -> Text:
        """Say it in words."""
        total = 0 if task.total is None else int(task.total)
        return Text(_so_far(self.here, int(task.completed), total, task.finished_time or task.elapsed or 0.0))


@contextmanager
def _stage_lines(here: Here, console: Console) -> Iterator[Stages]:
    """Write a line when a stage begins, at most one in ten seconds."""
    start = time.monotonic()
    last = -math.inf

    def report(what: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES:
            last = now
            print(f"{what} {_so_far(here, done, total, now - start)}", file=console.file, flush=True)

    yield report


def _so_far(here: Here, done: int, total: int, seconds: float) -> str:
    return here.text("cli.progress.stages", count=f"{done}/{total}" if total else "", time=_clock(seconds))


@contextmanager
def _bar(here: Here, console: Console, label: str, total: int | None) -> Iterator[Report]:
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), _Figures(here))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)


class _Figures(ProgressColumn):
    """Done and total, rate, remaining time."""

    def __init__(self, here: Here) -> None:
        super().__init__()
        self.here = here

    def render(self, task: Task) -> Text:
        """Say it in words."""
        total = None if task.total is None else int(task.total)
        return Text(_figures(self.here, int(task.completed), total, task.finished_time or task.elapsed or 0.0))


@contextmanager
def _lines(here: Here, console: Console, label: str, total: int | None) -> Iterator[Report]:
    start = time.monotonic()
    done = 0
    over = threading.Event()

    def tell() -> None:
        while not over.wait(SECONDS_BETWEEN_LINES):
            line = f"{label} {_figures(here, done, total, time.monotonic() - start)}"
            print(line, file=console.file, flush=True)

    def report(number: int) -> None:
        nonlocal done
        done = number

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield report
    finally:
        over.set()
        teller.join()


def _figures(here: Here, done: int, total: int | None, seconds: float) -> str:
    """Say how many are done of how many, how many a minute, and how long it will take."""
    count = f"{done}/{total}" if total is not None else f"{done}"
    if not done or seconds <= 0:
        return here.text("cli.progress.start", count=count)
    rate = 60 * done / seconds
    if total is None:
        return here.text("cli.progress.open", count=count, rate=f"{rate:.0f}")
    left = (total - done) * seconds / done
    return here.text("cli.progress.left", count=count, rate=f"{rate:.0f}", left=_clock(left))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
