"""The committed reference run is what this version of the model computes."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from cli.runs import assumptions
from report import REPORT, build_report
from report.load_run import read_load_run
from results.fingerprint import file_hash, fingerprint
from results.store import Run, open_run
from results.tables import arrange
from scenarios.canonical import as_dict
from scenarios.packaged import scenario
from sim.experiment import Plan, run_experiment
from sim.journeys import flow_steps
from sim.summary import compare, summarise
from sim.tables import Results

FOLDER = Path(__file__).resolve().parents[2] / "results" / "launch-2023-02"
LOAD = FOLDER / "load"
MATRIX = FOLDER / "matrix"
ARMS = {"before": scenario("before"), "launch": scenario("launch")}
AGAIN = 1
"""Replications that are computed again."""


@pytest.fixture(scope="module")
def run() -> Run:
    return open_run(FOLDER)


@pytest.fixture(scope="module")
def again(run: Run) -> Results:
    return run_experiment(Plan(ARMS, run.manifest.randomness.seed, AGAIN)).results


def same(name: str, found: pd.DataFrame, kept: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        arrange(name, found), kept.reset_index(drop=True), check_exact=True, check_dtype=False
    )


def test_every_file_is_what_the_manifest_says(run: Run) -> None:
    for folder, manifest in ((FOLDER, run.manifest), (LOAD, open_run(LOAD).manifest)):
        assert manifest.machine.dirty is False, "it was computed by a commit that everybody can have"
        files = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.name != "manifest.json"}
        assert files - {"charts", "load", "matrix"} == {output.path for output in manifest.outputs}
        for output in manifest.outputs:
            assert file_hash(folder / output.path) == output.sha256


def test_the_load_run_is_one_of_today_and_small() -> None:
    load = read_load_run(LOAD)
    assert load.outcome != "cannot_say"
    assert {arm.sha256 for arm in load.manifest.arms} == {fingerprint(as_dict(ARMS["launch"]))}
    assert sum(file.stat().st_size for file in LOAD.iterdir()) < 100_000


def test_the_scenarios_are_those_of_today(run: Run) -> None:
    assert {arm.arm: arm.sha256 for arm in run.manifest.arms} == {
        name: fingerprint(as_dict(own)) for name, own in ARMS.items()
    }


@pytest.mark.parametrize("table", ["measures", "daily", "laws"])
def test_replications_computed_again_give_the_same_rows(run: Run, again: Results, table: str) -> None:
    kept = run.table(table)
    same(table, getattr(again, table), kept[kept["replication"] < AGAIN])


def test_summary_and_comparison_follow_from_the_measures(run: Run) -> None:
    measures = run.table("measures")
    assert set(measures["replication"]) == set(range(run.manifest.replications.done))
    same("summary", summarise(measures), run.table("summary"))
    same("comparison", compare(measures, "before", "launch"), run.table("comparison"))


def test_the_journeys_are_those_of_the_flows(run: Run) -> None:
    same("flow_steps", flow_steps(ARMS, run.manifest.randomness.seed), run.table("flow_steps"))


def test_the_grid_holds_the_run_itself(run: Run) -> None:
    grid = run.table("what_if")
    assert set(grid["desks"]) == {-1, 0, 1, 2, 3}
    measures = run.table("measures")
    chosen = (measures["arm"] == "launch") & (measures["measure"] == "wait_mean") & (measures["site"] == "main")
    for other in ("kind", "users", "weekday", "hour"):
        chosen &= measures[other] == "all"
    own = grid[(grid["uptake"] == 0.16) & (grid["desks"] == 0) & (grid["measure"] == "wait_mean")].iloc[0]
    values = measures[chosen & (measures["replication"] < own["n"])]["value"]
    assert float(own["estimate"]) == pytest.approx(float(values.mean()), rel=1e-12)


def test_the_assumptions_are_those_of_the_scenarios(run: Run) -> None:
    same("assumptions", assumptions(ARMS), run.table("assumptions"))


def test_the_committed_page_and_its_charts_are_those_of_the_tables_today(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(FOLDER, tmp_path / "run", ignore=shutil.ignore_patterns("charts", REPORT)))
    build_report([copy, copy / LOAD.name, copy / MATRIX.name], pictures=False)
    assert made(copy) == made(FOLDER)


def made(folder: Path) -> dict[str, bytes]:
    """What a report adds to a folder."""
    files = [folder / REPORT, *(folder / "charts").iterdir()]
    return {file.name: file.read_bytes() for file in files}
