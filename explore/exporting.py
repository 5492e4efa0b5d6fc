"""A state as a report: the start and the saved state through `hikkoshi compare`, in a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock


class NotExportedError(Exception):
    """The command did not write a report; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Command:
    """How the front door is called.

    Attributes
    ----------
    words
        The program, up to its first argument.
    folder
        Where it works: the names of files are meant from here.
    """

    words: tuple[str, ...]
    folder: Path
    seed: int
    replications: int


class Exporter:
    """Writes one report at a time, and ends with the page."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._lock = Lock()
        self._running: subprocess.Popen[str] | None = None

    def export(self, start: Path, state: Path) -> Path:
        """Compare two scenario files; return the page of the run folder.

        Raises
        ------
        NotExportedError
            With what the command said.
        """
        own = self._command
        options = ["--replications", str(own.replications), "--seed", str(own.seed), "--quiet", "--json"]
        words = [*own.words, "compare", str(start), str(state), *options]
        with self._lock:
            self._running = subprocess.Popen(  # noqa: S603  our own program
                words, cwd=own.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
            )
            said, wrong = self._running.communicate()
            ended, self._running = self._running.returncode, None
        return _page(said, wrong or str(ended), own.folder)

    def close(self) -> None:
        """Give up what is under way; a run that is stopped leaves nothing."""
        running = self._running
        if running is not None:
            running.terminate()


def _page(said: str, wrong: str, folder: Path) -> Path:
    try:
        page: Sequence[str] | str | None = json.loads(said)["report"]
    except (ValueError, KeyError, TypeError):
        page = None
    if not isinstance(page, str):
        raise NotExportedError(wrong.strip().splitlines()[0] if wrong.strip() else wrong)
    return folder / page
