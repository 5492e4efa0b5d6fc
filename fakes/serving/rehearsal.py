"""The three servers together, as a tester starts them: what is asked for in, servers that know each other out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.exc import SQLAlchemyError

from fakes.clock import JST, moment_of
from fakes.defects import Defects
from fakes.endpoints import Server
from fakes.faults.fault import Fault
from fakes.people import People
from fakes.pki.peers import PORTAL, listed_peers, town_peer
from fakes.serving import credentials
from fakes.serving.assembly import PROJECTIONS, prepare_store
from fakes.serving.credentials import Credentials
from fakes.serving.folder import CREDENTIALS, Folder, Kept
from fakes.serving.settings import LOOPBACK, Settings
from fakes.serving.starting import Running, bind, kill_all, launch, stop_all
from fakes.serving.trouble import ServingError
from fakes.store.databases import Place
from fakes.store.store import agree, newest, prepare
from fakes.towns import TOWNS
from fakes.web.authentication import Peer

DEFAULT_SEED: Final = 1
PRIMARY: Final = "primary"
STANDBY: Final = "standby"
_AGREED: Final = "rehearsal"


class Wanted(Struct, frozen=True, kw_only=True):
    """What is asked for.

    Attributes
    ----------
    database
        `postgresql://…`; empty for SQLite files in the folder.
    ports
        Of portal, jlis, ward and the standby; 0 for a free one.
    workers
        Processes of each server.
    tls
        Whether the servers speak TLS, and peers show certificates.
    standby
        Whether jlis runs twice on one store.
    links, town_links
        Whether portal and towns hand over and fetch by themselves; without `town_links` the portal alone.
    poll_s
        Seconds of the scenario between looks of the towns at jlis.
    defects
        Seeded defects, as `name` or `name=amount`.
    start
        What time it is in the scenario; None to go on, or for the usual beginning.
    households
        Of each town in the resident register, when its store is made.
    seed
        Of people and passwords; None for that of the folder.
    """

    database: str = ""
    ports: tuple[int, int, int, int] = (0, 0, 0, 0)
    workers: int = 1
    tls: bool = True
    standby: bool = False
    takeover_s: float = 5.0
    links: bool = True
    town_links: bool = True
    poll_s: float = 300.0
    households: int = 200
    start: datetime | None = None
    speed: float = 1.0
    seed: int | None = None
    defects: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


USUAL_START: Final = datetime(2023, 2, 6, 8, 30, tzinfo=JST)
"""The morning on which the service begins."""


class _Agreed(Struct, frozen=True):
    """What stands in every store, so that people and passwords stay who and what they are."""

    seed: int
    people_day: date


class Rehearsal:
    """Servers that run."""

    def __init__(self, servers: list[Running], shown: Credentials) -> None:
        self.servers = servers
        self.credentials = shown

    @property
    def defects(self) -> tuple[str, ...]:
        """Seeded defects that are on, in one server or another."""
        return tuple(dict.fromkeys(name for server in self.servers for name in server.settings.defects))

    @property
    def sentinels(self) -> list[int]:
        """File descriptors of what runs, one of which is ready when a process has ended."""
        every = [process for server in self.servers for process in server.processes]
        return [process.sentinel for process in every if process.exitcode is None]

    def revive(self) -> list[tuple[str, int]]:
        """Start again what has ended by itself; return names and exit codes.

        Raises
        ------
        NotStartedError, OSError
            When one cannot be started again.
        """
        return [(server.settings.name, code) for server in self.servers for code in server.revive()]


@contextmanager
def serving(folder: Folder, wanted: Wanted) -> Iterator[Rehearsal]:
    """Start the servers, and stop them at the end.

    Raises
    ------
    ServingError
        `E-serve-port`, `E-serve-database`, `E-serve-seed`, `E-serve-clock-back`, and those of the folder.
    NotStartedError
        When a server ends before it is ready.
    """
    kept = folder.kept(wanted.database)
    common = _common(folder, kept, wanted)
    running: list[Running] = []
    sockets = {}
    try:
        for name, port in zip(_names(wanted), wanted.ports, strict=False):
            try:
                sockets[name] = bind(port, wanted.workers)
            except OSError as problem:
                raise ServingError(
                    "E-serve-port", server=name, port=port, reason=problem.strerror or problem
                ) from problem
        every = _settings(
            folder, kept, wanted, common, {name: own[0].getsockname()[1] for name, own in sockets.items()}
        )
        for name, settings in every.items():
            prepare_store(settings)
            running.append(launch(settings, sockets.pop(name)))
            if settings.instance == PRIMARY:
                running[-1].wait_until_ready()  # it leads before the standby looks
        for server in running:
            server.wait_until_ready()
        shown = _shown(folder, kept, common, running)
        folder.write(CREDENTIALS, shown)
    except BaseException:
        kill_all(running)
        for left in sockets.values():
            for listening in left:
                listening.close()
        raise
    try:
        yield Rehearsal(running, shown)
    finally:
        stop_all(running)


def _names(wanted: Wanted) -> list[str]:
    return [*(server.value for server in Server), *([STANDBY] if wanted.standby else [])]


def _common(folder: Folder, kept: Kept, wanted: Wanted) -> Settings:
    """Return what the settings of all servers share; the server itself is filled in later."""
    start = wanted.start or USUAL_START
    agreed = _Agreed(DEFAULT_SEED if wanted.seed is None else wanted.seed, start.astimezone(JST).date())
    latest: list[int] = []
    for server in Server:
        place = _place(folder.database_of(server, kept), server)
        try:
            prepare(place, PROJECTIONS[server])
            agreed = msgspec.json.decode(agree(place, _AGREED, msgspec.json.encode(agreed)), type=_Agreed)
            latest += [at] if (at := newest(place)) is not None else []
        except Exception as problem:  # of three libraries
            raise ServingError("E-serve-database", server=server.value, reason=_reason(problem)) from problem
    if wanted.seed not in {None, agreed.seed}:
        raise ServingError("E-serve-seed", kept=agreed.seed, found=wanted.seed)
    if latest:
        newest_at = moment_of(max(latest))
        if wanted.start is not None and wanted.start < newest_at:
            raise ServingError("E-serve-clock-back", found=_minute(wanted.start), latest=_minute(newest_at))
        start = wanted.start or newest_at
    certificates = str(folder.certificates()) if wanted.tls else ""
    return Settings(
        server=Server.PORTAL,
        database="",
        seed=agreed.seed,
        people_day=agreed.people_day,
        start=start,
        speed=wanted.speed,
        began=time.time_ns(),
        certificates=certificates,
        cards=str(folder.cards(start)),
        peers=listed_peers(folder.certificates()) if wanted.tls else _named_peers(),
        providers={credentials.PROVIDER: credentials.sent_password(kept.provider_password)},
        operator_key=kept.operator_key,
        links=wanted.links,
        poll_s=wanted.poll_s,
        households=wanted.households,
        takeover_s=wanted.takeover_s,
        faults=wanted.faults,
    )


def _settings(
    folder: Folder, kept: Kept, wanted: Wanted, common: Settings, ports: dict[str, int]
) -> dict[str, Settings]:
    """Return the settings of each server by its name, in the order of their start."""
    scheme = "https" if wanted.tls else "http"
    instances = [Server.JLIS.value, *([STANDBY] if wanted.standby else [])]
    urls = tuple(f"{scheme}://{LOOPBACK}:{ports[name]}" for name in instances)
    every = {}
    for name in (Server.JLIS.value, *(name for name in _names(wanted) if name != Server.JLIS.value)):
        server = Server.JLIS if name == STANDBY else Server(name)
        instance = ""
        if wanted.standby and server is Server.JLIS:
            instance = STANDBY if name == STANDBY else PRIMARY
        own = replace(common, server=server, database=folder.database_of(server, kept), instance=instance)
        every[name] = replace(
            own,
            jlis=() if server is Server.JLIS else urls,
            log=str(folder.log_of(own.name)),
            links=wanted.links and (wanted.town_links or server is not Server.WARD),
            defects=Defects(*wanted.defects).of(server).given,
        )
    return every


def _place(database: str, server: Server) -> Place:
    try:
        return Place(database, server.value)
    except (ValueError, SQLAlchemyError) as problem:
        raise ServingError("E-serve-database-url") from problem


def _named_peers() -> dict[str, Peer]:
    """Return the allow-list without TLS: who names itself so is believed."""
    towns = {town_peer(code): Peer(town_peer(code), code) for code in TOWNS}
    return {PORTAL: Peer(PORTAL), **towns}


def _shown(folder: Folder, kept: Kept, common: Settings, running: list[Running]) -> Credentials:
    assert common.people_day is not None
    in_order = sorted(running, key=lambda server: (list(Server).index(server.settings.server), server.settings.name))
    return Credentials(
        str(folder.path),
        common.seed,
        common.people_day,
        credentials.authority_of(common.certificates),
        credentials.addresses([(server.settings.name, server.url) for server in in_order]),
        credentials.cards_of(People(common.seed, common.people_day)),
        credentials.staff_of(common.seed),
        credentials.systems_of(common.seed),
        credentials.peers_of(common.certificates),
        credentials.PROVIDER,
        credentials.sent_password(kept.provider_password),
        kept.operator_key,
    )


def _minute(at: datetime) -> str:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M}"


def _reason(problem: Exception) -> str:
    """Return the first line of what a database said; addresses of databases, and so passwords, are not in it."""
    original = getattr(problem, "orig", None) or problem
    return str(original).strip().splitlines()[0]
