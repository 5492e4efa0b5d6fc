"""What the tests of the page share: a small ward, a crew for it, and the page over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from explore.answers import Oracle
from explore.app import Pages, Place
from explore.crew import Crew
from explore.exporting import Command, Exporter
from explore.serving import Server, listen
from scenarios.loading import load
from scenarios.schema import Scenario
from tests.cli.small_ward import write_small
from tests.explore.client import Client

REPLICATIONS = 6
SEED = 1


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that everything begins with."""
    return write_small(tmp_path_factory.mktemp("ward"), "after")


@pytest.fixture(scope="session")
def start(base: Path) -> Scenario:
    return load(base, Scenario)


@pytest.fixture(scope="session")
def oracle(start: Scenario) -> Iterator[Oracle]:
    with Crew(SEED, REPLICATIONS, 2) as crew:
        yield Oracle(start, crew)


@dataclass(frozen=True, slots=True)
class Served:
    """The page as it is served, and the folder into which it saves."""

    address: str
    folder: Path

    @property
    def client(self) -> Client:
        return Client(self.address)


@pytest.fixture
def served(base: Path, oracle: Oracle, tmp_path: Path) -> Iterator[Served]:
    exporter = Exporter(Command(("false",), tmp_path, SEED, REPLICATIONS))
    pages = Pages(Place(base, tmp_path, "ja", REPLICATIONS), oracle, exporter)
    heard: list[str] = []
    ready = threading.Event()

    def told(address: str) -> None:
        heard.append(address)
        ready.set()

    listening = listen(0)
    server = Server(pages, listening, told)
    thread = threading.Thread(target=server.run_in_thread, daemon=True)
    thread.start()
    assert ready.wait(30)
    yield Served(heard[0], tmp_path)
    server.should_exit = True
    thread.join(30)
    listening.close()
