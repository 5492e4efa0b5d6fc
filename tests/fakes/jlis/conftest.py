"""A J-LIS in the test's process, on each of the two databases, with the portal and two towns as its peers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.endpoints import Server
from fakes.serving.settings import Settings
from tests.fakes.clients import Portal, Town
from tests.fakes.conftest import PEERS, settings_in
from tests.fakes.inprocess import Local, locals_of
from tests.fakes.jlis.applications import DESTINATION, ORIGIN


def standing(folder: Path, **others: object) -> Settings:
    """Return settings of a J-LIS whose clock stands still until it is moved."""
    return settings_in(folder, Server.JLIS, **{"peers": PEERS, "speed": 0.0, **others})


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a J-LIS on each database."""
    if request.param == "sqlite":
        return standing(tmp_path)
    return standing(tmp_path, database=request.getfixturevalue("cluster").database())


@pytest.fixture
def local(settings: Settings) -> Iterator[Local]:
    """A J-LIS whose clock stands still until it is moved."""
    with locals_of(settings) as [one]:
        yield one


@pytest.fixture
def portal_side(local: Local) -> Portal:
    return local.portal()


@pytest.fixture
def origin(local: Local) -> Town:
    return local.town(ORIGIN)


@pytest.fixture
def destination(local: Local) -> Town:
    return local.town(DESTINATION)
