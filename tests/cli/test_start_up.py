"""The front door opens at once: what is heavy is imported only by the commands that need it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.small_ward import plain_environment, write_small

HEAVY = ("pandas", "scipy", "altair", "pyarrow", "numba", "simpy", "jinja2")


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["compare", "--help"],
        ["check", "after.toml", "launch"],
        ["check", "after.toml", "--resolved"],
        ["check", "nowhere.toml"],
        ["simulate", "after.toml", "--replications", "0"],
        ["simulate", "nowhere.toml"],
        ["init", "mine"],
        ["schema"],
        ["explain", "one_stop.uptake"],
        ["explain", "wait_p90"],
    ],
    ids=" ".join,
)
def test_a_light_command_imports_nothing_heavy(tmp_path: Path, words: list[str]) -> None:
    write_small(tmp_path)
    program = f"import sys; from cli.main import main; main({words!r}); print('\\n' + ' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "cli.dispatch" in loaded
    assert loaded.isdisjoint(HEAVY)
