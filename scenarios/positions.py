"""Where each value of a TOML file stands: the file's data as a tree of nodes that know their place.

`tomllib` reads the data; `spanned_toml` only locates. If the latter fails, places lose their line and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import spanned_toml

from scenarios.keypath import Step

Scalar = str | int | float | bool | date | time
Names = tuple[str, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_HEADER = re.compile(rf"^[ \t]*\[\[[ \t]*({_KEY}(?:[ \t]*\.[ \t]*{_KEY})*)[ \t]*\]\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name under which people know it; its lines end with a single newline character."""

    label: str
    text: str

    def line(self, number: int) -> str:
        """One line, counted from 1, without its end."""
        lines = self.text.split("\n")
        return lines[number - 1] if number <= len(lines) else ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a source, from `start` up to `end` in characters; -1 where the place is not known."""

    source: Source
    start: int = -1
    end: int = -1

    @property
    def known(self) -> bool:
        """Whether there is a line to point at."""
        return self.start >= 0

    @property
    def line(self) -> int | None:
        """Number of the first line, counted from 1."""
        return self.source.text.count("\n", 0, self.start) + 1 if self.known else None

    @property
    def column(self) -> int | None:
        """Column of the first character, counted from 1 in characters."""
        return self.start - self.source.text.rfind("\n", 0, self.start) if self.known else None

    @property
    def length(self) -> int:
        """Characters on the first line, at least 1."""
        end_of_line = self.source.text.find("\n", max(self.start, 0))
        end = self.end if end_of_line < 0 else min(self.end, end_of_line)
        return max(1, end - self.start)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file, with the place of the value and of the key before it."""

    content: dict[str, Node] | list[Node] | Scalar
    mark: Mark
    key: Mark


def plain(node: Node) -> Any:
    """Return the data of a tree; arrays become tuples, so that models may be strict and immutable."""
    if isinstance(node.content, dict):
        return {name: plain(child) for name, child in node.content.items()}
    if isinstance(node.content, list):
        return tuple(plain(item) for item in node.content)
    return node.content


def grown(data: Any, mark: Mark) -> Node:
    """Return a tree for data of which every part stands at one place."""
    if isinstance(data, Mapping):
        return Node({str(name): grown(child, mark) for name, child in data.items()}, mark, mark)
    if isinstance(data, (list, tuple)):
        return Node([grown(item, mark) for item in data], mark, mark)
    return Node(data, mark, mark)


def located(data: dict[str, Any], source: Source) -> Node:
    """Return the tree of a file's data with the place of every part, as far as it can be found."""
    spans: Any = None
    with suppress(Exception):  # positions are a help in messages; no fault of the locator may stop a run
        spans = spanned_toml.loads(source.text)
    root = _grow(data, spans, Mark(source), (), _headers(source))
    return Node(root.content, Mark(source), Mark(source))


def _grow(value: Any, spanned: Any, key: Mark, names: Names, headers: dict[Names, Iterator[Mark]]) -> Node:
    mark = _mark(spanned, key)
    inner = None if spanned is None else spanned.inner()
    if isinstance(value, dict):
        spans = {k.inner(): (k, v) for k, v in inner.items()} if isinstance(inner, dict) else {}
        table = {}
        for name, child in value.items():
            child_key, child_span = spans.get(name, (None, None))
            table[name] = _grow(child, child_span, _mark(child_key, key), (*names, name), headers)
        return Node(table, mark, key)
    if isinstance(value, list):
        items = []
        for index, child in enumerate(value):
            span = inner[index] if isinstance(inner, list) and index < len(inner) else None
            written_as_header = span is not None and span.span().stop == 0
            item_key = next(headers.get(names, iter(())), key) if written_as_header else _mark(span, key)
            items.append(_grow(child, span, item_key, names, headers))
        return Node(items, mark, key)
    return Node(value, mark, key)


def _mark(spanned: Any, otherwise: Mark) -> Mark:
    # spanned_toml gives 0:0 to tables and items that have a header instead of a value
    if spanned is None or spanned.span().stop == 0:
        return otherwise
    return Mark(otherwise.source, spanned.span().start, spanned.span().stop)


def _headers(source: Source) -> dict[Names, Iterator[Mark]]:
    """Places of `[[…]]` headers by name, in the order in which the items come."""
    marks: dict[Names, list[Mark]] = {}
    for match in _HEADER.finditer(source.text):
        names = tuple(part.strip("\"'") for part in re.findall(_KEY, match[1]))
        marks.setdefault(names, []).append(Mark(source, match.start(1), match.end(1)))
    return {names: iter(found) for names, found in marks.items()}


def child_of(node: Node, step: Step) -> Node | None:
    """Return the part of a node under a key, an item's id or an index, or None."""
    content = node.content
    if isinstance(content, dict):
        return content.get(str(step))
    if isinstance(content, list):
        if isinstance(step, int):
            return content[step] if 0 <= step < len(content) else None
        return next((item for item in content if id_of(item) == step), None)
    return None


def id_of(node: Node) -> str | None:
    """Return the `id` of an item of a list, if it has one."""
    if isinstance(node.content, dict) and "id" in node.content:
        name = node.content["id"].content
        return name if isinstance(name, str) and name else None
    return None
