"""`hikkoshi calibrate`: measured times go into a scenario that extends another one; what is no evidence is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from cli.exits import Exit
from loadtests.series import SERVICE, Series
from results.manifest import Label
from results.plan import Arm, Plan
from results.store import RunFolder
from scenarios.loading import load
from scenarios.packaged import path_of
from scenarios.schema import Scenario
from tests.cli.small_ward import knock

MILLIS = {"submit": (90, 150), "card": (600, 600), "fetch": (60, 60), "acknowledge": (180, 180)}
"""Of each worker."""
MINUTE_MS = 60_000
FINDINGS = pd.DataFrame([("lost", 0, 10)], columns=["finding", "cases", "checked"])


def a_run(out: Path, workers: int = 2, calls: int = 20) -> Path:
    """Write a run folder as far as `calibrate` reads it: each worker with so many calls of each kind."""
    arm = Arm("launch", Label(ja="導入後", en="After"), {})
    plan = Plan("launch_load", [arm], 1, "-", 1, ["hikkoshi", "load"], needs="findings")
    with RunFolder(out, plan, dt.datetime.now().astimezone()) as folder:
        (folder.path / "generator").mkdir()
        for worker in range(workers):
            made = Series()
            for number in range(calls):
                for call, millis in MILLIS.items():
                    made.record(SERVICE, call, number * 1000, millis[worker % 2] * 1000)
            made.write(folder.path / "generator" / f"series-{worker}.msgpack")
        folder.write_table("findings", FINDINGS)
        folder.describe(1)
        return folder.finish()


def test_the_scenario_extends_the_given_one_with_the_times_of_all_workers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, file = a_run(tmp_path / "runs"), tmp_path / "measured.toml"
    assert knock("calibrate", str(run), "launch", "--out", str(file)) == Exit.FINE
    assert "portal.submit" in capsys.readouterr().out
    before, after = load(path_of("launch"), Scenario), load(str(file), Scenario)
    for found, millis in (
        (after.portal.submit, 120),
        (after.relay.message, 120),
        (after.jlis.call, 600),
    ):
        assert float(found) * MINUTE_MS == pytest.approx(millis, rel=1e-3)
        assert found.source is not None
        assert found.source.startswith("measured: load test")
        assert run.name in found.source
    low, high = after.relay.message.low, after.relay.message.high
    assert low is not None
    assert high is not None
    assert (low * MINUTE_MS, high * MINUTE_MS) == pytest.approx((60, 180), rel=2e-3)
    assert after.name == "measured"
    assert after.portal.connections == before.portal.connections
    assert after.volumes == before.volumes


def test_what_was_called_too_seldom_is_left_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, file = a_run(tmp_path / "runs", calls=8), tmp_path / "measured.toml"
    assert knock("calibrate", str(run), "launch", "--out", str(file)) == Exit.FINE
    # Sixteen submissions are too few; thirty-two calls of the relay are not.
    printed = capsys.readouterr().out
    assert [word for word in ("portal.submit", "relay.message") if word in printed] == ["relay.message"]
    assert load(str(file), Scenario).portal.submit == load(path_of("launch"), Scenario).portal.submit


def test_what_is_no_evidence_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "measured.toml"

    def refused(run: Path, ended: Exit, said: str) -> None:
        assert knock("calibrate", str(run), "launch", "--out", str(file)) == ended
        assert said in capsys.readouterr().err
        assert not file.exists()

    refused(tmp_path / "nowhere", Exit.USAGE, "E-run-missing")
    refused(a_run(tmp_path / "few", calls=2), Exit.USAGE, "E-load-calibrate-nothing")
    refused(a_run(tmp_path / "none", workers=0), Exit.USAGE, "E-load-calibrate-run")
    changed = a_run(tmp_path / "changed")
    content = (changed / "generator" / "series-1.msgpack").read_bytes()
    (changed / "generator" / "series-1.msgpack").write_bytes(content + b"0")
    refused(changed, Exit.FAULTY, "E-load-calibrate-changed")


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("mine")
    assert knock("calibrate", str(a_run(tmp_path / "runs")), "launch", "--out", str(file)) == Exit.USAGE
    assert "E-use-exists" in capsys.readouterr().err
    assert file.read_text() == "mine"
