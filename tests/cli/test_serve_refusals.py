"""What `hikkoshi serve` refuses: one message with a code, the right exit code, and nothing is started or left."""

from __future__ import annotations

import fcntl
import socket
from datetime import datetime
from pathlib import Path

import pytest

from cli.errors import CommandError
from cli.exits import Exit
from cli.serve import faults_in, fresh
from cli.serve_options import clock_of, ports_of
from fakes.clock import JST
from fakes.endpoints import Server
from tests.cli.small_ward import knock
from tests.postgres import Cluster


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--ports", "none"), "E-use-ports"),
        (("--ports", "70000"), "E-use-ports"),
        (("--ports", "8441,8442"), "E-use-ports"),
        (("--ports", "8441,8441,8442"), "E-use-ports"),
        (("--workers", "0"), "E-use-workers"),
        (("--households", "0"), "E-use-households"),
        (("--speed", "-1"), "E-use-speed"),
        (("--speed", "fast"), "E-use-speed"),
        (("--clock", "2023-02-30"), "E-use-clock"),
        (("--clock", "tomorrow"), "E-use-clock"),
        (("--poll", "0"), "E-use-poll"),
        (("--takeover", "0.1"), "E-use-takeover"),
        (("--seed", "-1"), "E-use-seed"),
        (("--defects", "batch-cut,nonsense"), "E-defect-unknown"),
        (("--defects", "batch-cut=none"), "E-defect-amount"),
        (("--defects", "stall,partial-household=2"), "E-defect-amount"),
        (("--database", "mysql://somewhere/x"), "E-serve-database-url"),
        (("--database", "nonsense"), "E-serve-database-url"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(
    words: tuple[str, ...], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert knock("serve", "--folder", "run", *words) == Exit.USAGE
    assert refused(capsys).startswith(f"{code}: ")


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one message on standard error."""
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert knock("serve", "--folder", "run", "--ports", f"0,{port},0", "--lang", "en") == Exit.USAGE
    message = refused(capsys)
    assert message.startswith(f"E-serve-port: jlis cannot use port {port} ")
    assert "--ports 0" in message


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert knock("serve", "--folder", "file/run") == Exit.USAGE
    assert refused(capsys).startswith("E-use-unwritable: file/run")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("keep me")
    assert knock("serve", "--folder", "other") == Exit.USAGE
    assert refused(capsys).startswith("E-serve-folder-strange: other")
    assert [file.name for file in (tmp_path / "other").iterdir()] == ["letter.txt"]


def test_a_folder_is_used_by_one_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").mkdir()
    with (tmp_path / "run" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert knock("serve", "--folder", "run") == Exit.USAGE
    assert refused(capsys).startswith("E-serve-folder-busy: run")


def test_a_database_that_does_not_answer_is_said_without_its_password(capsys: pytest.CaptureFixture[str]) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/x"
    assert knock("serve", "--folder", "run", "--database", url) == Exit.USAGE
    message = refused(capsys)
    assert message.startswith("E-serve-database: portal")
    assert "secret" not in message


def test_a_store_goes_on_with_its_own_seed_and_not_back_in_time(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    database = cluster.database()
    with socket.create_server(("127.0.0.1", 0)) as taken:  # far enough to have made the stores
        ports = f"0,0,{taken.getsockname()[1]}"
        words = ("serve", "--database", database, "--ports", ports, "--no-tls")
        assert knock(*words, "--folder", "first", "--seed", "5") == Exit.USAGE
        assert refused(capsys).startswith("E-serve-port: ward")
        assert knock(*words, "--folder", "second", "--seed", "6") == Exit.USAGE
        assert refused(capsys).startswith("E-serve-seed: ")
    assert knock("serve", "--folder", "first", "--database", "postgresql://x@127.0.0.1:1/x") == Exit.USAGE
    assert refused(capsys).startswith("E-serve-other-database: first")


def test_a_scenario_is_read_before_anything_is_started(capsys: pytest.CaptureFixture[str]) -> None:
    assert knock("serve", "--scenario", "lunch") == Exit.SCENARIO
    assert "launch" in refused(capsys)
    assert not Path("results").exists()


def test_incidents_of_a_scenario_become_faults() -> None:
    faults = faults_in("relay_failover", 60.0)
    assert {fault.where.server for fault in faults} == {Server.JLIS}
    assert faults_in(None, 60.0) == ()


def test_ports_count_up_from_one() -> None:
    assert ports_of("9000") == (9000, 9001, 9002, 9003)
    assert ports_of("0") == (0, 0, 0, 0)
    assert ports_of("9000, 9100,9200") == (9000, 9100, 9200, 0)


def test_a_clock_is_read_in_japan() -> None:
    assert clock_of("２０２３-03-27 8:30") == datetime(2023, 3, 27, 8, 30, tzinfo=JST)
    assert clock_of("2023/3/27") == datetime(2023, 3, 27, 8, 30, tzinfo=JST)
    assert clock_of("2023-03-27T17:15:30") == datetime(2023, 3, 27, 17, 15, 30, tzinfo=JST)
    with pytest.raises(CommandError):
        clock_of("2023-03-27 25:00")


def test_a_new_folder_is_called_after_the_time_and_is_nobody_elses(tmp_path: Path) -> None:
    first = fresh(tmp_path)
    first.mkdir()
    assert fresh(tmp_path) != first
