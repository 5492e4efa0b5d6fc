import csv
import hashlib
import re
import time
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from report import build_report
from report.sources import NEEDED
from results.errors import ResultsError
from results.manifest import Failed, Label
from results.plan import Arm
from results.store import RunFolder, open_run
from tests.report.reading import JAPANESE, XHTML, Page
from tests.report.sample_run import assumptions_table, laws_table, measures_table, write_sample
from tests.results.small_run import MEASURES, plan
from texts import catalogue

ROOT = Path(__file__).resolve().parents[2]
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(build_report([write_sample(tmp_path_factory.mktemp("two"))]))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(build_report([write_sample(tmp_path_factory.mktemp("one"), arms=("after",))], pictures=False))


def test_the_page_can_contact_nothing(page: Page) -> None:
    policy = page.tree.find(".//meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    tags = {node.tag.removeprefix(XHTML) for node in page.tree.iter()}
    assert not tags & {
        "script",
        "iframe",
        "object",
        "embed",
        "link",
        "img",
        "image",
        "form",
        "a",
        "base",
        "foreignObject",
    }
    for node in page.tree.iter():
        for name, value in node.attrib.items():
            assert not name.lower().startswith("on")
            assert "://" not in value, (node.tag, name)
    style = "".join(node.text or "" for node in page.tree.iter("style"))
    assert "url(" not in style
    assert "@import" not in style


def test_addresses_stand_only_in_sources_and_svg_namespaces(page: Page) -> None:
    found = set(re.findall(r"https?://[^\s\"<)]+", page.text))
    sources = set(re.findall(r"https?://\S+", " ".join(assumptions_table(["before", "after"])["source"])))
    assert found == NAMESPACES & found | sources


def test_every_text_stands_in_both_languages(page: Page, alone: Page) -> None:
    for each in (page, alone):
        each.assert_two_languages()


def test_the_language_switch_needs_no_script(page: Page) -> None:
    assert [node.get("id") for node in page.tree.iter("input")] == ["lang-ja", "lang-en"]
    assert page.tree.find(".//main//input[@id='lang-ja']") is not None
    style = "".join(node.text or "" for node in page.tree.iter("style"))
    assert "main:has(#lang-ja:checked) .en,main:has(#lang-en:checked) .ja{display:none}" in style


def test_ids_are_unique_and_every_reference_has_its_end(page: Page) -> None:
    page.assert_references()


def test_the_answer_and_the_main_figures_are_those_of_the_comparison(page: Page) -> None:
    comparison = open_run(page.path.parent).table("comparison")
    every = (comparison[["kind", "users", "site", "weekday", "hour"]] == "all").all(axis=1)
    row = comparison[every & (comparison["measure"] == "wait_mean")].iloc[0]
    answer = page.tree.find(".//p[@class='answer']/span[@lang='en']")
    assert answer is not None
    assert answer.text == (
        f"The mean wait at the counters is expected to fall from {row.before:.1f} to {row.after:.1f} minutes."
    )
    assert f"{row.before:.1f} → {row.after:.1f}" in page.text


@pytest.mark.parametrize(
    "words",
    [
        "試算（シミュレーション）。実測ではありません",
        "職員の作業時間（分）は、3項目のうち3項目が仮の値です",
        "待ち行列の法則を360か所で確かめ、すべて成り立ちました。",
        "だれの時間が減り、だれの時間が増えるか",
        "hikkoshi compare scenarios/before.toml scenarios/launch.toml --replications 10",
        "20230206",
        "2023年2月6日〜2023年4月30日",
        "住民の時間は合計",
    ],
)
def test_the_page_says(page: Page, words: str) -> None:
    assert words in page.words("ja")


def test_the_number_still_inside_stands_beside_the_means(page: Page) -> None:
    means = {"平均の待ち時間", "引越し1件あたりに住民が使う時間"}
    for card in page.tree.findall(".//div[@class='card']"):
        words = "".join(card.itertext())
        assert ("途中の人" in words) == any(name in words for name in means), words
    captions = ["".join(caption.itertext()) for caption in page.tree.iter("caption")]
    assert sum("途中の人" in caption for caption in captions) == 2
    crowds = page.tree.find(".//figure[@id='crowding']/p[@class='note']")
    assert crowds is not None
    assert "途中の人" in "".join(crowds.itertext())


FIGURES = ["fifty", "crowding", "season", "staff_hours", "race", "savings"]


def test_every_figure_has_its_numbers_as_table_and_csv_and_its_drawing_as_files(page: Page) -> None:
    figures = page.tree.findall(".//figure")
    assert [figure.get("id") for figure in figures] == FIGURES
    charts = page.path.parent / "charts"
    for figure in figures:
        ident = str(figure.get("id"))
        assert figure.findall(".//details//tbody/tr")
        assert figure.find(f".//svg[@aria-labelledby='{ident}-title']".replace("svg", f"{XHTML}svg")) is not None
        data = (charts / f"{ident}.csv").read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        lines = list(csv.reader(data.decode("utf-8-sig").splitlines()))
        assert {len(line) for line in lines} == {len(lines[0])}
        assert len(lines) > 1
        for lang in ("ja", "en"):
            drawn = (charts / f"{ident}.{lang}.svg").read_text(encoding="utf-8")
            assert ET.fromstring(drawn).tag == f"{XHTML}svg"  # noqa: S314
            assert bool(JAPANESE.search(drawn)) == (lang == "ja")
            assert (charts / f"{ident}.{lang}.png").read_bytes().startswith(b"\x89PNG")


def test_the_table_of_a_figure_says_what_its_csv_says(page: Page) -> None:
    lines = list(csv.DictReader((page.path.parent / "charts" / "savings.csv").read_text("utf-8-sig").splitlines()))
    rows = page.tree.findall(".//figure[@id='savings']//details//tbody/tr")
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        shown = "".join(row[1].itertext()).replace(",", "").replace("−", "-")
        assert float(shown) == pytest.approx(float(line["saved"]), rel=0.01, abs=0.01)


def test_a_run_with_one_arm_compares_nothing(alone: Page) -> None:
    assert [figure.get("id") for figure in alone.tree.findall(".//figure")] == FIGURES[:-1]
    words = alone.words("ja").partition("手続きの流れ")[0]
    assert "見込みです" in words
    for absent in ("→", "節約", "だれの時間が減り", "前：", "判定できない（"):
        assert absent not in words


def test_a_change_that_is_none_cannot_be_told(tmp_path: Path) -> None:
    found = Page(build_report([write_sample(tmp_path, effect=0.0)], pictures=False))
    assert "短くなるか長くなるかは、この試算からは判定できません" in found.words("ja")
    assert "cannot tell whether the mean wait" in found.words("en")


def test_one_replication_has_no_ranges_and_its_page_says_so(tmp_path: Path) -> None:
    words = Page(build_report([write_sample(tmp_path, replications=1)], pictures=False)).words("ja")
    assert "反復か件数が足りず、差の幅を出せない" in words
    assert "nan" not in words


@pytest.mark.parametrize("missing", [*NEEDED[1:], "comparison"])
def test_a_missing_table_is_named_and_there_is_no_page(tmp_path: Path, missing: str) -> None:
    every = {*NEEDED, "comparison"}
    folder = write_sample(tmp_path, replications=2, only=every - {missing})
    with pytest.raises(ResultsError) as error:
        build_report([folder])
    assert error.value.code == "E-table-missing"
    assert error.value.values["table"] == missing
    assert not (folder / "report.html").exists()
    assert not (folder / "charts").exists()


def test_a_run_without_a_summary_has_no_report(tmp_path: Path) -> None:
    with RunFolder(tmp_path, plan()) as run:
        run.write_table("measures", MEASURES)
        run.describe(done=2)
        with pytest.raises(ResultsError) as error:
            build_report([run.path])
    assert error.value.code == "E-table-missing"


def test_two_simulations_make_no_page_together(tmp_path: Path) -> None:
    folder = write_sample(tmp_path, replications=2)
    with pytest.raises(ResultsError) as error:
        build_report([folder, folder])
    assert error.value.code == "E-report-two"


def test_a_page_can_go_elsewhere_and_leaves_the_run_as_it_is(page: Page, tmp_path: Path) -> None:
    folder = page.path.parent
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    target = tmp_path / "elsewhere.html"
    assert build_report([folder], target).read_bytes() == page.path.read_bytes()
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*")} == before


def test_the_file_is_small_enough_to_be_mailed(page: Page) -> None:
    assert len(page.path.read_bytes()) < 600_000


def rewritten(out: Path, change: Callable[[RunFolder], None], **settings: object) -> Page:
    """A report built in a folder that still has its temporary name."""
    with RunFolder(out, plan(**settings)) as run:
        measures = measures_table(["before"], 2)
        run.write_table("measures", measures)
        source = open_run(write_sample(out / "source", arms=("before",), replications=2))
        for name in ("summary", "daily", "wait_quantiles", "laws", "assumptions", "flow_steps"):
            run.write_table(name, source.table(name))
        change(run)
        run.describe(done=2, failed=[Failed(arm="before", replication=1, reason="<b>out of memory</b>")])
        report = build_report([run.path], pictures=False)
        assert report.parent.name.endswith(".partial")
        return Page(run.finish() / report.name)


def test_a_broken_law_warns_the_reader(tmp_path: Path) -> None:
    found = rewritten(tmp_path, lambda run: run.write_table("laws", laws_table(["before"], 2, broken=3)))
    assert "3か所で成り立ちませんでした。この結果は使わないでください。" in found.words("ja")
    assert found.tree.find(".//span[@class='badge not_met']") is not None


def test_words_from_a_scenario_cannot_become_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>&\"'"
    assumed = assumptions_table(["before"]).assign(label_ja=evil, label_en=evil, source=evil)
    found = rewritten(
        tmp_path,
        lambda run: run.write_table("assumptions", assumed),
        arms=[Arm("before", Label(ja=evil, en=evil), {})],
        labels={"main": Label(ja=evil, en=evil)},
    )
    assert "<script" not in found.text
    assert evil in found.words("ja")
    assert "<b>out of memory</b>" in found.words("ja")


def test_the_manifest_records_the_report_and_building_again_changes_nothing(page: Page) -> None:
    run = open_run(page.path.parent)
    first = page.path.read_bytes()
    entry = run.manifest.output("report.html")
    assert entry is not None
    assert entry.sha256 == hashlib.sha256(first).hexdigest()
    assert run.manifest.output("charts/season.csv") is not None
    assert build_report([page.path.parent]).read_bytes() == first
    assert open_run(page.path.parent).manifest == run.manifest


def test_the_same_run_gives_the_same_page_quickly(page: Page, tmp_path: Path) -> None:
    path = write_sample(tmp_path)
    start = time.perf_counter()
    again = build_report([path], pictures=False)
    assert time.perf_counter() - start < 15  # about 2 s on one core, with room for a busy machine
    assert again.read_bytes() == page.path.read_bytes()


OWN = ("report", "measures", "results")


def test_every_text_has_both_languages() -> None:
    for name in OWN:
        for key, entry in tomllib.loads((ROOT / "texts" / f"{name}.toml").read_text(encoding="utf-8")).items():
            assert set(entry) == {"ja", "en"}, key
            assert all(entry.values()), key
            assert not JAPANESE.search(entry["en"]), key
            fields = [set(re.findall(r"\{(\w+)", entry[lang])) for lang in ("ja", "en")]
            assert fields[1] <= fields[0], key  # a unit may be said once in English and twice in Japanese


def test_no_text_of_the_report_is_left_unused() -> None:
    files = [file for kind in ("*.py", "*.j2") for file in sorted((ROOT / "report").rglob(kind))]
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    for key in catalogue():
        if key.startswith("report."):
            words = key.split(".")
            stems = [".".join(words[:count]) for count in range(2, len(words))]
            built = [
                part for stem in stems for part in (f"{stem}.{{", f'"{stem}." ~')
            ]  # a key put together in the code
            assert f'"{key}"' in code or any(part in code for part in built), key
