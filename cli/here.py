"""What every command is told: who reads, what was typed, and where answers and remarks go."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import Annotated

from cyclopts import Parameter

from texts import Lang, say


@dataclass(frozen=True, slots=True)
class Here:
    """The reader's language, the command line as typed, and when it was: seconds of wall and of processor time."""

    lang: Lang
    words: tuple[str, ...]
    since: tuple[float, float] = field(default_factory=lambda: (time.perf_counter(), time.process_time()))

    def text(self, key: str, **values: object) -> str:
        """Return a text of the catalogue in the reader's language."""
        return say(key, self.lang, **values)

    def answer(self, text: str) -> None:
        """Write to standard output: what was asked for."""
        print(text)

    def remark(self, text: str) -> None:
        """Write to standard error: everything else."""
        print(text, file=sys.stderr)


Given = Annotated[Here, Parameter(parse=False)]
"""A parameter that the program fills in, not the command line."""
