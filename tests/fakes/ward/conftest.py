"""The towns of the ward, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.clients import DESTINATION, ORIGIN
from tests.fakes.ward.towns import Town, Towns, sqlite_towns, standing


@pytest.fixture
def towns(tmp_path: Path) -> Iterator[Towns]:
    with sqlite_towns(tmp_path) as made:
        yield made


@pytest.fixture
def origin(towns: Towns) -> Town:
    return towns.town(ORIGIN)


@pytest.fixture
def destination(towns: Towns) -> Town:
    return towns.town(DESTINATION)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Towns:
    """Towns on each of the two databases, not opened yet."""
    if request.param == "sqlite":
        return sqlite_towns(tmp_path)
    return Towns(standing(tmp_path, database=request.getfixturevalue("cluster").database()))
