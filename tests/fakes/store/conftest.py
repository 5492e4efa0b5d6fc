"""Places for the little store: in a file, and on a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from fakes.store.databases import Place
from fakes.store.store import prepare
from tests.fakes.store.little import PROJECTIONS, close_views, place_in


@pytest.fixture
def file_place(tmp_path: Path) -> Iterator[Place]:
    """A place in a file."""
    yield place_in(tmp_path)
    close_views()


Make = Callable[[str], Place]


@pytest.fixture(params=["sqlite", "postgresql"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes places by name, in each of the two databases."""

    def in_file(name: str) -> Place:
        (tmp_path / name).mkdir()
        return place_in(tmp_path / name)

    if request.param == "sqlite":
        yield in_file
    else:
        yield partial(place_on, request.getfixturevalue("cluster").database())
    close_views()


@pytest.fixture
def place(make: Make) -> Place:
    """A place."""
    return make("little")


@pytest.fixture
def empty_place(make: Make) -> Place:
    """Another one of the same kind."""
    return make("other")


def place_on(database: str, name: str) -> Place:
    """Return a prepared place in a database."""
    place = Place(database, name)
    prepare(place, PROJECTIONS)
    return place
