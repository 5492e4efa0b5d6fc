"""What the tests of the front door share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.small_ward import write_pair


@pytest.fixture(autouse=True)
def _japanese_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the language of whoever runs the tests out of them."""
    for name in ("HIKKOSHI_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "HIKKOSHI_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two small scenarios to compare, in the folder where the test works."""
    monkeypatch.chdir(tmp_path)
    write_pair(tmp_path)
    return "before.toml", "after.toml"
