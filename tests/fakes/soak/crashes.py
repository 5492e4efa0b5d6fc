"""Servers that are killed at random moments under load, started again, and asked in the end what they still know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import func, select

from fakes.endpoints import Server
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.portal.tables import APPLICATION, OUTBOX
from fakes.serving.assembly import place_of
from fakes.serving.settings import Settings
from fakes.serving.starting import Running, start, start_all, stop_all
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.streams import Stream
from tests.fakes.conftest import PEERS, SEED, START, cards_folder, settings_in
from tests.fakes.soak.ledger import Found, Ledger, reconcile
from tests.fakes.soak.load import Caller, Load

TAKEOVER_S: Final = 1.0
LATEST_MS: Final = 300
"""A server is killed at a random moment within so long after it has answered again."""
PATIENCE_S: Final = 60.0
OFF: Final = timedelta(minutes=10)
"""How long everything is off before the end, so that what was leased to somebody who was killed is free again."""
ORDER: Final = ("portal", "jlis-primary", "ward", "jlis-standby")
"""Of primary and standby the one that is killed leads, because the other one was killed before it."""

_UNTOLD = Statement(select(func.count()).select_from(APPLICATION).where(APPLICATION.c.state != "downloaded"))
_OUT = Statement(select(func.count()).select_from(OUTBOX))


@dataclass
class Outcome:
    """What came of it: kills, and those of them that met calls under way, by server process; what each store knows."""

    kills: dict[str, int]
    met: dict[str, int]
    found: dict[Server, Found]
    ledger: Ledger
    places: dict[Server, Place]
    seconds: float


class World:
    """Portal, ward, and J-LIS as primary and standby, as processes that can be killed."""

    def __init__(self, folder: Path, **others: Any) -> None:
        common: dict[str, Any] = {"peers": PEERS, "log": str(folder / "servers.log"), **others}
        pair = {"instance": "primary", "takeover_s": TAKEOVER_S}, {"instance": "standby", "takeover_s": TAKEOVER_S}
        jlis = [settings_in(folder, Server.JLIS, **common, **one) for one in pair]
        self.servers: dict[str, Running] = {}
        [primary] = start_all([(jlis[0], 0, 1)])
        self.servers["jlis-primary"] = primary
        [standby] = start_all([(jlis[1], 0, 1)])
        self.servers["jlis-standby"] = standby
        linked = {"jlis": (primary.url, standby.url), "link_s": 0.2}
        self.servers["portal"] = start(settings_in(folder, Server.PORTAL, **common, **linked))
        self.servers["ward"] = start(settings_in(folder, Server.WARD, households=1, links=False, **common))

    def urls(self) -> dict[Server, list[str]]:
        """Return where each server is."""
        named = [(running.settings.server, running.url) for running in self.servers.values()]
        return {server: [url for of, url in named if of is server] for server in Server}

    def places(self) -> dict[Server, Place]:
        return {running.settings.server: place_of(running.settings) for running in self.servers.values()}

    def settings(self, name: str) -> Settings:
        return self.servers[name].settings

    def kill(self, name: str) -> None:
        """Cut a server's power (SIGKILL), and let it start again where it was."""
        killed = self.servers[name]
        killed.kill()
        self.servers[name] = start(killed.settings, killed.port)

    def turn_off_for(self, span: timedelta) -> None:
        """Stop everything in order, and start it when some time of the scenario has passed."""
        stop_all(self.servers.values())
        at = self.settings("portal").clock().true_now() + span
        for name, stopped in self.servers.items():
            later = replace(stopped.settings, start=at, began=time.time_ns())
            self.servers[name] = start(later, stopped.port)

    def close(self) -> None:
        stop_all(self.servers.values())


@contextmanager
def world(folder: Path, **others: Any) -> Iterator[World]:
    """Start everything; stopped at the end."""
    made = World(folder, **others)
    try:
        yield made
    finally:
        made.close()


def crash(folder: Path, kills: int, **others: Any) -> Outcome:
    """Kill every server so many times under load; return what they know in the end of what they had acknowledged."""
    began = time.monotonic()
    with world(folder, **others) as servers:
        kills_of, met, ledger = asyncio.run(_under_load(servers, kills))
        servers.turn_off_for(OFF)
        _until_told(servers.places()[Server.PORTAL])
        places = servers.places()
        return Outcome(kills_of, met, reconcile(ledger, places), ledger, places, time.monotonic() - began)


async def _under_load(servers: World, kills: int) -> tuple[dict[str, int], dict[str, int], Ledger]:
    """Let the load run while one server after the other is killed; it ends when all that it began is done."""
    caller = Caller(servers.urls(), Ledger())
    people, cards = People(SEED, START.date()), CardIssuer.load(cards_folder())
    killed, met = dict.fromkeys(ORDER, 0), dict.fromkeys(ORDER, 0)
    moments = Stream(SEED, "moments of kills")
    async with AsyncExitStack() as stack:
        for link in caller.links.values():
            await stack.enter_async_context(link)
        load = Load(caller, people, cards, servers.settings("ward").clock())
        working = asyncio.create_task(load.run())
        for number in range(kills * len(ORDER)):
            name = ORDER[number % len(ORDER)]
            server = servers.settings(name).server
            await _answered(caller, server, working)
            await asyncio.sleep(moments.below(number, LATEST_MS + 1) / 1000)  # the random moment
            met[name] += caller.open[server] > 0
            await asyncio.to_thread(servers.kill, name)
            killed[name] += 1
        await _answered(caller, Server.PORTAL, working)
        load.end.set()
        await working
    return killed, met, caller.ledger


async def _answered(caller: Caller, server: Server, working: asyncio.Task[None]) -> None:
    """Return when a server has answered a call that was made under the load; raises what the load met."""
    before, end = caller.answers[server], time.monotonic() + PATIENCE_S
    while caller.answers[server] == before:
        if working.done():
            working.result()
            raise AssertionError("the load has ended by itself")
        assert time.monotonic() < end, f"{server} does not answer any more"
        await asyncio.wait([working], timeout=0.005)


def _until_told(portal: Place) -> None:
    """Return when the portal has handed over everything and has learned of all of it that it is at the town."""
    end = time.monotonic() + PATIENCE_S
    while True:
        with portal.snapshot() as view:
            waiting = [view.one(statement) for statement in (_OUT, _UNTOLD)]
        if waiting == [(0,), (0,)] or time.monotonic() > end:
            return
