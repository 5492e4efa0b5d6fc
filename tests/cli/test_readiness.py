"""Getting the engine ready: silent where it is loaded, told where it is compiled, possible where nothing is kept."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import cli.readiness
from cli.here import Here
from cli.readiness import compiling
from tests.cli.small_ward import plain_environment

HERE = Here("en", ())


def test_nothing_is_said_where_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = io.StringIO()
    monkeypatch.setattr("sys.stderr", heard)
    with compiling(HERE, quiet=False):
        pass
    assert heard.getvalue() == ""


def test_where_nobody_watches_a_line_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = io.StringIO()
    monkeypatch.setattr("sys.stderr", heard)
    with compiling(HERE, quiet=False) as told:
        told(0)
        assert heard.getvalue() == "Compiling the engine, once… 0\n"
        told(1)
    assert heard.getvalue().count("\n") == 1


def test_where_somebody_watches_the_count_moves_and_the_line_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(cli.readiness, "Console", lambda **_: Console(file=screen, force_terminal=True, width=100))
    with compiling(HERE, quiet=False) as told:
        for number in range(8):
            told(number)
    assert "Compiling the engine, once… 7" in screen.getvalue()
    assert screen.getvalue().rstrip("\r").endswith("\x1b[2K")


def test_quiet_means_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = io.StringIO()
    monkeypatch.setattr("sys.stderr", heard)
    with compiling(HERE, quiet=True) as told:
        told(0)
    assert heard.getvalue() == ""


def python(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=plain_environment(**environment),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


NO_FOLDER = """
import pathlib
real = pathlib.Path.mkdir
def mkdir(folder, *given, **named):
    if folder.name.startswith("compiled-"):
        raise OSError("read-only")
    real(folder, *given, **named)
pathlib.Path.mkdir = mkdir
from sim.kept import KEPT
print(KEPT)
"""


def test_where_nothing_can_be_kept_a_temporary_folder_serves_the_workers_too_and_goes_at_the_end() -> None:
    said = python(NO_FOLDER + "import os; print(os.environ['NUMBA_CACHE_DIR']); from sim.kernels import mark")
    kept, folder = said.split()
    assert kept == "False"
    assert Path(folder).name.startswith("hikkoshi-")
    assert not os.path.exists(folder)  # noqa: PTH110  a name that was printed


def test_where_compiled_functions_can_be_kept_no_worker_has_to_be_told() -> None:
    program = "import os; from sim.kept import KEPT; print(KEPT, 'NUMBA_CACHE_DIR' in os.environ)"
    assert python(program).split() == ["True", "False"]


SIGNATURES = """
from sim.compiling import get_ready
from numba.core.dispatcher import Dispatcher
import gc
get_ready("compiled")
def known():
    found = [each for each in gc.get_objects() if isinstance(each, Dispatcher)]
    return {each.py_func.__qualname__: len(each.signatures) for each in found if each.signatures}
before = known()
from sim.experiment import Plan, run_experiment
from tests.sim.small import small
run_experiment(Plan({"before": small(name="before"), "launch": small()}, 1, 1))
after = known()
print({name: number for name, number in after.items() if before.get(name) != number})
"""


def test_all_that_a_run_needs_is_ready_before_it_begins() -> None:
    """A function that is first compiled in the middle of a run would be a silent pause, in every worker."""
    assert python(SIGNATURES).strip() == "{}"
