"""Computed parts of pages that are written by hand, `<!-- kind name -->` … `<!-- end -->`.

A room names its kinds and what fills them; parts of other rooms are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

Fillers = Mapping[str, Callable[[str], str]]
"""For each kind of part, what it holds by its name; KeyError for a name that does not exist."""


def parts_of(page: str, kinds: Iterable[str]) -> list[tuple[str, str]]:
    """Kind and name of the parts of some kinds, in order."""
    return [(match[1], match[2]) for match in _parts(kinds).finditer(page)]


def filled(page: str, fillers: Fillers) -> str:
    """Return a page with the parts of some kinds computed.

    Raises
    ------
    KeyError
        For a part that does not exist.
    """
    return _parts(fillers).sub(
        lambda match: f"<!-- {match[1]} {match[2]} -->\n{fillers[match[1]](match[2])}\n<!-- end -->", page
    )


def refresh(folder: Path, fillers: Fillers) -> list[Path]:
    """Fill the parts of some kinds in all pages of a folder; return the pages that changed."""
    changed = []
    for file in sorted(folder.glob("*.md")):
        page = file.read_text(encoding="utf-8")
        if (new := filled(page, fillers)) != page:
            file.write_text(new, encoding="utf-8", newline="\n")
            changed.append(file)
    return changed


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table as Markdown, without a line end."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _parts(kinds: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"<!-- ({'|'.join(kinds)}) ([\w ]+) -->\n(?:.*?\n)??<!-- end -->", re.DOTALL)
