"""A server inside the test's own process, without HTTP: its clock is moved by hand, and several share a store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import select, text

from fakes.serving.assembly import Assembled, prepare_store
from fakes.serving.settings import Settings
from fakes.store.databases import Connection, Place
from fakes.store.statements import Statement
from fakes.store.transaction import View
from fakes.web.request import Request
from tests.fakes.clients import Portal, Response, Town
from tests.fakes.conftest import SEED

Sent = tuple[str, str, object]
"""Method, path, message."""


class Local:
    """One process of a server, in this one."""

    def __init__(self, settings: Settings) -> None:
        prepare_store(settings)
        self.place = Place(settings.database, settings.server.value)
        self._opened: list[Connection] = []
        self.runner = asyncio.Runner()
        self.assembled = Assembled(settings)
        self.runner.run(self._start())

    async def _start(self) -> None:
        self.assembled.start()

    def handle(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
        """Carry a request through."""
        return self.runner.run(self._answered(method, path, body, headers))

    async def _answered(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
        target, _, query = path.partition("?")
        named = {name.lower().encode(): value.encode() for name, value in headers.items()}
        core = self.assembled.core
        answer = await core.handle(*core.begin(Request(method, target, query.encode(), named, body, "127.0.0.1")))
        given = {name.decode(): value.decode() for name, value in answer.headers}
        return Response(answer.status, {"content-type": answer.content_type.decode(), **given}, answer.body)

    def overtakes(self, first: Sent, second: Sent, peer: str) -> bool:
        """Whether a call that comes right after another is answered before it."""

        async def both() -> bool:
            headers = {"X-Peer": peer, "Content-Type": "application/json"}
            slow, quick = (
                asyncio.create_task(self._answered(method, path, json.dumps(message).encode(), headers))
                for method, path, message in (first, second)
            )
            await quick
            ahead = not slow.done()
            await slow
            return ahead

        return self.runner.run(both())

    def portal(self) -> Portal:
        """Return the portal as a peer of this server."""
        return Portal(self)

    def town(self, municipality: str) -> Town:
        """Return a town as a peer of this server, logged in."""
        made = Town(self, SEED, municipality)
        assert made.login().status == 200
        return made

    def view(self) -> View:
        """Return a look at what is committed."""
        connection = self.place.open(read_only=True)
        self._opened.append(connection)
        return View(self.place.database, connection.cursor())

    def everything(self, *tables: str) -> bytes:
        """Return all that stands in some tables, run together."""
        view = self.view()
        rows = [row for table in tables for row in view.all(Statement(select(text("*")).select_from(text(table))))]
        return b" ".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)

    def advance(self, span: timedelta) -> None:
        """Move the clock, which stands still otherwise."""
        clock = self.assembled.context.clock
        clock.not_before(clock.true_now() + span)

    def close(self) -> None:
        for connection in self._opened:
            connection.close()
        self.runner.run(self.assembled.stop())
        self.runner.close()


@contextmanager
def locals_of(*settings: Settings) -> Iterator[list[Local]]:
    """Several processes at once; closed at the end."""
    made = [Local(one) for one in settings]
    try:
        yield made
    finally:
        for one in made:
            one.close()
