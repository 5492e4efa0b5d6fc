"""What the parser of the command line complains about, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal, get_args, get_origin

from cyclopts import CycloptsError, exceptions

from texts import Lang, say


def sentence(error: CycloptsError, lang: Lang) -> str:
    """Say what is wrong with a command line, and what was probably meant."""
    text, meant = _told(error, lang)
    return text if meant is None else text + " " + say("cli.misuse.meant", lang, meant=meant)


def _told(error: CycloptsError, lang: Lang) -> tuple[str, str | None]:  # noqa: PLR0911  one for each complaint
    match error:
        case exceptions.UnknownOptionError():
            found = error.token.keyword or error.token.value
            known = [name for argument in error.argument_collection if argument.parse for name in argument.names]
            return say("cli.misuse.option", lang, found=found), _near(found, known)
        case exceptions.UnknownCommandError():
            found = (error.unused_tokens or [""])[0]
            commands = [name for name in (error.app or ()) if not name.startswith("-")]
            return say("cli.misuse.command", lang, found=found, known=", ".join(commands)), _near(found, commands)
        case exceptions.MissingArgumentError():
            return say("cli.misuse.missing", lang, name=_name(error)), None
        case exceptions.CoercionError():
            return _unfit(error, lang)
        case exceptions.UnusedCliTokensError():
            return say("cli.misuse.extra", lang, found=" ".join(error.unused_tokens or [])), None
        case exceptions.RepeatArgumentError():
            return say("cli.misuse.twice", lang, name=error.token.keyword), None
        case _:
            return str(error), None


def _unfit(error: exceptions.CoercionError, lang: Lang) -> tuple[str, str | None]:
    found = error.token.value if error.token else ""
    choices = [str(choice) for choice in get_args(error.target_type)]
    if get_origin(error.target_type) is Literal:
        text = say("cli.misuse.choice", lang, name=_name(error), found=found, choices=", ".join(choices))
        return text, _near(found, choices)
    if error.target_type is int:
        return say("cli.misuse.number", lang, name=_name(error), found=found), None
    return say("cli.misuse.value", lang, name=_name(error), found=found), None


def _name(error: CycloptsError) -> str:
    token = getattr(error, "token", None)
    if token is not None and token.keyword:
        return str(token.keyword)
    return str(error.argument.name) if error.argument is not None else ""


def _near(found: str, known: Iterable[str]) -> str | None:
    """Return the word that was probably meant: one that begins so, else one that looks so."""
    words = list(known)
    begun = [word for word in words if len(found) > 2 and word.startswith(found)]
    return next(iter(begun or get_close_matches(found, words, n=1)), None)
