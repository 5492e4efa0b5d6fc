"""A real browser for tests of the page: the distribution's Chromium, without a network.

Where there is none, such tests are skipped and say so; CI installs it, and fails without it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDED = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine; CI installs it (.ci/run)"
)


@contextmanager
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None, "CI installs Chromium before it runs the tests"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def opened(own: Browser, file: Path, width: int, lang: str, *, scripts: bool = True) -> Iterator[Page]:
    """The page at a width, in a language, in a browser that is offline."""
    context = own.new_context(viewport={"width": width, "height": 900}, offline=True, java_script_enabled=scripts)
    try:
        page = context.new_page()
        page.goto(file.as_uri())
        page.locator(f"label[for=lang-{lang}]").click()
        yield page
    finally:
        context.close()
