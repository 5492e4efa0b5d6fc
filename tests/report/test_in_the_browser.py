"""The page in a real browser: read by machines, on narrow screens, without scripts, without a network, on paper."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from report import build_report
from report.pdf import in_language, print_page
from results.errors import ResultsError
from tests.report.chromium import NEEDED, browser, opened
from tests.report.sample_load import OUTAGE, load_folder, matrix_file
from tests.report.sample_run import write_sample

pytestmark = NEEDED
REFERENCE = Path(__file__).resolve().parents[2] / "results" / "launch-2023-02" / "report.html"
VIEWS = [(width, lang) for width in (375, 900) for lang in ("ja", "en")]

CONTRAST = """
() => {
  const rgb = text => { const m = text.match(/[\\d.]+/g); return m ? m.map(Number) : null; };
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  for (const svg of document.querySelectorAll("figure svg")) {
    const shapes = [...svg.querySelectorAll("path, rect")].filter(s => getComputedStyle(s).fill !== "none");
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      const style = getComputedStyle(text);
      if (!box.width || style.stroke !== "none") continue;  // not shown, or the halo of another text
      const x = box.x + box.width / 2, y = box.y + box.height / 2;
      let ground = [255, 255, 255];
      for (const shape of shapes) {
        if (shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_PRECEDING) continue;  // drawn after the text
        const point = new DOMPoint(x, y).matrixTransform(shape.getScreenCTM().inverse());
        if (!shape.isPointInFill(point)) continue;
        const own = getComputedStyle(shape), over = rgb(own.fill);
        const share = Number(own.opacity) * Number(own.fillOpacity) * (over.length > 3 ? over[3] : 1);
        ground = ground.map((v, i) => v * (1 - share) + over[i] * share);
      }
      const [a, b] = [light(rgb(style.fill)), light(ground)].sort((p, q) => q - p);
      found.push([text.textContent, (a + 0.05) / (b + 0.05)]);
    }
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as own:
        yield own


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with every section that there can be."""
    folder = tmp_path_factory.mktemp("run")
    load = load_folder(folder / "load", lost=1, faults=OUTAGE)
    return build_report([write_sample(folder), load, matrix_file(folder / "matrix", wrong=["stall"])], pictures=False)


@pytest.fixture(scope="module")
def load_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a load test alone."""
    return build_report([load_folder(tmp_path_factory.mktemp("load"), lost=1, faults=OUTAGE)], pictures=False)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_page_of_a_load_test_alone_can_be_read_by_machines_and_on_a_narrow_screen(
    chromium: Browser, load_page: Path, lang: str
) -> None:
    with opened(chromium, load_page, 375, lang) as own:
        found = Axe().run(own)
        own.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert own.evaluate("() => document.documentElement.scrollWidth") == 375
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("width", "lang"), VIEWS)
def test_axe_finds_nothing_against_the_page(chromium: Browser, page: Path, width: int, lang: str) -> None:
    with opened(chromium, page, width, lang) as own:
        found = Axe().run(own)
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 20


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_text_of_a_chart_can_be_read_on_what_lies_under_it(chromium: Browser, page: Path, lang: str) -> None:
    with opened(chromium, page, 900, lang) as own:
        found = own.evaluate(CONTRAST)
    assert len(found) > 150
    assert [(text, round(ratio, 2)) for text, ratio in found if ratio < 4.5] == []  # WCAG 2.2, 1.4.3


def test_no_request_leaves_the_file(chromium: Browser, page: Path) -> None:
    context = chromium.new_context()
    asked: list[str] = []
    own = context.new_page()
    own.on("request", lambda request: asked.append(request.url))
    own.goto(page.as_uri())
    own.wait_for_load_state("networkidle")
    context.close()
    assert asked == [page.as_uri()]


def test_the_picture_is_the_same_without_scripts(chromium: Browser, page: Path) -> None:
    pictures = []
    for scripts in (True, False):
        with opened(chromium, page, 900, "en", scripts=scripts) as own:
            pictures.append(own.screenshot(full_page=True))
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize(("width", "lang"), VIEWS)
def test_the_page_does_not_scroll_sideways(chromium: Browser, page: Path, width: int, lang: str) -> None:
    with opened(chromium, page, width, lang) as own:
        own.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert own.evaluate("() => document.documentElement.scrollWidth") == width


def test_the_reader_sees_one_language_at_a_time(chromium: Browser, page: Path) -> None:
    seen = {}
    for lang in ("ja", "en"):
        with opened(chromium, page, 900, lang) as own:
            seen[lang] = own.locator("main").inner_text()
    assert "結論" in seen["ja"]
    assert "Answer" not in seen["ja"]
    assert not re.search(r"[぀-ヿ一-鿿]", seen["en"].replace("表示言語", "").replace("日本語", ""))


def test_words_of_a_chart_do_not_lie_over_each_other(chromium: Browser, page: Path) -> None:
    overlapping = """
    () => [...document.querySelectorAll("figure svg")].flatMap(svg => {
      const shown = [...svg.querySelectorAll("text")].filter(t => getComputedStyle(t).stroke === "none")
        .map(t => [t.textContent, t.getBoundingClientRect()]).filter(([, box]) => box.width);
      return shown.flatMap(([a, p], i) => shown.slice(i + 1)
        .filter(([, q]) => p.x + 1 < q.right && q.x + 1 < p.right && p.y + 3 < q.bottom && q.y + 3 < p.bottom)
        .map(([b]) => [a, b]));
    })
    """
    for lang in ("ja", "en"):
        with opened(chromium, page, 900, lang) as own:
            assert own.evaluate(overlapping) == [], lang


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_page_prints_on_eight_sheets_whose_text_can_be_copied(
    chromium: Browser, page: Path, tmp_path: Path, lang: str
) -> None:
    with opened(chromium, page, 900, lang) as own:
        printed = own.pdf(prefer_css_page_size=True, tagged=True)
    assert 4 <= len(re.findall(rb"/Type /Page\b", printed)) <= 8
    assert b"/MarkInfo" in printed
    if shutil.which("pdftotext"):
        (tmp_path / "page.pdf").write_bytes(printed)
        command = ["pdftotext", str(tmp_path / "page.pdf"), "-"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert {"ja": "結論", "en": "Answer"}[lang] in text


def test_the_committed_reference_prints_on_eight_sheets(tmp_path: Path) -> None:
    copy = Path(shutil.copyfile(REFERENCE, tmp_path / "page.html"))
    for file in print_page(copy):
        assert len(re.findall(rb"/Type /Page\b", file.read_bytes())) <= 8, file.name


def test_the_command_prints_both_languages(page: Path, tmp_path: Path) -> None:
    copy = tmp_path / "page.html"
    shutil.copyfile(page, copy)
    files = print_page(copy)
    assert [file.name for file in files] == ["page.ja.pdf", "page.en.pdf"]
    assert all(file.read_bytes().startswith(b"%PDF") for file in files)


def test_a_page_opens_in_the_language_that_is_asked_for(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    assert in_language(html, "ja") == html
    english = in_language(html, "en")
    assert english.count('checked="checked"') == 1
    assert 'id="lang-en" checked="checked"' in english


def test_without_a_browser_there_is_a_clear_message(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ResultsError) as error:
        print_page(page)
    assert error.value.code == "E-pdf-browser"
