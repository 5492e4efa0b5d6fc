"""An excerpt holds what was asked for, and its manifest tells of nothing else."""

from pathlib import Path

from results.excerpt import excerpt
from results.fingerprint import file_hash
from results.store import open_run
from tests.report.sample_load import load_folder


def test_an_excerpt_can_be_opened_and_knows_the_hash_of_what_it_holds(tmp_path: Path) -> None:
    source = load_folder(tmp_path / "whole")
    excerpt(source, tmp_path / "part", ["timeline", "verdict"])
    run = open_run(tmp_path / "part")
    assert {output.path for output in run.manifest.outputs} == {"timeline.csv", "timeline.parquet", "verdict.json"}
    assert all(file_hash(run.path / output.path) == output.sha256 for output in run.manifest.outputs)
    assert run.table("timeline").equals(open_run(source).table("timeline"))
    assert run.manifest.run_id == open_run(source).manifest.run_id
