"""Portal, J-LIS and ward together in one event loop, whole and without a network; their links are the real ones."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import select

from fakes.endpoints import Server
from fakes.endpoints import ward as w
from fakes.jlis.tables import ITEM
from fakes.links import Link
from fakes.links import Response as Linked
from fakes.portal.relaying import Relaying
from fakes.portal.tables import APPLICATION as FILED
from fakes.serving.assembly import Assembled, place_of, prepare_store
from fakes.states.application import ApplicationState
from fakes.store.statements import Statement
from fakes.store.tables import IDEMPOTENCY
from fakes.store.transaction import Row
from fakes.ward.link.jlis import Jlis
from fakes.ward.link.listening import Listener
from fakes.ward.link.speaking import Speaker
from fakes.ward.link.systems import Systems
from fakes.ward.tables import APPLICATION as HELD
from fakes.web.core import Core
from fakes.web.request import Request
from tests.fakes.clients import DESTINATION, ORIGIN, Response
from tests.fakes.conftest import PEERS, SEED, settings_in
from tests.fakes.hostile.evidence import Evidence

T = TypeVar("T")
OTHER = "990027"
TOWNS: Final = (ORIGIN, DESTINATION, OTHER)
_AT_PORTAL = Statement(select(FILED.c.temporary, FILED.c.reference, FILED.c.state))
_AT_RELAY = Statement(select(ITEM.c.reference, ITEM.c.municipality, ITEM.c.state))
_AT_WARD = Statement(select(HELD.c.reference, HELD.c.municipality, HELD.c.state))
States = dict[tuple[str, ...], ApplicationState]
"""State of an application by server, number (at the portal the temporary one) and, but at the portal, town."""


class Wire(Link):
    """A link without a network: its calls go to a server in this process."""

    def __init__(self, core: Core[Any], peer: str) -> None:
        super().__init__(["http://here"], {"X-Peer": peer})
        self._core = core

    async def _attempt(self, method: str, path: str, body: bytes, given: Any, attempt: int) -> Linked:
        headers = {**given, "X-Attempt": str(attempt)}
        answer = await _asked(self._core, method, path, body, headers)
        named = {name.decode().lower(): value.decode() for name, value in answer.headers}
        return Linked(answer.status, named, answer.body, attempt)


async def _asked(core: Core[Any], method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
    target, _, query = path.partition("?")
    named = {name.lower().encode(): value.encode() for name, value in headers.items()}
    return await core.handle(*core.begin(Request(method, target, query.encode(), named, body, "127.0.0.1")))


class Side:
    """One server, for clients of tests."""

    def __init__(self, world: World, core: Core[Any]) -> None:
        self._world = world
        self._core = core

    def handle(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
        """Carry a request through."""
        answer = self._world.run(_asked(self._core, method, path, body, headers))
        given = {name.decode(): value.decode() for name, value in answer.headers}
        return Response(answer.status, given, answer.body)


class World:
    """The three servers and their links, in one event loop; the clock stands still."""

    def __init__(self, folder: Path) -> None:
        self._runner = asyncio.Runner()
        common: dict[str, Any] = {"speed": 0.0, "peers": PEERS, "households": 3, "links": False}
        settings = {server: settings_in(folder, server, **common) for server in Server}
        for one in settings.values():
            prepare_store(one)
        self.servers = {server: Assembled(one) for server, one in settings.items()}
        self.places = {server: place_of(one) for server, one in settings.items()}
        self.evidence = [Evidence(one) for one in settings.values()]
        self.sides = {server: Side(self, one.core) for server, one in self.servers.items()}
        self.run(self._start())
        relay = self.servers[Server.JLIS].core
        portal, ward = (self.servers[server].context for server in (Server.PORTAL, Server.WARD))
        wire = Wire(relay, "portal")
        object.__setattr__(portal, "jlis", wire)  # in the place of a link over a network
        self.relaying = Relaying(portal, wire, 1.0)
        self.speakers, self.listeners = {}, {}
        for town in TOWNS:
            systems = Systems(self.servers[Server.WARD].core, ward.clock, SEED, town)
            jlis = Jlis(Wire(relay, f"town-{town}"), SEED, town)
            assert self.run(systems.call(w.OPEN_LINK, key=secrets.token_hex(8))).done
            self.speakers[town] = Speaker(systems, jlis, town, 1)
            self.listeners[town] = Listener(systems, jlis, 0, 0)

    async def _start(self) -> None:
        for one in self.servers.values():
            one.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def states(self) -> States:
        """Return the state of every application at every server that has it."""
        found: States = {}
        for server, statement in ((Server.PORTAL, _AT_PORTAL), (Server.JLIS, _AT_RELAY), (Server.WARD, _AT_WARD)):
            with self.places[server].snapshot() as view:
                for first, second, state in view.all(statement):
                    key = (server.value, first) if server is Server.PORTAL else (server.value, first, second)
                    found[key] = ApplicationState(state)
        return found

    def look(self) -> list[dict[str, list[Row]]]:
        """Return everything that is committed but the answers by key: a link notes refusals there too."""
        seen = [one.look().tables for one in self.evidence]
        return [{name: rows for name, rows in tables.items() if name != IDEMPOTENCY.name} for tables in seen]

    def close(self) -> None:
        for one in self.servers.values():
            self.run(one.stop())
        self._runner.close()
