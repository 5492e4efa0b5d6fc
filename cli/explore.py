"""`hikkoshi explore`: a page on this machine on which uptake, desks, shifts and preparation can be moved."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Given, Here
from cli.options import DEFAULT_SEED, Seed, check_seed, jobs_of, whole

if TYPE_CHECKING:
    from collections.abc import Callable

_REPLICATIONS = 20
_MOST_PORTS = 65535


def explore(
    scenario: Annotated[str, Parameter(help="cli.argument.scenario")],
    /,
    *,
    port: Annotated[int, Parameter(help="cli.option.port", metavar="N", converter=whole)] = 0,
    replications: Annotated[
        int, Parameter(help="cli.option.explore_replications", metavar="N", converter=whole)
    ] = _REPLICATIONS,
    seed: Seed = DEFAULT_SEED,
    no_browser: Annotated[bool, Parameter(help="cli.option.no_browser", negative="")] = False,
    here: Given,
) -> Exit:
    """Open a page on which a scenario can be changed, and which says at once what the change does."""
    check_seed(seed)
    if replications < 2:
        raise CommandError("E-use-explore-replications", found=replications)
    if not 0 <= port <= _MOST_PORTS:
        raise CommandError("E-use-port", found=port)
    from cli.arms import load_ward
    from scenarios.packaged import WARD, path_of_kind

    loaded = load_ward(scenario)
    from cli.readiness import keep_compiled, ready

    keep_compiled(here)
    ready("compiled", here, quiet=False)
    from explore.answers import Oracle
    from explore.app import Pages, Place
    from explore.crew import Crew
    from explore.exporting import Command, Exporter
    from explore.serving import PortTakenError, Server, listen

    try:
        listening = listen(port)
    except PortTakenError as error:
        raise CommandError("E-use-port-taken", port=port, reason=str(error)) from error
    here.remark(here.text("cli.explore.starting", n=replications))
    folder = Path.cwd()
    exporter = Exporter(Command((sys.executable, "-m", "cli.main"), folder, seed, replications))
    place = Place(Path(path_of_kind(scenario, WARD)), folder, here.lang, replications)
    try:
        with listening, Crew(seed, replications, jobs_of(None)) as crew:
            pages = Pages(place, Oracle(loaded.scenario, crew), exporter)
            Server(pages, listening, _announce(here, browser=not no_browser)).serve_until_stopped()
    finally:
        exporter.close()
    return Exit.FINE


def _announce(here: Here, *, browser: bool) -> Callable[[str], None]:
    """Say where the page is, and open it."""

    def announce(address: str) -> None:
        here.answer(here.text("cli.explore.ready", address=address))
        sys.stdout.flush()
        if browser:
            webbrowser.open(address)

    return announce
