"""The towns of the ward, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.ward.towns import DESTINATION, ORIGIN, Town, Towns


@pytest.fixture
def towns(tmp_path: Path) -> Iterator[Towns]:
    with Towns(tmp_path) as made:
        yield made


@pytest.fixture
def origin(towns: Towns) -> Town:
    return towns.town(ORIGIN)


@pytest.fixture
def destination(towns: Towns) -> Town:
    return towns.town(DESTINATION)
