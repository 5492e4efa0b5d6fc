"""From a text to a tree of located values, or to one problem that says where the TOML is broken and how to mend it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from typing import Any

from scenarios.errors import Problem, ScenarioError, at
from scenarios.positions import Mark, Node, Source, located

DEEPEST = 50
"""Tables within tables; a scenario needs fewer than ten, and a damaged file shall not exhaust the stack."""

_SENTENCES = (
    ("Invalid statement", "toml.statement"),
    ("Expected newline or end of document", "toml.after_value"),
    ("Expected '=' after a key", "toml.equals"),
    ("Invalid initial character for a key part", "toml.key"),
    ("Expected ']", "toml.header"),
    ("Unterminated string", "toml.unterminated"),
    ("Illegal character '\\n'", "toml.unterminated"),
    ("Expected \"'", "toml.unterminated"),
    ("Unescaped '\\'", "toml.backslash"),
    ("Invalid hex value", "toml.backslash"),
    ("Escaped character", "toml.backslash"),
    ("Illegal character", "toml.character"),
    ("Found invalid character", "toml.character"),
    ("Unclosed array", "toml.array"),
    ("Unclosed inline table", "toml.inline_table"),
    ("Invalid date", "toml.date"),
    ("Cannot ", "toml.twice"),
    ("Duplicate inline table key", "toml.twice"),
    ("Invalid value", "toml.value"),
)
"""How messages of `tomllib` begin, and what we say instead."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_CURLY = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"}


def parsed(source: Source) -> Node:
    """Return the tree of a TOML text.

    Raises
    ------
    ScenarioError
        With one problem, E-toml_syntax.
    """
    try:
        data = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError((_syntax_problem(source, str(error)),)) from None
    except RecursionError:
        raise ScenarioError((_too_deep(source),)) from None
    except ValueError as error:  # a whole number of more than 4,300 digits
        raise ScenarioError((at(Mark(source), "E-toml_syntax", text="toml.other", values={"reason": error}),)) from None
    if _depth(data) > DEEPEST:
        raise ScenarioError((_too_deep(source),))
    return located(data, source)


def _too_deep(source: Source) -> Problem:
    return at(Mark(source), "E-toml_syntax", text="toml.nested", allowed=str(DEEPEST))


def _depth(data: Any) -> int:
    depth, level = 0, [data]
    while depth <= DEEPEST and (level := [part for part in level if isinstance(part, (dict, list))]):
        depth += 1
        level = [child for part in level for child in (part.values() if isinstance(part, dict) else part)]
    return depth


def _syntax_problem(source: Source, message: str) -> Problem:
    reason = _PLACE.sub("", message)
    start = _offset(source, message)
    mark = Mark(source, start, start + 1)
    char = source.text[start : start + 1]
    half = _CURLY.get(char, unicodedata.normalize("NFKC", char))
    if half != char and half.isascii():
        return at(mark, "E-toml_syntax", text="toml.full_width", found=char, allowed=half)
    text = next((text for start_of, text in _SENTENCES if reason.startswith(start_of)), "toml.other")
    return at(mark, "E-toml_syntax", text=text, values={"reason": reason})


def _offset(source: Source, message: str) -> int:
    """Place of a fault in characters; a fault at the end of the text stands behind its last word."""
    place = _PLACE.search(message)
    if place is None or place[1] is None:
        return len(source.text.rstrip())
    lines = source.text.split("\n")
    return sum(len(text) + 1 for text in lines[: int(place[1]) - 1]) + int(place[2]) - 1
