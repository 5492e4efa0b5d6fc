"""The operator reads a server's logs page by page: all that stands in them, in order; and nobody else does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from fakes.people import People
from fakes.servers import Server
from fakes.serving.starting import Running, start
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.store.tables import AUDIT, EVENT
from tests.fakes.clients import Client, Person
from tests.fakes.conftest import SEED, START, settings_in

KEY = "k" * 32
_EVENTS = Statement(select(EVENT).order_by(EVENT.c.seq))
_RECORDS = Statement(select(AUDIT.c.record).order_by(AUDIT.c.seq))


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A portal at which some people have filed something."""
    with start(settings_in(tmp_path_factory.mktemp("logs"), Server.PORTAL, operator_key=KEY)) as running:
        for index in range(3):
            one = Person(running.url, People(SEED, START.date()), index)
            assert one.login().status == 200
            assert one.submit(one.package(), X_Request_Id=f"request-{index}", X_Attempt="2").status == 200
            one.close()
        yield running


@pytest.fixture
def operator(portal: Running) -> Iterator[Client]:
    one = Client(portal.url, {"Authorization": f"Bearer {KEY}"})
    yield one
    one.close()


def pages(operator: Client, path: str, name: str, per_page: int) -> list[Any]:
    """Read a log to its end."""
    after, rows = 0, []
    while True:
        found = operator.get(f"{path}?after={after}&per_page={per_page}").result
        assert len(found[name]) <= per_page
        rows += found[name]
        after = found["cursor"]
        if not found["more"]:
            return rows


@pytest.mark.parametrize("per_page", [1, 2, 1000])
def test_pages_of_any_size_give_the_whole_event_log(portal: Running, operator: Client, per_page: int) -> None:
    with Place(portal.settings.database, "portal").snapshot() as view:
        stored = view.all(_EVENTS)
    read = pages(operator, "/__admin/events", "events", per_page)
    assert len(read) == len(stored) > 2
    for own, (*row, digest, fault, body) in zip(read, stored, strict=True):
        assert list(own.values()) == [*row, digest.hex(), fault, json.loads(body)]
    submitted = [own for own in read if own["kind"] == "submitted"]
    assert [(own["request_id"], own["attempt"]) for own in submitted] == [(f"request-{n}", 2) for n in range(3)]
    assert all(own["owner"] and own["digest"] for own in submitted)


def test_reading_the_audit_records_comes_to_an_end_though_every_page_leaves_one(
    portal: Running, operator: Client
) -> None:
    read = pages(operator, "/__admin/audit", "calls", 2)
    with Place(portal.settings.database, "portal").snapshot() as view:
        stored = [json.loads(record) for (record,) in view.all(_RECORDS)]
    assert [list(own.values()) for own in read] == stored[: len(read)]
    assert [own["seq"] for own in read] == list(range(1, len(read) + 1))
    assert {own[6] for own in stored[len(read) :]} == {"audit_log"}


@pytest.mark.parametrize("path", ["/__admin/events", "/__admin/audit"])
def test_only_the_operator_reads_logs(portal: Running, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer guess"}, {"X-Peer": "portal"}):
        stranger = Client(portal.url, headers)
        assert (answer := stranger.get(path)).status == 401
        assert b"request-0" not in answer.body
        stranger.close()


@pytest.mark.parametrize("query", ["after=-1", "per_page=0", "per_page=1001", "before=3", "after=x"])
def test_a_page_that_cannot_be_is_refused(operator: Client, query: str) -> None:
    assert operator.get(f"/__admin/events?{query}").status == 400
