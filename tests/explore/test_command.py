"""`hikkoshi explore` as a program of its own: it answers, writes a report, and ends when it is told to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.exits import Exit
from tests.cli.small_ward import hikkoshi, plain_environment, write_small
from tests.cli.test_interrupt import PATIENCE, ctrl_c_not_ignored, in_group, wait_until
from tests.explore.client import Client
from texts import say


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    write_small(folder, "after")
    words = [sys.executable, "-m", "cli.main", "explore", "after.toml", "--no-browser", "--replications", "3"]
    with ctrl_c_not_ignored():
        run = subprocess.Popen(
            words,
            cwd=folder,
            env=plain_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            encoding="utf-8",
        )
    try:
        assert run.stdout is not None
        address = next(found[0] for line in run.stdout if (found := re.search(r"http://\S+", line)))
        yield run, Client(address)
    finally:
        if run.poll() is None:
            run.kill()
        run.communicate()
        wait_until(lambda: not in_group(run.pid))  # workers end with whoever started them, however that ended


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_it_ends_in_one_line_when_it_is_told_to(tmp_path: Path, sent: signal.Signals) -> None:
    with started(tmp_path) as (run, client):
        assert client.get(state={"uptake": "30"}).status == 200
        if sent == signal.SIGINT:
            os.killpg(run.pid, sent)
        else:
            run.send_signal(sent)
        _, err = run.communicate(timeout=PATIENCE)
        assert run.returncode == Exit.INTERRUPTED
        assert err.splitlines()[-1] == say("cli.interrupted", "ja")
        assert "Traceback" not in err
    assert [file.name for file in tmp_path.iterdir()] == ["after.toml"]


def test_a_killed_one_leaves_no_worker(tmp_path: Path) -> None:
    with started(tmp_path) as (run, _):
        run.kill()


@pytest.mark.slow
def test_a_state_becomes_a_scenario_and_a_report_that_compares_it_with_the_start(tmp_path: Path) -> None:
    with started(tmp_path) as (_, client):
        page = client.post("export", {"name": "mine", "uptake": "30"})
        assert 'href="report/0"' in page.text, page.text
        [report] = tmp_path.glob("results/runs/after_vs_mine/*/report.html")
        shown = client.get("report/0")
        assert shown.text == report.read_text(encoding="utf-8")
        assert "script-src" not in shown.headers["content-security-policy"]
        assert client.get("report/1").status == 404
    done = hikkoshi("simulate", "mine.toml", "--replications", "2", "--no-report", cwd=tmp_path)
    assert done.returncode == Exit.FINE


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--replications", "1"], "E-use-explore-replications"),
        (["--port", "70000"], "E-use-port"),
        (["--seed", "-1"], "E-use-seed"),
    ],
)
def test_options_that_cannot_be_are_refused_in_one_line(tmp_path: Path, words: list[str], code: str) -> None:
    write_small(tmp_path, "after")
    done = hikkoshi("explore", "after.toml", "--no-browser", *words, cwd=tmp_path)
    assert done.returncode == Exit.USAGE
    assert done.stderr.decode("utf-8").startswith(f"{code}: ")


def test_a_port_that_somebody_has_is_told(tmp_path: Path) -> None:
    write_small(tmp_path, "after")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = hikkoshi("explore", "after.toml", "--no-browser", "--port", str(port), cwd=tmp_path)
    assert done.returncode == Exit.USAGE
    assert done.stderr.decode("utf-8").splitlines()[-1].startswith("E-use-port-taken: ")
