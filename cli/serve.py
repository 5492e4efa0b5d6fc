"""`hikkoshi serve`: the fake systems on this machine, until somebody says that it is enough."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import wait
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

from cyclopts import Parameter

from cli.errors import CommandError, PassedOnError
from cli.exits import Exit
from cli.here import Given, Here
from cli.options import DEFAULT_OUT, Json, check_seed, whole
from cli.serve_options import clock_of, households_of, poll_of, ports_of, speed_of, takeover_of, workers_of

if TYPE_CHECKING:
    from fakes.faults.fault import Fault
    from fakes.serving.rehearsal import Rehearsal, Wanted

_LOOK_S = 0.5
"""An instance that is gone is started again after a while."""
DEFAULT_FOLDER = DEFAULT_OUT / "serve"


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What `serve` can be told."""

    folder: Annotated[Path | None, Parameter(help="cli.option.serve_folder", metavar="FOLDER")] = None
    database: Annotated[str, Parameter(help="cli.option.database", metavar="URL", show_default=False)] = ""
    scenario: Annotated[str | None, Parameter(help="cli.option.serve_scenario", metavar="SCENARIO")] = None
    clock: Annotated[str | None, Parameter(help="cli.option.clock", metavar="'2023-03-27 08:30'")] = None
    speed: Annotated[str, Parameter(help="cli.option.speed", metavar="N")] = "1"
    ports: Annotated[str, Parameter(help="cli.option.ports", metavar="N")] = "8441"
    workers: Annotated[int, Parameter(help="cli.option.workers", metavar="N", converter=whole)] = 1
    no_tls: Annotated[bool, Parameter(help="cli.option.no_tls", negative="")] = False
    no_links: Annotated[bool, Parameter(help="cli.option.no_links", negative="")] = False
    no_town_links: Annotated[bool, Parameter(help="cli.option.no_town_links", negative="")] = False
    poll: Annotated[str, Parameter(help="cli.option.poll", metavar="N")] = "300"
    households: Annotated[int, Parameter(help="cli.option.households", metavar="N", converter=whole)] = 200
    standby: Annotated[bool, Parameter(help="cli.option.standby", negative="")] = False
    takeover: Annotated[str, Parameter(help="cli.option.takeover", metavar="N")] = "5"
    defects: Annotated[str, Parameter(help="cli.option.defects", metavar="NAME,NAME", show_default=False)] = ""
    seed: Annotated[int | None, Parameter(help="cli.option.serve_seed", metavar="N", converter=whole)] = None
    json: Json = False


def serve(*, options: ServeOptions | None = None, here: Given) -> Exit:
    """Run portal, J-LIS and ward on this machine until told to stop."""
    asked = options or ServeOptions()
    wanted = wanted_of(asked)
    from cli.serve_table import as_json, show
    from fakes.serving.folder import opened
    from fakes.serving.rehearsal import serving
    from fakes.serving.starting import NotStartedError
    from fakes.serving.trouble import ServingError

    path = asked.folder or fresh()
    try:
        with opened(path) as folder, serving(folder, wanted) as rehearsal, told_to_stop():
            try:
                settings = rehearsal.servers[0].settings
                shown = rehearsal.credentials
                here.answer(as_json(rehearsal) if asked.json else show(shown, settings, rehearsal.defects, here))
                sys.stdout.flush()
                stay(rehearsal, here)
            except _ToldError as told:
                here.remark(here.text("cli.serve.stopping", path=path))
                return Exit.FINE if told.signal == signal.SIGTERM else Exit.INTERRUPTED
    except ServingError as error:
        raise PassedOnError(error) from error
    except NotStartedError as error:
        raise CommandError("E-serve-not-started", Exit.INTERNAL, server=error.server, reason=error.reason) from error


def wanted_of(asked: ServeOptions) -> Wanted:
    """Return what is to be served.

    Raises
    ------
    CommandError
        For an option that cannot be carried out.
    ScenarioError
        With all problems of the scenario.
    """
    ports, workers, speed = ports_of(asked.ports), workers_of(asked.workers), speed_of(asked.speed)
    start, takeover, poll = clock_of(asked.clock), takeover_of(asked.takeover), poll_of(asked.poll)
    if asked.seed is not None:
        check_seed(asked.seed)
    from fakes.serving.forking import warm_up

    warm_up()  # it imports while we do
    from fakes.defects import DefectError, Defects
    from fakes.serving.rehearsal import Wanted

    try:
        defects = Defects.parse(asked.defects).given
        faults = faults_in(asked.scenario, speed)
    except DefectError as error:
        raise PassedOnError(error) from error
    return Wanted(
        database=asked.database,
        ports=ports,
        workers=workers,
        tls=not asked.no_tls,
        standby=asked.standby,
        takeover_s=takeover,
        links=not asked.no_links,
        town_links=not asked.no_town_links,
        households=households_of(asked.households),
        poll_s=poll,
        start=start,
        speed=speed,
        seed=asked.seed,
        defects=defects,
        faults=faults,
    )


def faults_in(scenario: str | None, speed: float) -> tuple[Fault, ...]:
    """Return the faults of a scenario's incidents; none without a scenario.

    Raises
    ------
    ScenarioError
        With all problems of the scenario.
    CommandError
        For an incident that cannot be played.
    """
    if scenario is None:
        return ()
    from fakes.faults.fault import FaultError
    from fakes.faults.incidents import faults_of
    from scenarios.loading import load
    from scenarios.packaged import WARD, path_of_kind
    from scenarios.schema import Scenario

    try:
        return faults_of(load(path_of_kind(scenario, WARD), Scenario), speed or 1.0)
    except FaultError as error:
        raise PassedOnError(error, Exit.SCENARIO) from error


def fresh(out: Path = DEFAULT_FOLDER) -> Path:
    """Return a folder that does not exist yet, called after the time."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    path, number = out / name, 2
    while path.exists():
        path, number = out / f"{name}-{number}", number + 1
    return path


def stay(rehearsal: Rehearsal, here: Here) -> NoReturn:
    """Wait; start again what ends by itself, and say so."""
    while True:
        wait(rehearsal.sentinels, _LOOK_S)
        for name, code in rehearsal.revive():
            here.remark(here.text("cli.serve.revived", server=name, code=code))


class _ToldError(Exception):
    """Somebody wants the servers to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


@contextmanager
def told_to_stop() -> Iterator[None]:
    """Raise once when told to stop, by Ctrl-C or by SIGTERM; then be deaf, so that all is stopped in order."""
    signals = (signal.SIGINT, signal.SIGTERM)

    def raise_once(number: int, _frame: FrameType | None) -> None:
        for own in signals:
            signal.signal(own, signal.SIG_IGN)
        raise _ToldError(number)

    for own in signals:
        signal.signal(own, raise_once)
    yield
