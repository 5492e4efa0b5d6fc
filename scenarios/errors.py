"""What is wrong with a scenario, in words: all problems of one pass, each with its place, as a compiler shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic_core import PydanticCustomError

from scenarios.positions import Mark
from texts import Lang, say

_WIDEST = 110  # columns of a quoted line; a longer one is cut around the fault
_BEFORE = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a scenario.

    Attributes
    ----------
    code
        "E-…", stable; `text` is the catalogue key of its sentence, most often the same.
    file, line, column, length
        Where the fault was written; line and column count from 1 and are None where there is nothing to point at.
        `length` is in characters.
    key
        Key path, see `scenarios.keypath`; empty for a fault of the whole file.
    found, allowed, suggestion
        What was found and what is allowed, in TOML notation; the nearest allowed word.
    excerpt
        The line of the file.
    values
        What the sentence needs besides found, allowed and key.
    """

    code: str
    text: str
    file: str
    line: int | None = None
    column: int | None = None
    length: int = 1
    key: str = ""
    found: str = ""
    allowed: str = ""
    suggestion: str | None = None
    excerpt: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, lang: Lang) -> str:
        """Say what is wrong, with what was found and what is allowed."""
        named = {"found": self.found, "allowed": self.allowed, "key": self.key, "file": self.file}
        return say(self.text, lang, **{**self.values, **named})

    def render(self, lang: Lang) -> str:
        """Say where and what, in two to four lines."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return "\n".join([f"{place}: {self.code}  {self.key}".rstrip(), *self._quoted(lang)])

    def _quoted(self, lang: Lang) -> Iterator[str]:
        if self.line is None or self.column is None or not self.excerpt:
            yield f"       = {self.sentence(lang)}"
        else:
            shown, start, length = _window(_printable(self.excerpt), self.column - 1, self.length)
            indent = "".join("\t" if char == "\t" else " " * _width(char) for char in shown[:start])
            carets = "^" * max(1, sum(_width(char) for char in shown[start : start + length]))
            yield f"{self.line:>6} | {shown}"
            yield f"       | {indent}{carets} {self.sentence(lang)}"
        if self.suggestion is not None:
            yield f"       = {say('errors.did_you_mean', lang, suggestion=self.suggestion)}"


class ScenarioError(Exception):
    """A scenario cannot be used; `problems` holds everything that one pass found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def render(self, lang: Lang) -> str:
        """All problems and their number, ready to print."""
        count = len(self.problems)
        total = say("errors.one" if count == 1 else "errors.many", lang, count=count)
        return "\n".join([*(problem.render(lang) for problem in self.problems), total])

    def __str__(self) -> str:
        return self.render("en")


def refusal(code: str, key: str = "", **values: object) -> PydanticCustomError:
    """Make the error that a validator of a model raises: `raise refusal("period_reversed", "end", start=self.start)`.

    Parameters
    ----------
    code
        Without "E-"; the catalogue has its sentence under "E-" and the code.
    key
        Path of the key that is to blame, relative to the model: "end", "sites.0.staff" (items counted from 0).
    values
        What the sentence needs. `found` and `allowed` replace what is known without them.
    """
    return PydanticCustomError(code, "refused: " + code.replace("_", " "), {"key": key, **values})


def at(mark: Mark, code: str, **details: object) -> Problem:
    """Return a problem at a place of a file; `details` are fields of `Problem`, and `text` is the code if not given."""
    return Problem(
        code=code,
        file=mark.source.label,
        line=mark.line,
        column=mark.column,
        length=mark.length,
        excerpt=mark.source.line(mark.line) if mark.line is not None else "",
        **{"text": code, **details},  # type: ignore[arg-type]
    )


def _width(char: str) -> int:
    """Columns of a character in a terminal."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _printable(line: str) -> str:
    """Replace control characters, which could garble a terminal."""
    return "".join(char if char == "\t" or char.isprintable() or char == "\u3000" else "\ufffd" for char in line)


def _window(line: str, start: int, length: int) -> tuple[str, int, int]:
    """Cut a long line around its fault; return it with the fault's new start and length."""
    if sum(_width(char) for char in line) <= _WIDEST:
        return line, start, length
    first = max(0, start - _BEFORE)
    shown, room = "", _WIDEST
    for char in line[first:]:
        room -= _width(char)
        if room < 0:
            break
        shown += char
    left, right = ("…" if first else ""), ("…" if first + len(shown) < len(line) else "")
    offset = start - first
    return left + shown + right, offset + len(left), max(1, min(length, len(shown) - offset))
