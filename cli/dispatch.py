"""One command line, carried out: its language, its command, and what is said when it cannot be done."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from cyclopts import CycloptsError

from cli.app import build
from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Here
from cli.language import use_utf8, without_language
from cli.misuse import sentence
from texts import Lang, say
from texts.reader import language_of

DEBUG = "HIKKOSHI_DEBUG"
_DEBUG_OPTION = "--debug"


def dispatch(typed: Sequence[str], since: tuple[float, float] | None = None) -> int:
    """Carry out a command line and return its exit code.

    Parameters
    ----------
    since
        When it was typed, in seconds of wall and of processor time; now, if not told.
    """
    since = since or (time.perf_counter(), time.process_time())
    use_utf8()
    debug = bool(os.environ.get(DEBUG)) or _DEBUG_OPTION in typed
    lang = language_of()
    try:
        words, asked = without_language([word for word in typed if word != _DEBUG_OPTION])
        lang = asked or lang
        ended = _carried_out(words, Here(lang, tuple(typed), since))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has seen enough
        _let_go_of_output()
        return int(Exit.FINE)
    except Exception as error:  # the last door: everything below ends here
        if isinstance(error, OSError):
            _let_go_of_output()
        return int(_told(error, lang, debug=debug))
    return int(ended)


def _let_go_of_output() -> None:
    """Drop what cannot be written, or Python complains of it once more when it ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # there is no such file: output was captured by whoever called us
        return


def _carried_out(words: Sequence[str], here: Here) -> Exit:
    app = build(here.lang)
    command, bound, left_to_us = app.parse_args(words)
    given = dict.fromkeys(left_to_us, here)
    ended = command(*bound.args, **bound.kwargs, **given)
    return ended if isinstance(ended, Exit) else Exit.FINE


def _told(error: Exception, lang: Lang, *, debug: bool) -> Exit:
    """Say what went wrong on standard error; return how the program ends."""
    text, ended = _explained(error, lang)
    if debug:
        text = f"{traceback.format_exc()}{text}"
    print(text, file=sys.stderr)
    return ended


def _explained(error: Exception, lang: Lang) -> tuple[str, Exit]:
    from results.errors import ResultsError
    from scenarios.csvtable import DataTableError
    from scenarios.errors import ScenarioError

    match error:
        case CycloptsError():
            return sentence(error, lang), Exit.USAGE
        case CommandError():
            return f"{error.code}: {error.say(lang)}", error.exit
        case ScenarioError() | DataTableError():
            return error.render(lang) if isinstance(error, ScenarioError) else error.say(lang), Exit.SCENARIO
        case ResultsError():
            usage = error.code in (
                "E-out-unwritable",
                "E-run-missing",
                "E-report-two",
                "E-report-no-run",
                "E-pdf-browser",
            )
            return f"{error.code}: {error.say(lang)}", Exit.USAGE if usage else Exit.FAULTY
        case MemoryError():
            return say("cli.no_memory", lang), Exit.INTERNAL
        case _:
            what = f"{type(error).__name__}: {error}".strip().splitlines()[0]
            return say("cli.internal", lang, what=what, file=_kept_traceback() or "-"), Exit.INTERNAL


def _kept_traceback() -> Path | None:
    """Write the traceback to a file of its own; None where even that cannot be done."""
    try:
        number, name = tempfile.mkstemp(prefix="hikkoshi-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            traceback.print_exc(file=file)
        return Path(name)
    except OSError:
        return None
