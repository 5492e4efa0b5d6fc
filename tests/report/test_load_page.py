"""The page of a load test without a simulation, and its sentence on the outcome."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.gates import Gate, Passed
from loadtests.reconcile.findings import Finding, Line
from loadtests.verdict import Outcome, verdict_of
from report import build_report
from report.headline import headline_of_load
from results.store import open_run
from tests.report.reading import XHTML, Page
from tests.report.sample_load import OUTAGE, load_folder, matrix_file
from texts import LANGS

CLAIMS = {
    Outcome.ENOUGH: ("この負荷に足りました", "carried this load"),
    Outcome.NOT_ENOUGH: ("足りませんでした", "did not carry this load"),
    Outcome.FAULTY: ("異常が見つかりました。", "Faults were found"),
    Outcome.CANNOT_SAY: ("判定できません", "cannot tell"),
}
OF_A_SIMULATION = ("試算", "待ち行列", "途中の人", "反復", "職員の作業時間", "利用率")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(build_report([load_folder(tmp_path_factory.mktemp("load"), faults=OUTAGE)]))


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.sampled_from(Finding), st.integers(0, 2), st.integers(0, 9)), unique_by=lambda one: one[0]),
    st.dictionaries(st.sampled_from(Gate), st.booleans()) | st.just(dict.fromkeys(Gate, True)),
)
def test_the_sentence_claims_what_the_verdict_says_and_nothing_else(
    found: list[tuple[Finding, int, int]], gates: dict[Gate, bool]
) -> None:
    lines = [Line(finding, count, count + more) for finding, count, more in found]
    outcome = verdict_of([], lines, [Passed(gate, holds) for gate, holds in gates.items()]).outcome
    assert_claims(outcome)


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_a_sentence_of_its_own(outcome: Outcome) -> None:
    assert_claims(outcome)


def assert_claims(outcome: Outcome) -> None:
    said = headline_of_load(outcome.word)
    assert [own for own, (ja, _) in CLAIMS.items() if ja in said.ja] == [outcome]
    assert [own for own, (_, en) in CLAIMS.items() if en in said.en] == [outcome]


@pytest.mark.parametrize(
    ("more", "outcome"),
    [({}, Outcome.ENOUGH), ({"lost": 2}, Outcome.FAULTY), ({"gates": False}, Outcome.CANNOT_SAY)],
)
def test_the_answer_is_the_outcome_of_the_test(tmp_path: Path, more: dict[str, Any], outcome: Outcome) -> None:
    found = Page(build_report([load_folder(tmp_path, **more)], pictures=False))
    answer = found.tree.find(".//p[@class='answer']")
    assert answer is not None
    assert "".join(answer.itertext()) == "".join(headline_of_load(outcome.word).in_(lang) for lang in LANGS)


def test_the_page_lies_in_the_folder_of_the_load_test_which_records_it(page: Page) -> None:
    run = open_run(page.path.parent)
    entry = run.manifest.output("report.html")
    assert entry is not None
    assert entry.sha256 == hashlib.sha256(page.path.read_bytes()).hexdigest()
    assert {f"charts/load.{kind}" for kind in ("csv", "ja.svg", "en.svg", "ja.png", "en.png")} <= {
        output.path for output in run.manifest.outputs
    }
    assert build_report([page.path.parent]).read_bytes() == page.path.read_bytes()


def test_what_only_a_simulation_has_is_left_out_without_a_hole(page: Page) -> None:
    titles = [section.get("aria-labelledby") for section in page.tree.iter("section")]
    assert titles == ["answer", "load-section", "commitments", "limits", "words", "again"]
    for section in page.tree.iter("section"):
        assert section[0].tag == "h2"
        assert len(section) > 1
        assert all("".join(part.itertext()).strip() for part in section)
    assert [figure.get("id") for figure in page.tree.iter("figure")] == ["load"]
    assert page.tree.find(f".//{XHTML}svg") is not None
    for word in OF_A_SIMULATION:
        assert word not in page.words("ja"), word


def test_every_text_stands_in_both_languages_and_every_reference_has_its_end(page: Page) -> None:
    page.assert_two_languages()
    page.assert_references()


@pytest.mark.parametrize(
    "words",
    [
        "実際のシステムは試験していません",
        "再現した時間帯：2023年3月28日08:30〜12:30",
        "突合の結果",
        "起こした障害：中継サーバーの停止（20〜32秒）",
        "区が約束した安全対策",
        "hikkoshi load scenarios/launch.toml --duration 60s",
    ],
)
def test_the_page_says(page: Page, words: str) -> None:
    assert words in page.words("ja")


def test_a_matrix_can_stand_beside_a_load_test_alone(tmp_path: Path) -> None:
    load = load_folder(tmp_path)
    found = Page(build_report([matrix_file(tmp_path / "matrix"), load], pictures=False))
    assert found.path.parent == load
    assert "hikkoshi load --prove" in found.words("ja")
