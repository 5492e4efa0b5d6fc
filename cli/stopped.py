"""What is said when somebody stops the program. It imports next to nothing, because anything may be half loaded."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cli.errors import CommandError
from cli.exits import Exit
from cli.language import without_language
from texts import say
from texts.reader import language_of


def interrupted(typed: Sequence[str]) -> int:
    """Say that the work was stopped; return the exit code."""
    try:
        _, asked = without_language(typed)
    except CommandError:
        asked = None
    start = "\n" if sys.stderr.isatty() else ""  # the terminal has just written ^C
    print(start + say("cli.interrupted", asked or language_of()), file=sys.stderr, flush=True)
    return int(Exit.INTERRUPTED)
