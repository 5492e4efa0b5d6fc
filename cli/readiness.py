"""Getting the engine ready: said only where it takes long, which is once on a machine, while it is compiled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.here import Here
from cli.progress import SECONDS_BETWEEN_LINES

if TYPE_CHECKING:
    from sim.engines import EngineName

Told = Callable[[int], None]
"""Is told how many functions have been compiled, as each begins."""


def keep_compiled(here: Here) -> None:
    """Say so once where compiled functions cannot be kept."""
    from sim.kept import KEPT

    if not KEPT:
        here.remark(here.text("cli.compiling.not_kept"))


def ready(engine: EngineName, here: Here, *, quiet: bool) -> None:
    """Get an engine ready, and show it while something is compiled."""
    from sim.compiling import get_ready

    with compiling(here, quiet=quiet) as told:
        get_ready(engine, told)


@contextmanager
def compiling(here: Here, *, quiet: bool) -> Iterator[Told]:
    """Show that functions are compiled, from the first one on; nothing where none is."""
    if quiet:
        yield lambda _: None
        return
    console = Console(stderr=True, highlight=False)
    shown = _spinner if console.is_terminal and not console.is_dumb_terminal else _lines
    with ExitStack() as stack:
        tell: list[Told] = []

        def told(count: int) -> None:
            if not tell:
                tell.append(stack.enter_context(shown(here, console)))
            tell[0](count)

        yield told


@contextmanager
def _spinner(here: Here, console: Console) -> Iterator[Told]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(here.text("cli.compiling.now", count=0))
        yield lambda count: shown.update(task, description=here.text("cli.compiling.now", count=count))


@contextmanager
def _lines(here: Here, console: Console) -> Iterator[Told]:
    """Say it at once, then how far it is every ten seconds."""
    start, done, over = time.monotonic(), 0, threading.Event()

    def say(text: str) -> None:
        print(text, file=console.file, flush=True)

    def tell() -> None:
        while not over.wait(SECONDS_BETWEEN_LINES):
            so_far = here.text("cli.compiling.so_far", seconds=round(time.monotonic() - start))
            say(f"{here.text('cli.compiling.now', count=done)} {so_far}")

    def told(count: int) -> None:
        nonlocal done
        done = count

    say(here.text("cli.compiling.now", count=0))
    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield told
    finally:
        over.set()
        teller.join()
