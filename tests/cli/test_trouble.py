"""When something fails in the middle: it is said aloud, the exit code tells, and no folder is left half-written."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import sim.experiment
from cli.exits import Exit
from results.store import RunFolder, open_run
from sim.experiment import Failure, Outcome, Plan
from sim.measures.collect import Tables
from tests.cli.small_ward import answer_in, files_under, knock

QUICK = ["--replications", "2", "--jobs", "1", "--quiet"]


def test_a_law_that_does_not_hold_is_said_aloud_and_the_results_are_not_trusted(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sim.experiment.run_experiment

    def spoiled(plan: Plan, on_done: Any, meanwhile: Any) -> Outcome:
        outcome = run(plan, on_done, meanwhile)
        laws = outcome.results.laws.copy()
        laws.loc[3, "holds"] = False
        return replace(outcome, results=replace(outcome.results, laws=laws))

    monkeypatch.setattr("sim.experiment.run_experiment", spoiled)
    assert knock("compare", *pair, *QUICK, "--no-report", "--lang", "en") == Exit.FAULTY
    said = capsys.readouterr().out
    assert "DO NOT TRUST THESE RESULTS: 1 checks" in said
    assert "checks of the laws of queueing hold" not in said
    assert knock("compare", *pair, *QUICK, "--no-report", "--json") == Exit.FAULTY
    answer = answer_in(capsys.readouterr().out)
    assert answer["exit_code"] == Exit.FAULTY
    assert len(answer["laws"]["broken"]) == 1
    assert not open_run(Path(answer["run"])).table("laws")["holds"].all()


def failing(*failures: tuple[str, int]) -> Any:
    """One replication as it is, but some arms and numbers fail."""
    one = sim.experiment._arm

    def run(scenario: Any, arm: str, seed: int, number: int, *others: Any) -> Tables | Failure:
        if (arm, number) in failures:
            return Failure(arm, number, "ValueError: no such luck (draw)")
        return one(scenario, arm, seed, number, *others)

    return run


def test_replications_that_fail_are_left_out_and_told_and_the_rest_is_kept(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.experiment._arm", failing(("after", 1)))
    words = ["compare", *pair, "--replications", "3", "--jobs", "1", "--quiet", "--no-report"]
    assert knock(*words, "--json") == Exit.INTERNAL
    answer = answer_in(capsys.readouterr().out)
    failed = [{"arm": "after", "replication": 1, "reason": "ValueError: no such luck (draw)"}]
    assert answer["replications"] == {"asked": 3, "done": 2, "failed": failed}
    run = open_run(Path(answer["run"]))
    assert set(run.table("measures")["replication"]) == {0, 2}
    assert [one.model_dump() for one in run.manifest.replications.failed] == failed
    assert knock(*words, "--lang", "en") == Exit.INTERNAL
    assert "1 replications failed and were left out (the first: after, replication 1: ValueError" in " ".join(
        capsys.readouterr().out.split()
    )


def test_where_every_replication_fails_there_is_no_result(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.experiment._arm", failing(("before", 0), ("after", 1)))
    assert knock("compare", *pair, *QUICK, "--lang", "en") == Exit.INTERNAL
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("E-run-nothing-done: Not one replication finished. The first reason: ValueError")
    assert not Path("results").exists()


def test_a_full_disk_is_told_and_nothing_is_left(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def write(table: object, path: str) -> None:
        Path(path).write_bytes(b"half")
        written.append(path)
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("results.store.write_parquet", write)
    before = files_under(Path())
    assert knock("compare", *pair, *QUICK) == Exit.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("E-out-unwritable")
    assert "No space left on device" in said.err
    assert len(written) == 3
    assert files_under(Path()) == before


def test_a_disk_that_fills_up_under_the_report_leaves_nothing_either(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(folders: list[Path], *, pictures: bool) -> Path:
        (folders[0] / "report.html").write_text("<p>hal", encoding="utf-8")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("cli.runs.build_report", build)
    before = files_under(Path())
    assert knock("simulate", pair[0], *QUICK) == Exit.USAGE
    assert capsys.readouterr().err.startswith("E-out-unwritable")
    assert files_under(Path()) == before


def test_a_report_that_cannot_be_built_does_not_cost_the_results(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(folders: list[Path], *, pictures: bool) -> Path:
        (folders[0] / "charts").mkdir()
        (folders[0] / "charts" / "half.svg").touch()
        (folders[0] / "report.html").write_text("<p>hal", encoding="utf-8")
        raise ZeroDivisionError("no axis")

    monkeypatch.setattr("cli.runs.build_report", build)
    assert knock("simulate", pair[0], *QUICK, "--lang", "en") == Exit.INTERNAL
    said = capsys.readouterr().out
    assert "The report could not be built (ZeroDivisionError: no axis)" in said
    (folder,) = Path("results/runs/before").iterdir()
    assert said.splitlines()[-1] == f"Next: hikkoshi report {folder}"
    assert not (folder / "charts").exists()
    run = open_run(folder)
    assert {output.path for output in run.manifest.outputs} == set(files_under(folder)) - {"manifest.json"}
    assert set(run.table("measures")["arm"]) == {"before"}


@pytest.mark.parametrize("moment", ["write_table", "describe", "finish"])
def test_ctrl_c_while_the_folder_is_written_leaves_nothing(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(RunFolder, moment, stop)
    before = files_under(Path())
    assert knock("simulate", pair[0], *QUICK, "--no-report") == Exit.INTERRUPTED
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "中断しました。途中の結果は残していません。\n"
    assert files_under(Path()) == before


def test_ctrl_c_while_the_report_is_built_leaves_nothing(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(folders: list[Path], *, pictures: bool) -> Path:
        assert (folders[0] / "manifest.json").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.runs.build_report", stop)
    before = files_under(Path())
    assert knock("simulate", pair[0], *QUICK, "--lang", "en") == Exit.INTERRUPTED
    assert capsys.readouterr().err == "Interrupted. Nothing was left half-written.\n"
    assert files_under(Path()) == before


def test_a_table_that_was_changed_afterwards_makes_no_report(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert knock("simulate", pair[0], *QUICK, "--no-report", "--json") == Exit.FINE
    run = Path(answer_in(capsys.readouterr().out)["run"])
    (run / "summary.parquet").write_bytes((run / "measures.parquet").read_bytes())
    assert knock("report", str(run)) == Exit.FAULTY
    assert capsys.readouterr().err.startswith("E-table-changed")
