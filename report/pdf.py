"""The page on paper: printed to PDF by a browser of the Chromium family, once in each language."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from results.errors import ResultsError
from texts import LANGS, Lang

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
"""Where they are, in the order in which they are tried."""
_CHOSEN = ' checked="checked"'


def print_page(page: Path) -> list[Path]:
    """Print a page to PDF beside it, as `<name>.ja.pdf` and `<name>.en.pdf`.

    Raises
    ------
    ResultsError
        `E-pdf-browser` where there is no browser, `E-pdf-failed` where it did not print.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise ResultsError("E-pdf-browser", names=", ".join(BROWSERS))
    html = page.read_text(encoding="utf-8")
    return [_printed(browser, in_language(html, lang), page.with_suffix(f".{lang}.pdf")) for lang in LANGS]


def in_language(html: str, lang: Lang) -> str:
    """Return a page that opens in a language."""
    plain = html.replace(_CHOSEN, "", 1)
    return plain.replace(f'id="lang-{lang}"', f'id="lang-{lang}"{_CHOSEN}', 1)


def _printed(browser: str, html: str, target: Path) -> Path:
    with tempfile.TemporaryDirectory(prefix="hikkoshi-pdf-") as folder:
        source, made = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(html, encoding="utf-8")
        command = [browser, "--headless", "--disable-gpu", f"--user-data-dir={folder}/profile", "--no-first-run"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:  # Chromium has no sandbox for root
            command.append("--no-sandbox")
        command += ["--no-pdf-header-footer", f"--print-to-pdf={made}", source.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise ResultsError("E-pdf-failed", browser=browser, reason=str(error)) from error
        if not made.is_file():
            raise ResultsError("E-pdf-failed", browser=browser, reason=done.stderr.strip()[-300:])
        shutil.copyfile(made, target)
    return target
