"""The page in a real browser: with and without scripts, on narrow screens, read by machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.explore.conftest import Served
from tests.report.chromium import NEEDED, browser
from texts import LANGS, Lang, say

pytestmark = NEEDED
STATES = {"unchanged": "", "changed": "&uptake=30&main_windows_peak=12", "wrong": "&uptake=99&peak_to=2023-01-01"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as own:
        yield own


@contextmanager
def visited(chromium: Browser, address: str, width: int = 900, *, scripts: bool = True) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=scripts)
    try:
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(address)
        yield page
        assert wrong == []
    finally:
        context.close()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [375, 900])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_and_nothing_sticks_out(
    chromium: Browser, served: Served, state: str, width: int, lang: Lang
) -> None:
    with visited(chromium, f"{served.address}?lang={lang}{STATES[state]}", width) as page:
        page.locator("details summary").click()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_a_change_is_answered_when_the_button_is_pressed(chromium: Browser, served: Served) -> None:
    with visited(chromium, served.address, scripts=False) as page:
        page.fill("#uptake", "30")
        page.fill("#main_windows_ordinary", "9")
        page.get_by_role("button", name=say("explore.compute", "ja")).click()
        assert page.input_value("#uptake") == "30"
        assert say("explore.unchanged", "ja") not in page.inner_text("#answer")
        page.locator("#lang-en").click()
        assert page.input_value("#main_windows_ordinary") == "9"
        page.fill("#name", "mine")
        page.get_by_role("button", name=say("explore.save.button", "en")).click()
        assert say("explore.saved", "en", file="mine.toml") in page.inner_text("#said")
        assert page.input_value("#uptake") == "30"
    assert (served.folder / "mine.toml").is_file()


def test_with_scripts_a_change_is_answered_in_place_and_the_next_field_keeps_the_keyboard(
    chromium: Browser, served: Served
) -> None:
    with visited(chromium, served.address) as page:
        page.fill("#main_clerks_peak", "none")
        page.keyboard.press("Tab")
        page.wait_for_selector("#main_clerks_peak[aria-invalid]")
        assert page.evaluate("document.activeElement.id") == "main_back_office_seats_ordinary"
        assert page.inner_text("#main_clerks_peak-wrong") == say(
            "explore.wrong.whole", "ja", found="none", least="1", most="99"
        )
        page.fill("#main_clerks_peak", "15")
        page.keyboard.press("Tab")
        page.wait_for_selector("#answer table")
        assert page.inner_text("#main_clerks_peak-wrong") == ""
        assert "main_clerks_peak=15" in str(page.get_attribute("#lang-en", "href"))


def test_with_scripts_a_state_is_saved_without_leaving_the_page(chromium: Browser, served: Served) -> None:
    with visited(chromium, f"{served.address}?uptake=20") as page:
        page.fill("#name", "mine")
        page.get_by_role("button", name=say("explore.save.button", "ja")).click()
        page.wait_for_selector("#said .good")
        page.get_by_role("button", name=say("explore.save.button", "ja")).click()
        page.wait_for_selector("#exists input")
        page.check("#exists input")
        page.get_by_role("button", name=say("explore.save.button", "ja")).click()
        page.wait_for_selector("#said .good")
    assert [file.name for file in served.folder.iterdir()] == ["mine.toml"]
