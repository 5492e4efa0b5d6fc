"""A plan made by hand: out of Locust's options, for systems that run already."""

from __future__ import annotations

import http.client
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from fakes.messages.common import Health
from fakes.messages.envelope import Reply
from loadtests.errors import LoadError
from loadtests.plan import SCHEDULE, Plan, Servers, now_us
from loadtests.schedule import of_scenario
from loadtests.window import Window
from scenarios.loading import load
from scenarios.packaged import WARD, path_of_kind
from scenarios.schema import Scenario

CREDENTIALS: Final = "credentials.json"
LEAD_S: Final = 5.0
"""Real seconds until a run by hand begins: workers read the schedule and make the first applicants."""
_APART_S: Final = 0.5
_FAR: Final = 0.05
_READINGS: Final = 5


class _Address(Struct, frozen=True):
    server: str
    url: str


class _Peer(Struct, frozen=True):
    name: str
    file: str


class Written(Struct, frozen=True):
    """What is needed of the credentials to find the systems and their people."""

    folder: str
    seed: int
    people_day: date
    authority: str
    servers: tuple[_Address, ...]
    peers: tuple[_Peer, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a run by hand."""

    scenario: str
    scale: float
    speed: float
    window: str
    target: str
    seed: int
    results: str

    @classmethod
    def of(cls, options: Any) -> Asked:
        """Take them from Locust's own options."""
        return cls(*(getattr(options, name) for name in cls.__slots__))


def plan_by_hand(asked: Asked, workers: int) -> Path:
    """Draw the schedule, write it with a plan into a new folder, and return the plan's file.

    The servers' clock counts: the run begins at what they read then, with the arrivals of the window.

    Raises
    ------
    LoadError
        E-load-target for systems that are not there; E-load-target-speed when their clock runs at another speed; those
        of window, scale and speed.
    ScenarioError
        With all problems of the scenario.
    """
    scenario = load(path_of_kind(asked.scenario, WARD), Scenario)
    window = Window.parse(asked.window)
    schedule = of_scenario(scenario, window, scale=asked.scale, speed=asked.speed, seed=asked.seed)
    known, written = _known(asked.target)
    servers = servers_of(known, written)
    start, begin_at = clock_of(servers, asked.speed)
    name = f"locust-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder = _fresh(Path(asked.results), name)
    schedule.write(folder / SCHEDULE)
    plan = Plan(
        run=folder.name,
        schedule_hash=schedule.hash,
        servers=servers,
        people_seed=known.seed,
        people_day=known.people_day,
        start=start,
        speed=asked.speed,
        begin_at_us=begin_at,
        workers=workers,
    )
    return plan.write(folder)


def servers_of(known: Written, file: Path) -> Servers:
    """Return where the systems are, as their credentials say."""
    urls = {one.server: one.url for one in known.servers}
    return Servers(
        portal=urls["portal"],
        jlis=tuple(url for name, url in urls.items() if name.partition("-")[0] == "jlis"),
        ward=urls["ward"],
        credentials=str(file.resolve()),
        cards=str(Path(known.folder).resolve() / "cards"),
        authority=known.authority and str(Path(known.authority).resolve()),
        peers={one.name: str(Path(one.file).resolve()) for one in known.peers if one.file},
    )


def _known(target: str) -> tuple[Written, Path]:
    if not target:
        raise LoadError("E-load-target", target="", reason="hikkoshi serve --no-town-links")
    file = Path(target) if target.endswith(".json") else Path(target) / CREDENTIALS
    return written_in(file), file


def written_in(file: Path) -> Written:
    """Read the credentials of systems.

    Raises
    ------
    LoadError
        E-load-target when they cannot be read.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=Written)
    except (OSError, msgspec.MsgspecError) as error:
        raise LoadError("E-load-target", target=file.parent, reason=error) from error


def clock_of(servers: Servers, speed: float, lead_s: float = LEAD_S) -> tuple[datetime, int]:
    """Return what the servers' clock will read when a run begins, in so many real seconds, and that real moment.

    Raises
    ------
    LoadError
        E-load-target when they do not answer, E-load-target-speed when their clock runs at another speed.
    """
    first = _read(servers)
    time.sleep(_APART_S)  # two readings of a clock that runs, to see how fast it does
    second = _read(servers)
    passed, took = second.at_us - first.at_us, (second.now - first.now).total_seconds() * 1e6
    unsure = (first.within_us + second.within_us) / passed
    if abs(took / passed - speed) > (_FAR + unsure) * speed + _FAR:
        raise LoadError("E-load-target-speed", found=f"{took / passed:.1f}", asked=f"{speed:g}")
    begin_at = second.at_us + round(lead_s * 1e6)
    return second.now + timedelta(seconds=lead_s * speed), begin_at


class _Reading(NamedTuple):
    """What a clock reads, when it did (real microseconds since 1970), and how far that may be off."""

    now: datetime
    at_us: int
    within_us: int


def _read(servers: Servers) -> _Reading:
    """Return what the portal's clock reads; the answer that came back soonest of some says it best."""
    parts = urlsplit(servers.portal)
    context = ssl.create_default_context(cafile=servers.authority) if servers.authority else None
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=10, context=context)
        if context is not None
        else http.client.HTTPConnection(host, parts.port, timeout=10)
    )
    try:
        return min((_once(connection) for _ in range(_READINGS)), key=lambda one: one.within_us)
    except (OSError, http.client.HTTPException, msgspec.MsgspecError) as error:
        raise LoadError("E-load-target", target=servers.portal, reason=error) from error
    finally:
        connection.close()


def _once(connection: http.client.HTTPConnection) -> _Reading:
    before = now_us()
    connection.request("GET", "/healthz")
    body = connection.getresponse().read()
    after = now_us()
    now = datetime.fromisoformat(msgspec.json.decode(body, type=Reply[Health]).result.now)
    return _Reading(now, (before + after) // 2, (after - before + 1) // 2)


def _fresh(results: Path, name: str) -> Path:
    """Make a folder that did not exist."""
    folder, number = results / name, 2
    while True:
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            folder, number = results / f"{name}-{number}", number + 1
        else:
            return folder
