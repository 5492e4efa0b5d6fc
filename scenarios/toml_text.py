"""Writing TOML: one value on a line, as messages quote it, and whole documents that read back as the same data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any

from scenarios.keypath import Step, dotted
from scenarios.quantity import is_quantity_table

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LABEL = {"ja", "en"}
_ROOM = 60


def inline(value: Any) -> str:
    """Write a value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key(name)} = {inline(child)}" for name, child in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(inline(item) for item in value)}]"
    return repr(value)


def brief(value: Any) -> str:
    """Write a value on one line, cut where a message has no room for more."""
    text = inline(value)
    return text if len(text) <= _ROOM else text[: _ROOM - 1] + "…"


def key(name: str) -> str:
    """Write a key, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else inline(name)


def document(data: Mapping[str, Any], notes: Mapping[str, str] | None = None) -> str:
    """Write a whole file. Quantities and labels stay on one line, other tables get headers.

    Parameters
    ----------
    data
        Nested tables, lists and scalars as `tomllib` gives them.
    notes
        Comments to put behind values, by key path (`scenarios.keypath`).
    """
    return "\n".join(_table(data, (), (), notes or {})).strip("\n") + "\n"


def _table(
    table: Mapping[str, Any], names: tuple[str, ...], path: tuple[Step, ...], notes: Mapping[str, str]
) -> Iterator[str]:
    nested = {name: child for name, child in table.items() if _has_header(child)}
    for name, child in table.items():
        if name not in nested:
            yield f"{key(name)} = {inline(child)}{_note(child, (*path, name), notes)}"
    for name, child in nested.items():
        header = (*names, name)
        if isinstance(child, Mapping):
            if not child or any(not _has_header(inner) for inner in child.values()):
                yield from ("", f"[{'.'.join(map(key, header))}]")
            yield from _table(child, header, (*path, name), notes)
        else:
            for index, item in enumerate(child):
                step = item["id"] if isinstance(item.get("id"), str) and item["id"] else index
                yield from ("", f"[[{'.'.join(map(key, header))}]]")
                yield from _table(item, header, (*path, name, step), notes)


def _note(value: Any, path: tuple[Step, ...], notes: Mapping[str, str]) -> str:
    first = dotted((*path, next(iter(value)))) if isinstance(value, Mapping) and value else ""
    note = notes.get(dotted(path)) or notes.get(first)
    return f"  # {note}" if note else ""


def _has_header(value: Any) -> bool:
    if isinstance(value, Mapping):
        return not is_quantity_table(value) and value.keys() != _LABEL
    return (
        isinstance(value, (list, tuple))
        and len(value) > 0
        and all(isinstance(item, Mapping) and not is_quantity_table(item) for item in value)
    )
