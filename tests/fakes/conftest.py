"""Real servers for tests: on free ports, with stores of their own, gone afterwards."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from fakes.clock import JST
from fakes.endpoints import Server
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.pki.keys import KeyPool
from fakes.serving.settings import Settings
from fakes.serving.starting import Running, start
from fakes.towns import TOWNS
from fakes.web.authentication import Peer
from tests.fakes.clients import Person
from tests.postgres import Cluster, running

SEED = 7
START = datetime(2023, 3, 1, 9, 0, tzinfo=JST)
ON_POSTGRES = os.environ.get("HIKKOSHI_TESTS_ON") == "postgresql"
"""Whether servers have their stores on PostgreSQL: `make test-postgres`."""
_MADE = ExitStack()
atexit.register(_MADE.close)


@cache
def cards_folder() -> Path:
    """Certification authorities of the scenario and two keys, made once for all tests of a process."""
    folder = Path(_MADE.enter_context(TemporaryDirectory()))
    CardIssuer.create(START, pool=KeyPool.create(2)).save(folder)
    return folder


def database_of(folder: Path, server: Server) -> str:
    """Return where a server of a folder has its store: in a file there, or in the folder's database on PostgreSQL."""
    if ON_POSTGRES:
        return _database_for(folder.resolve())
    return f"sqlite:///{folder / server.value}.db"


@cache
def _database_for(_folder: Path) -> str:
    return _cluster().database()


@cache
def _cluster() -> Cluster:
    return _MADE.enter_context(running())


def settings_in(folder: Path, server: Server, **others: Any) -> Settings:
    """Return settings for a server whose store is in a folder; its clock begins on 2023-03-01 at nine."""
    made = {"database": database_of(folder, server), "seed": SEED, "start": START, "cards": str(cards_folder())}
    choices: dict[str, Any] = {**made, **others}
    return Settings(server=server, **choices)


@pytest.fixture(scope="session")
def cards() -> tuple[CardIssuer, Path]:
    """The authorities of cards, and the folder that a server reads them from."""
    return CardIssuer.load(cards_folder()), cards_folder()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, cards: tuple[CardIssuer, Path]) -> Iterator[Running]:
    """A portal, shared by the tests of a file."""
    folder = tmp_path_factory.mktemp("portal")
    with start(settings_in(folder, Server.PORTAL, cards=str(cards[1]))) as running:
        yield running


@pytest.fixture(scope="module")
def people() -> People:
    return People(SEED, START.date())


@pytest.fixture
def person(portal: Running, people: People) -> Iterator[Callable[[int], Person]]:
    """Applicants of the portal by the number of their household; another number in each test of a file."""
    made: list[Person] = []

    def make(index: int) -> Person:
        made.append(Person(portal.url, people, index))
        return made[-1]

    yield make
    for one in made:
        one.close()


PEERS = {"portal": Peer("portal")} | {f"town-{code}": Peer(f"town-{code}", code) for code in TOWNS}
"""The allow-list without TLS: who names itself so in `X-Peer` is believed."""


@pytest.fixture(scope="module")
def jlis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A J-LIS, shared by the tests of a file; with all peers on its list."""
    with start(settings_in(tmp_path_factory.mktemp("jlis"), Server.JLIS, peers=PEERS)) as running:
        yield running
