"""A ward of two offices for one week, small enough to be simulated in a moment, and ways to knock at the front door."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from cli.main import main
from scenarios.loading import resolved
from scenarios.packaged import path_of
from scenarios.schema import Scenario
from scenarios.toml_text import document

SMALL: dict[str, dict[str, Any]] = {
    "period": {"start": date(2023, 3, 6), "end": date(2023, 3, 12), "warm_up_days": 2},
    "volumes": {"move_in": 4000, "move_out": 4000, "move_within": 1500, "from_abroad": 1000},
}


def small(name: str = "after", changes: Mapping[str, Mapping[str, Any]] = SMALL, **tables: Mapping[str, Any]) -> str:
    """The text of a small scenario: the launch with two offices, one week, and the tables changed as told."""
    data = resolved(path_of("launch"), Scenario)
    data |= {"name": name, "title": {"ja": f"試し {name}", "en": f"Trial {name}"}, "sites": data["sites"][:2]}
    for table, values in {**changes, **tables}.items():
        data[table] = {**data[table], **values}
    return document(data)


def write_small(folder: Path, name: str = "after", **tables: Mapping[str, Any]) -> Path:
    file = folder / f"{name}.toml"
    file.write_text(small(name, **tables), encoding="utf-8")
    return file


def write_pair(folder: Path) -> tuple[str, str]:
    """Write `before.toml` and `after.toml`; return their paths."""
    before = write_small(folder, "before", one_stop={"available": False})
    return str(before), str(write_small(folder, "after"))


def knock(*words: str) -> int:
    """Carry out a command line in this process."""
    return main(list(words))


def hikkoshi(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Carry out a command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        cwd=cwd,
        env=plain_environment(**environment),
        capture_output=True,
        timeout=120,
        check=False,
    )


def plain_environment(**changes: str) -> dict[str, str]:
    """The environment without anything that speaks of languages, encodings or colours."""
    told = ("LC_", "LANG", "HIKKOSHI_", "PYTHONIOENCODING", "PYTHONUTF8", "NO_COLOR", "FORCE_COLOR")
    return {name: value for name, value in os.environ.items() if not name.startswith(told)} | changes


def files_under(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))


@contextmanager
def nothing_new(folder: Path) -> Iterator[None]:
    """Whatever happens inside must leave a folder as it was."""
    before = files_under(folder)
    yield
    assert files_under(folder) == before


def answer_in(output: str) -> dict[str, Any]:
    """Read the one JSON object of an output that holds nothing else."""
    found: dict[str, Any] = json.loads(output)
    return found
