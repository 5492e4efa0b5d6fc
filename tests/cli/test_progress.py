"""Progress: a plain line now and then where nobody watches, a bar where somebody does, nothing where it is unwanted."""

from __future__ import annotations

import io
import threading

import pytest
from rich.console import Console

import cli.progress
from cli.here import Here
from cli.progress import progress

HERE = Here("en", ())


class Heard(io.StringIO):
    """A file that tells when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def write(self, text: str) -> int:
        count = super().write(text)
        if "\n" in text:
            self.written.set()
        return count


def test_where_nobody_watches_a_plain_line_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr("sys.stderr", heard)
    monkeypatch.setattr(cli.progress, "SECONDS_BETWEEN_LINES", 0.01)
    with progress(HERE, "cli.progress.replications", 40, quiet=False) as report:
        assert heard.written.wait(10)
        report(10)
        heard.written.clear()
        assert heard.written.wait(10)
        heard.written.clear()
        assert heard.written.wait(10)
    lines = heard.getvalue().splitlines()
    assert lines[0] == "Simulating 0/40"
    assert lines[-1].startswith("Simulating 10/40, ")
    assert lines[-1].endswith(" left")
    assert "\x1b" not in heard.getvalue()
    count = len(lines)
    assert len(heard.getvalue().splitlines()) == count


def test_a_short_run_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr("sys.stderr", heard)
    with progress(HERE, "cli.progress.replications", 4, quiet=False) as report:
        report(4)
    assert heard.getvalue() == ""


@pytest.mark.parametrize("colours", [True, False])
def test_where_somebody_watches_there_is_a_bar_that_goes_away(
    monkeypatch: pytest.MonkeyPatch, *, colours: bool
) -> None:
    screen = Heard()
    monkeypatch.setenv("TERM", "xterm-256color")
    if not colours:
        monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr(cli.progress, "Console", lambda **_: Console(file=screen, force_terminal=True, width=100))
    with progress(HERE, "cli.progress.replications", 40, quiet=False) as report:
        report(20)
    text = screen.getvalue()
    assert "20/40" in text
    assert "Simulating" in text
    assert ("\x1b[38;" in text) == colours
    assert text.rstrip("\r").endswith("\x1b[2K") or text.endswith("\x1b[?25h\r\x1b[1A\x1b[2K")


def test_quiet_means_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr("sys.stderr", heard)
    monkeypatch.setattr(cli.progress, "SECONDS_BETWEEN_LINES", 0.0)
    with progress(HERE, "cli.progress.rows", None, quiet=True) as report:
        report(3)
    assert heard.getvalue() == ""


@pytest.mark.parametrize(
    ("done", "total", "seconds", "said"),
    [
        (0, 20, 3.0, "0/20"),
        (5, 20, 30.0, "5/20, 10 a minute, 1:30 left"),
        (20, 20, 120.0, "20/20, 10 a minute, 0:00 left"),
        (7, None, 60.0, "7, 7 a minute"),
    ],
)
def test_done_total_rate_and_what_is_left_are_said(done: int, total: int | None, seconds: float, said: str) -> None:
    assert cli.progress._figures(HERE, done, total, seconds) == said
