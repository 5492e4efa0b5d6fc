"""`hikkoshi load`: plays launch-day pressure against the fake systems, reconciles everything, and says a verdict."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cli.exits import OF_VERDICT, Exit
from cli.here import Given, Here
from cli.load.options import LoadOptions, Sizes, sizes_of

if TYPE_CHECKING:
    from pathlib import Path

    from cli.load.asked import Asked
    from cli.load.running import Ran

DEFAULT_SCENARIO = "launch"


def load(
    scenario: Annotated[str, Parameter(help="cli.argument.scenario")] = DEFAULT_SCENARIO,
    /,
    *,
    run: LoadOptions = LoadOptions(),  # noqa: B008
    here: Given,
) -> Exit:
    """Play a scenario's filings against the fake systems and judge whether they hold."""
    sizes = sizes_of(run)
    from results.writable import probe

    probe(run.out)
    if run.prove:
        from cli.load.proving import prove

        return prove(run, here)
    if run.find_limit:
        from cli.load.limit import find_limit

        return find_limit(scenario, run, here)
    from cli.load.asked import asked_of

    asked = asked_of(scenario, run, sizes)
    ended, text = _played(asked, run, sizes, here)
    if text:
        here.answer(text)
    return ended


def _played(asked: Asked, options: LoadOptions, sizes: Sizes, here: Here) -> tuple[Exit, str]:
    """Play it, write the folder, and return how the program ends and what is still to be printed."""
    from cli.load.folder import VERDICT, folder_for, write

    start = dt.datetime.now().astimezone()
    with folder_for(asked, options.out, ["hikkoshi", *here.words], start) as folder:
        ran = _run(asked, options, sizes, folder.path, here)
        written = write(folder, asked, ran, here.lang)
    text = ""
    if options.json:
        text = (written.path / VERDICT).read_text(encoding="utf-8").rstrip("\n")
    else:
        from cli.load.table import show

        show(asked, ran, written, here)
    if ran.broken_off:
        return Exit.INTERRUPTED, text
    return OF_VERDICT[ran.judgement.verdict.outcome.word], text


def _run(asked: Asked, options: LoadOptions, sizes: Sizes, folder: Path, here: Here) -> Ran:
    from cli.load.running import Numbers, run
    from cli.progress import stages

    numbers = Numbers(options.workers, sizes.drain_s, options.target, tls=options.tls)
    with stages(here, quiet=options.quiet or options.json) as report:
        return run(asked, numbers, folder, lambda key, done, total: report(here.text(key), done, total))
