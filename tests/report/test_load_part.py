"""What a page takes from a load test, and from a detection matrix."""

import json
from pathlib import Path
from typing import Any

import pytest

from loadtests.gates import Gate
from loadtests.reconcile.findings import Finding
from report import build_report
from report.load_run import read_load_run
from report.matrix import matrix_sentence, read_matrix
from report.sources import read_sources
from results.errors import ResultsError
from tests.report.reading import Page
from tests.report.sample_load import load_folder, matrix_file
from tests.report.sample_run import write_sample


def test_a_verdict_is_read_as_it_was_written(tmp_path: Path) -> None:
    good = read_load_run(load_folder(tmp_path))
    assert (good.outcome, good.badge) == ("enough", "met")
    assert len(good.rows) == len(Finding) + len(Gate)
    assert all(row.says.ja and row.says.en for row in good.rows)
    assert read_load_run(load_folder(tmp_path / "lost", lost=2)).badge == "not_met"
    assert read_load_run(load_folder(tmp_path / "gates", gates=False)).badge == "cannot_say"


def test_a_page_shows_the_simulation_and_the_load_test_together(tmp_path: Path) -> None:
    run, load = write_sample(tmp_path, replications=2), load_folder(tmp_path / "load", lost=2)
    page = build_report([load, run], pictures=False).read_text(encoding="utf-8")
    assert page.count('<section aria-labelledby="load-section">') == 1
    assert "負荷試験の結果が含まれていない" not in page


@pytest.mark.parametrize("arms", [("before", "after"), ("after",)])
@pytest.mark.parametrize(
    ("more", "badge", "ja", "en"),
    [
        ({}, "met", "システムの負荷試験：十分", "Load test of the systems: ENOUGH"),
        ({"lost": 2}, "not_met", "システムの負荷試験：異常あり", "Load test of the systems: FAULTY"),
        ({"gates": False}, "cannot_say", "システムの負荷試験：判定できない", "Load test of the systems: CANNOT SAY"),
    ],
)
def test_the_verdict_of_the_load_test_stands_in_the_answer(
    tmp_path: Path, arms: tuple[str, ...], more: dict[str, Any], badge: str, ja: str, en: str
) -> None:
    run, load = write_sample(tmp_path, arms=arms, replications=2), load_folder(tmp_path / "load", **more)
    tree = Page(build_report([run, load], pictures=False)).tree
    [line] = tree.findall(".//section[@aria-labelledby='answer']//li[@class='load']")
    assert line[0].get("class") == f"badge {badge}"
    assert ["".join(part.itertext()) for part in line[1:]] == [ja, en]


def test_without_a_load_test_the_answer_says_nothing_of_one(tmp_path: Path) -> None:
    tree = Page(build_report([write_sample(tmp_path, replications=2)], pictures=False)).tree
    assert tree.findall(".//li[@class='load']") == []


def test_a_matrix_alone_or_an_unreadable_load_test_makes_no_page(tmp_path: Path) -> None:
    run, load = write_sample(tmp_path, replications=2), load_folder(tmp_path / "load")
    with pytest.raises(ResultsError) as alone:
        read_sources([matrix_file(tmp_path / "matrix")])
    assert alone.value.code == "E-report-no-run"
    assert alone.value.say("ja") != alone.value.say("en")
    data = json.loads((load / "verdict.json").read_text(encoding="utf-8"))
    for text, code in [
        (json.dumps(data | {"format": 1}), "E-load-version"),
        (json.dumps(data)[:-40], "E-load-verdict"),
        (json.dumps(data | {"outcome": "splendid"}), "E-load-verdict"),
        ("[]", "E-load-verdict"),
    ]:
        (load / "verdict.json").write_text(text, encoding="utf-8")
        with pytest.raises(ResultsError) as found:
            build_report([run, load])
        assert found.value.code == code
        assert found.value.say("ja") != found.value.say("en")


def test_a_folder_that_lacks_a_part_or_a_matrix_of_another_version_makes_no_page(tmp_path: Path) -> None:
    run = write_sample(tmp_path, replications=2)
    bare = load_folder(tmp_path / "bare")
    (bare / "timeline.parquet").unlink()
    begun = tmp_path / "begun.partial"
    begun.mkdir()
    (begun / "plan.json").write_text("{}", encoding="utf-8")
    half = load_folder(tmp_path / "half")
    half = half.rename(half.with_name(f"{half.name}.partial"))
    old, torn = matrix_file(tmp_path / "old"), matrix_file(tmp_path / "torn")
    old.write_text(json.dumps({"format": 1, "proofs": []}), encoding="utf-8")
    torn.write_text(torn.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    for place, code in [
        (bare, "E-table-missing"),
        (begun, "E-load-unfinished"),
        (half, "E-run-partial"),
        (old.parent, "E-load-version"),
        (torn, "E-load-matrix"),
    ]:
        with pytest.raises(ResultsError) as found:
            build_report([run, place])
        assert found.value.code == code
        assert found.value.say("ja") != found.value.say("en")
    assert not (run / "report.html").exists()


def test_the_matrix_says_what_was_caught_missed_and_cannot_be_told(tmp_path: Path) -> None:
    proofs = read_matrix(matrix_file(tmp_path, wrong=["stall"], unbelieved=["memory-growth", "clean"]))
    assert {proof.badge for proof in proofs if proof.defect == "stall=10"} == {"not_met"}
    defects = len(proofs) - 1
    said = matrix_sentence(proofs)
    assert f"不具合{defects}種類のうち{defects - 2}種類" in said.ja
    assert f"Of {defects} defects {defects - 2} were caught for the right reason" in said.en
    assert "another: 1; cannot be told: 1" in said.en
    assert "誤報がないかは判定できません" in said.ja
    every = read_matrix(matrix_file(tmp_path))
    assert f"不具合{defects}種類を、すべて" in matrix_sentence(every).ja
    assert "判定できない" in matrix_sentence(proofs).ja
    assert {proof.badge for proof in every} == {"met"}


def test_the_matrix_says_in_how_many_runs_without_a_defect_there_was_no_false_alarm(tmp_path: Path) -> None:
    twenty = matrix_sentence(read_matrix(matrix_file(tmp_path, clean_runs=20)))
    assert "不具合のない試験20回では、一度も" in twenty.ja
    assert "Runs without a defect: 20; none raised an alarm." in twenty.en
    alarmed = json.loads(matrix_file(tmp_path, clean_runs=20).read_text(encoding="utf-8"))
    alarmed["proofs"][0] |= {"alarms": 3, "unbelieved": 1, "right": False}
    (tmp_path / "matrix.json").write_text(json.dumps(alarmed), encoding="utf-8")
    assert "Runs without a defect: 20; false alarms: 3." in matrix_sentence(read_matrix(tmp_path / "matrix.json")).en
