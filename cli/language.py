"""The language that a command line asks for, and output that no terminal can choke on."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from cli.errors import CommandError
from texts import LANGS, Lang

OPTION = "--lang"


def without_language(words: Sequence[str]) -> tuple[list[str], Lang | None]:
    """Take `--lang xx` out of a command line, wherever it stands before a lone `--`.

    Raises
    ------
    CommandError
        `E-use-lang` for a language that we do not speak, or none.
    """
    left: list[str] = []
    lang: Lang | None = None
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word == "--":
            return [*left, word, *rest], lang
        if name != OPTION:
            left.append(word)
            continue
        found = value if equals else next(rest, "")
        if found not in LANGS:
            raise CommandError("E-use-lang", found=found)
        lang = found
    return left, lang


def use_utf8() -> None:
    """Write UTF-8; a console that cannot, or another encoding that was asked for, gets marks for what it lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            kept = stream.isatty() or "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=stream.encoding if kept else "utf-8", errors="replace")
