"""`hikkoshi load` from outside: what it refuses, a whole short run with its folder, and one that is stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cli.exits import OF_VERDICT, Exit
from results.store import open_run
from tests.cli.small_ward import knock, plain_environment
from tests.cli.test_interrupt import ctrl_c_not_ignored, wait_until

FAULTY = (
    *("lost", "duplicated", "misrouted", "crosstalk", "corrupted"),
    *("unexpected", "out_of_order", "stale", "false_error", "unaudited"),
)
WORDS = ("--scale", "2", "--drain", "30s")
PATIENCE_S = 150


@pytest.mark.parametrize(
    ("words", "ended", "said"),
    [
        (("--speed", "60", "--duration", "60s"), Exit.USAGE, "E-use-load-both"),
        (("--duration", "0s"), Exit.USAGE, "E-use-load-duration"),
        (("--duration", "soon"), Exit.USAGE, "E-use-load-duration"),
        (("--scale", "0"), Exit.USAGE, "E-use-load-number"),
        (("--scale", "many"), Exit.USAGE, "E-use-load-number"),
        (("--speed", "-1"), Exit.USAGE, ""),
        (("--workers", "0"), Exit.USAGE, "E-use-load-workers"),
        (("--seed", "-1"), Exit.USAGE, "E-use-seed"),
        (("--window", "tomorrow"), Exit.USAGE, "E-load-window"),
        (("--window", "2019-03-27 08:30/12:30"), Exit.USAGE, "E-load-window-outside"),
        (("--scale", "30000", "--duration", "60s"), Exit.USAGE, "E-load-scale"),
        (("--defects", "batch-cutt"), Exit.USAGE, "E-defect-unknown"),
        (("--target", "nowhere"), Exit.USAGE, "E-load-target"),
        (("no-such-scenario",), Exit.SCENARIO, "no-such-scenario"),
        (("national_march",), Exit.SCENARIO, "national_march"),
    ],
)
def test_what_cannot_be_played_is_one_message_and_leaves_nothing(
    words: tuple[str, ...], ended: Exit, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "runs"
    assert knock("load", *words, "--out", str(out), "--quiet") == ended
    printed, remarked = capsys.readouterr()
    assert said in remarked
    assert printed == ""
    assert not out.exists()


def started(out: Path, *words: str) -> subprocess.Popen[str]:
    with ctrl_c_not_ignored():
        return subprocess.Popen(
            [sys.executable, "-m", "cli.main", "load", "launch", *WORDS, "--out", str(out), *words],
            env=plain_environment(HIKKOSHI_LANG="en"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.Popen[str], str, Path]:
    """A run that is over: the process, what it printed, and its folder."""
    out = tmp_path_factory.mktemp("runs")
    process = started(out, "--duration", "8s", "--json")
    printed, remarked = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in OF_VERDICT.values(), remarked
    [folder] = (out / "launch_load").iterdir()
    return process, printed, folder


def test_the_exit_code_is_that_of_the_verdict_and_nothing_is_faulty(
    ended: tuple[subprocess.Popen[str], str, Path],
) -> None:
    process, printed, folder = ended
    verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    assert json.loads(printed) == verdict
    assert process.returncode == OF_VERDICT[verdict["outcome"]]
    rows = {row["name"]: row for row in verdict["rows"]}
    assert {name: rows[f"finding.{name}"]["count"] for name in FAULTY} == dict.fromkeys(FAULTY, 0)
    for name in ("lost", "duplicated", "crosstalk", "corrupted", "unaudited", "false_error"):
        assert rows[f"finding.{name}"]["checked"] > 10
    for gate in ("offered", "workers", "schedule", "evidence", "copies", "whole"):
        assert rows[f"gate.{gate}"]["holds"], rows[f"gate.{gate}"]
    assert verdict["run"]["arrivals"] > 10
    assert verdict["run"]["requests"] > 100


def test_the_folder_holds_everything_and_the_manifest_knows_its_hash(
    ended: tuple[subprocess.Popen[str], str, Path],
) -> None:
    run = open_run(ended[2])
    assert {"latency", "findings", "servers"} <= set(run.tables)
    latency = run.table("latency")
    assert latency["calls"].sum() > 100
    named = {output.path for output in run.manifest.outputs}
    assert named >= {
        *("verdict.json", "junit.xml", "plan.json", "schedule.npz", "facts.ndjson.gz", "findings.csv"),
        *("generator/ledger-0.ndjson", "generator/series-0.msgpack", "generator/generator-0.json"),
        *("locust/locust_stats.csv", "locust/locust.html", "locust/locust.log", "servers/portal.db"),
    }
    suites = ET.parse(ended[2] / "junit.xml").getroot()  # noqa: S314 - our own file
    assert {suite.attrib["name"] for suite in suites} == {"gate", "finding", "rule", "security"}
    assert run.manifest.command[:2] == ["hikkoshi", "load"]


def test_a_run_that_is_stopped_still_reconciles_and_reports(tmp_path: Path) -> None:
    process = started(tmp_path, "--duration", "2min")
    try:
        ledger = "launch_load/*/generator/ledger-0.ndjson"
        wait_until(lambda: any(b'"sign"' in file.read_bytes() for file in tmp_path.glob(ledger)))
        process.send_signal(signal.SIGINT)
        printed, remarked = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == Exit.INTERRUPTED, remarked
    assert "CANNOT SAY" in printed
    [folder] = tmp_path.glob("launch_load/*")
    assert not folder.name.endswith(".partial")
    verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    rows = {row["name"]: row for row in verdict["rows"]}
    assert not rows["gate.whole"]["holds"]
    assert rows["finding.lost"]["count"] == 0
    assert rows["finding.duplicated"]["checked"] > 0


def test_a_defect_is_caught_by_its_own_run_of_the_matrix(tmp_path: Path) -> None:
    words = ("--prove", "--defects", "stored-but-500=5", "--duration", "8s", "--scale", "30", "--out", str(tmp_path))
    process = subprocess.run(
        [sys.executable, "-m", "cli.main", "load", *words],
        env=plain_environment(HIKKOSHI_LANG="en"),
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE_S,
        check=False,
    )
    [folder] = (tmp_path / "load_matrix").iterdir()
    matrix = json.loads((folder / "matrix.json").read_text(encoding="utf-8"))
    [proof] = matrix["proofs"]
    assert (proof["name"], set(proof["found"])) == ("stored-but-500", {"false_error"})
    assert process.returncode == (Exit.FINE if matrix["right"] else Exit.MISSED)
    assert "stored-but-500=5" in process.stdout
    assert "stored-but-500=5" in (folder / "matrix.md").read_text(encoding="utf-8")
