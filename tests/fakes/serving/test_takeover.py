"""Primary and standby over real processes: one is killed or stopped, the other serves, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select

from fakes.endpoints import Server
from fakes.jlis.tables import APPLICATION
from fakes.links import Link
from fakes.serving.starting import Running, start_all
from fakes.store import audit
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.store.transaction import View
from fakes.web.multipart import write_multipart
from tests.fakes.clients import Client, Portal, push_form
from tests.fakes.conftest import PEERS, database_of, settings_in
from tests.fakes.jlis.applications import number_of, package, service

TAKEOVER_S = 4.0
BOUNDARY = "between"
REFERENCES = Statement(select(APPLICATION.c.reference).order_by(APPLICATION.c.reference))


@contextmanager
def pair(folder: Path) -> Iterator[tuple[Running, Running]]:
    """A primary that leads, and a standby on the same store."""
    settings = [
        settings_in(folder, Server.JLIS, peers=PEERS, instance=name, takeover_s=TAKEOVER_S)
        for name in ("primary", "standby")
    ]
    [primary] = start_all([(settings[0], 0, 1)])
    standby: Running | None = None
    try:
        [standby] = start_all([(settings[1], 0, 1)])
        yield primary, standby
    finally:
        for one in (primary, standby):
            if one is not None:
                one.kill()


@contextmanager
def portals(*servers: Running) -> Iterator[list[Portal]]:
    """The portal, at each of some servers."""
    made = [Portal(server.url) for server in servers]
    yield made
    for one in made:
        one.close()


def committed(folder: Path) -> AbstractContextManager[View]:
    return Place(database_of(folder, Server.JLIS), "jlis").snapshot()


def test_the_standby_refuses_until_it_leads_and_says_why(tmp_path: Path) -> None:
    with pair(tmp_path) as (primary, standby), portals(primary, standby) as (one, other):
        assert one.get("/healthz").status == 200
        refused = other.get("/healthz")
        assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "E5032", "1")
        assert other.push(number_of(1), package(), service()).code == "E5032"
        with committed(tmp_path) as view:
            assert view.all(REFERENCES) == []
            assert audit.verify(view) == audit.Verified(3), "refused calls leave their records too"
        primary.stop()
        assert _answers_within(standby, TAKEOVER_S) < TAKEOVER_S / 2, "an orderly end hands over at once"


def test_after_a_kill_the_standby_serves_in_time_and_the_link_finds_it_with_nothing_lost_or_doubled(
    tmp_path: Path,
) -> None:
    with pair(tmp_path) as (primary, standby):
        told, gap = asyncio.run(_pushed_over_a_kill(primary, standby))
        assert gap < TAKEOVER_S
        with committed(tmp_path) as view:
            assert [row[0] for row in view.all(REFERENCES)] == told
            assert audit.verify(view).whole


async def _pushed_over_a_kill(primary: Running, standby: Running) -> tuple[list[str], float]:
    """Push without a pause while the primary is killed; return what was acknowledged and the longest silence."""
    done: list[str] = []
    answered: list[float] = [time.monotonic()]
    async with Link([primary.url, standby.url], {"X-Peer": "portal"}) as link:

        async def push(index: int) -> None:
            answer = await link.call(
                "POST",
                "/relay/v1/applications",
                body=write_multipart(push_form(number_of(index), package(index % 3), service()), BOUNDARY),
                content_type=f"multipart/form-data; boundary={BOUNDARY}",
                key=number_of(index),
            )
            assert answer.status == 200, answer.body
            done.append(number_of(index))
            answered.append(time.monotonic())

        for first in range(0, 90, 6):
            waves = [asyncio.create_task(push(index)) for index in range(first, first + 6)]
            if first == 30:
                await asyncio.wait(waves, return_when=asyncio.FIRST_COMPLETED)
                primary.kill()
            await asyncio.gather(*waves)
    return sorted(done), max(later - earlier for earlier, later in pairwise(answered))


def test_a_primary_that_was_stopped_and_goes_on_cannot_write(tmp_path: Path) -> None:
    with pair(tmp_path) as (primary, standby), portals(primary, standby) as (old, new):
        [process] = primary.processes
        assert process.pid is not None
        assert old.push(number_of(1), package(), service()).status == 200
        os.kill(process.pid, signal.SIGSTOP)
        try:
            _answers_within(standby, 30)
            assert new.push(number_of(2), package(1), service()).status == 200
        finally:
            os.kill(process.pid, signal.SIGCONT)
        refused = old.push(number_of(3), package(2), service())
        assert (refused.status, refused.code) == (503, "E5032")
        assert new.push(number_of(1), package(), service()).status == 200, "known, and not doubled"
        with committed(tmp_path) as view:
            assert [row[0] for row in view.all(REFERENCES)] == [number_of(1), number_of(2)]
            assert audit.verify(view).whole
        assert new.changes() == []


def _answers_within(server: Running, limit_s: float) -> float:
    """Ask a server until it serves; return how long that took, seconds."""
    client, began = Client(server.url), time.monotonic()
    while client.get("/healthz").status != 200:
        assert time.monotonic() - began < limit_s
    client.close()
    return time.monotonic() - began
