"""A database that hangs up: nothing answered is lost, nothing is done twice, and the next call finds it again."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from fakes.messages.answer import Answer
from fakes.store import audit
from fakes.store.databases import Place, PostgresConnection
from fakes.store.store import Store
from tests.fakes.store.conftest import place_on
from tests.fakes.store.little import ALL, LittleCall, close_views, view_of, with_store, write
from tests.postgres import Cluster


@pytest.fixture
def hang_up(cluster: Cluster, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Ends all connections to the database of the test."""
    url = request.getfixturevalue("url")

    def end() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    return end


@pytest.fixture
def url(cluster: Cluster) -> str:
    return cluster.database()


@pytest.fixture
def place(url: str) -> Place:
    return place_on(url, "little")


def notes(place: Place) -> list[str]:
    found = [row[0] for row in view_of(place).all(ALL)]
    assert audit.verify(view_of(place)).whole
    close_views()
    return found


def test_the_next_call_connects_again(place: Place, hang_up: Callable[[], None]) -> None:
    async def use(store: Store) -> list[int]:
        first = await store.submit(LittleCall(), write("a", "x"))
        before = await store.read(lambda view: len(view.all(ALL)))
        hang_up()
        second = await store.submit(LittleCall(), write("b", "x"))
        return [first.status, before, second.status, await store.read(lambda view: len(view.all(ALL)))]

    assert with_store(place, use) == [200, 1, 200, 2]
    assert notes(place) == ["a", "b"]


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_whose_answer_is_lost_is_looked_up_and_not_done_twice(
    place: Place, hang_up: Callable[[], None], monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    really = PostgresConnection.commit

    def lost(connection: PostgresConnection) -> None:
        monkeypatch.setattr(PostgresConnection, "commit", really)
        if committed:
            really(connection)
        hang_up()
        really(connection)

    async def use(store: Store) -> Answer:
        monkeypatch.setattr(PostgresConnection, "commit", lost)
        return await store.submit(LittleCall(), write("a", "x"))

    answer = with_store(place, use)
    assert (answer.status, answer.body) == (200, b"0")
    assert notes(place) == ["a"]
