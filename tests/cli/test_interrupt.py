"""Ctrl-C for real: one line, exit code 130, no traceback from anybody, no folder, no worker left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.exits import Exit
from tests.cli.small_ward import plain_environment, write_pair

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
PATIENCE = 60.0


def in_group(group: int) -> list[float]:
    """Seconds of processor time that each living process of a process group has used."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            found.append((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    return found


def wait_until(happened: Callable[[], bool]) -> None:
    """Look again and again until something is so; fail if it never is."""
    give_up = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)  # between two looks, so that what is waited for has the processor


@contextmanager
def ctrl_c_not_ignored() -> Iterator[None]:
    """Whoever runs the tests in the background has Ctrl-C ignored, and a child would inherit that."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def started(folder: Path, engine: str = "compiled") -> subprocess.Popen[bytes]:
    """Start a run that would take minutes, in a session of its own as a terminal gives it."""
    options = ["--replications", "5000", "--jobs", "2", "--engine", engine]
    before, after = write_pair(folder)
    with ctrl_c_not_ignored():
        return subprocess.Popen(
            [sys.executable, "-m", "cli.main", "compare", before, after, *options],
            cwd=folder,
            env=plain_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


def working(group: int) -> bool:
    """Whether two workers are at work, beside the process that began the run."""
    return sum(seconds >= 0.1 for seconds in in_group(group)) >= 3


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_a_run_that_is_stopped_says_so_in_one_line_and_leaves_nothing(
    tmp_path: Path, sent: signal.Signals, engine: str
) -> None:
    run = started(tmp_path, engine)
    wait_until(lambda: working(run.pid))
    if sent == signal.SIGINT:
        os.killpg(run.pid, sent)  # a terminal sends Ctrl-C to everybody in the foreground
    else:
        run.send_signal(sent)
    out, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == Exit.INTERRUPTED
    assert out == b""
    assert err.decode("utf-8") == "中断しました。途中の結果は残していません。\n"
    wait_until(lambda: not in_group(run.pid))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["after.toml", "before.toml"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems cannot tell a child that way")
def test_no_worker_outlives_a_run_that_is_killed(tmp_path: Path) -> None:
    run = started(tmp_path)
    wait_until(lambda: working(run.pid))
    run.kill()
    run.communicate(timeout=PATIENCE)
    wait_until(lambda: not in_group(run.pid))


def test_ctrl_c_is_answered_even_while_the_program_still_loads(tmp_path: Path) -> None:
    run = started(tmp_path)
    wait_until(lambda: b"numpy" in mapped(run.pid))
    os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == Exit.INTERRUPTED
    assert b"Traceback" not in err


def mapped(process: int) -> bytes:
    """What a process has loaded, by the names of compiled modules."""
    try:
        return Path(f"/proc/{process}/maps").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
