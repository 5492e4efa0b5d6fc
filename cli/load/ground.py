"""The systems that a load test runs against: fakes of our own, or those that run already."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from cli.errors import CommandError, PassedOnError
from cli.exits import Exit
from fakes.clock import JST, micros_of
from fakes.faults.effects import StandDown
from fakes.faults.fault import Fault
from fakes.people import People
from fakes.servers import Server
from fakes.serving.folder import CREDENTIALS, opened
from fakes.serving.rehearsal import Rehearsal, Wanted, serving
from fakes.serving.starting import NotStartedError
from fakes.serving.trouble import ServingError
from fakes.store.databases import Place
from fakes.store.evidence import check
from loadtests.casting import Casting
from loadtests.errors import LoadError
from loadtests.generator.planning import clock_of, servers_of, written_in
from loadtests.plan import Servers, now_us
from loadtests.schedule import Schedule
from loadtests.serverlogs import ServerLog

GENERATOR_S = 8.0
"""Real seconds before a run begins in which the generator starts: Locust is imported, schedule and cards are read."""
WORKER_S = 3.0
"""So much longer for each further process: they import at the same time."""
SERVERS_S = 6.0
"""Real seconds that three servers are given to start, beside what their registers of people take."""
_HOUSEHOLDS_A_SECOND = 300.0
_TRIES = 2
_HURRY = 0.75
"""With less than this part of its time the generator would not be ready."""
SERVERS = "servers"


class _Key(Struct, frozen=True):
    operator_key: str


@dataclass(frozen=True)
class Ground:
    """Systems that run.

    Attributes
    ----------
    servers
        Where they are, as the plan says it.
    seed, people_day
        Of the people.
    start, begin_at_us
        Moment of the scenario at which the run begins, and the real moment at which their clock reads it.
    logs
        Their logs, by the operator's key.
    processes
        Numbers of the processes of each server; empty for systems that are not ours.
    tend
        Starts again what has ended by itself.
    chains
        Checks audit chains; empty for systems that are not ours.
    """

    servers: Servers
    seed: int
    people_day: date
    start: datetime
    begin_at_us: int
    logs: tuple[ServerLog, ...]
    processes: Callable[[], Mapping[str, Sequence[int]]] = dict
    tend: Callable[[], object] = lambda: None
    chains: Callable[[], Sequence[LoadError]] = tuple


@dataclass(frozen=True)
class OwnWanted:
    """What our own fakes are started with."""

    folder: Path
    schedule: Schedule
    seed: int
    poll_s: float
    workers: int
    faults: tuple[Fault, ...] = ()
    defects: tuple[str, ...] = ()
    tls: bool = False


def generator_s(workers: int) -> float:
    """Return how long a generator of so many processes takes to start, real seconds."""
    return GENERATOR_S + WORKER_S * (workers if workers > 1 else 0)


@contextmanager
def own(wanted: OwnWanted) -> Iterator[Ground]:
    """Start the fakes so that their clock reads the schedule's start when the generator is ready.

    On a machine that does other work they may take longer than they are given: then they are started once more, with at
    least twice the time.

    Raises
    ------
    CommandError
        E-serve-not-started; E-load-late when they were too late again.
    """
    at = wanted.schedule.start.replace(tzinfo=JST)
    needed = _households(wanted.schedule, wanted.seed, at.date())
    given_s = SERVERS_S + needed / _HOUSEHOLDS_A_SECOND
    try:
        for _ in range(_TRIES):
            began = time.monotonic()
            with opened(wanted.folder) as folder:
                folder.cards(at)  # keys take a while; the clock does not run yet
                with serving(folder, _asked(wanted, needed, at, given_s)) as rehearsal:
                    if (ground := _ground(rehearsal, wanted, at)) is not None:
                        yield ground
                        return
            given_s = max(2 * given_s, 1.5 * (time.monotonic() - began))
            shutil.rmtree(wanted.folder)  # stores do not go back to an earlier time
    except ServingError as error:
        raise PassedOnError(error) from error
    except NotStartedError as error:
        raise CommandError("E-serve-not-started", Exit.INTERNAL, server=error.server, reason=error.reason) from error
    raise CommandError("E-load-late", Exit.INTERNAL, seconds=f"{given_s:.0f}")


def _asked(wanted: OwnWanted, households: int, at: datetime, given_s: float) -> Wanted:
    """Return what is to be served, with a clock that reads `at` when servers and generator have had their time."""
    speed = wanted.schedule.speed
    return Wanted(
        tls=wanted.tls,
        standby=any(isinstance(fault.effect, StandDown) for fault in wanted.faults),
        town_links=False,
        poll_s=wanted.poll_s,
        households=households,
        start=at - timedelta(seconds=(given_s + generator_s(wanted.workers)) * speed),
        speed=speed,
        seed=wanted.seed,
        defects=wanted.defects,
        faults=wanted.faults,
    )


def _households(schedule: Schedule, seed: int, day: date) -> int:
    try:
        return Casting(schedule, People(seed, day)).needed
    except LoadError as error:
        raise PassedOnError(error) from error


def _ground(rehearsal: Rehearsal, wanted: OwnWanted, at: datetime) -> Ground | None:
    """Return the systems; None when the generator cannot be ready any more before the run begins."""
    settings = rehearsal.servers[0].settings
    begin_at = settings.began // 1000 + round((at - settings.start).total_seconds() * 1e6 / settings.speed)
    if begin_at - now_us() < _HURRY * generator_s(wanted.workers) * 1e6:
        return None
    file = wanted.folder / CREDENTIALS
    servers = servers_of(written_in(file), file)
    shown = rehearsal.credentials

    def processes() -> dict[str, list[int]]:
        return {
            one.settings.name: [process.pid for process in one.processes if process.pid is not None]
            for one in rehearsal.servers
        }

    return Ground(
        servers,
        shown.seed,
        shown.people_day,
        at,
        begin_at,
        _logs(servers, shown.operator_key),
        processes,
        rehearsal.revive,
        lambda: _chains(rehearsal),
    )


def _chains(rehearsal: Rehearsal) -> list[LoadError]:
    """Return the stores whose audit chain is not whole."""
    places = {one.settings.server: Place(one.settings.database, one.settings.server.value) for one in rehearsal.servers}
    checked = [check(place) for place in places.values()]
    return [
        LoadError("E-load-chain", server=own.server, reason=own.problem or f"#{own.broken_at}")
        for own in checked
        if not own.whole
    ]


@contextmanager
def elsewhere(target: Path, speed: float, workers: int) -> Iterator[Ground]:
    """Use systems that run already, `hikkoshi serve --no-town-links`; the run begins on their clock.

    Raises
    ------
    CommandError
        E-load-target, E-load-target-speed.
    """
    file = target if target.suffix == ".json" else target / CREDENTIALS
    try:
        known = written_in(file)
        key = msgspec.json.decode(file.read_bytes(), type=_Key).operator_key
        servers = servers_of(known, file)
        start, begin_at = clock_of(servers, speed, generator_s(workers))
    except LoadError as error:
        raise PassedOnError(error) from error
    except (OSError, msgspec.MsgspecError) as error:
        raise CommandError("E-load-target", target=target, reason=error) from error
    yield Ground(servers, known.seed, known.people_day, start, begin_at, _logs(servers, key))


def _logs(servers: Servers, key: str) -> tuple[ServerLog, ...]:
    urls = {Server.PORTAL: [servers.portal], Server.JLIS: list(servers.jlis), Server.WARD: [servers.ward]}
    return tuple(ServerLog(server, own, key, servers.authority) for server, own in urls.items())


def zero_of(start: datetime) -> int:
    """Return a moment of the scenario, microseconds since 1970."""
    return micros_of(start if start.tzinfo is not None else start.replace(tzinfo=JST))
