"""Key paths as people write them: `sites.main.staff.windows`, `surges[2].persons`, `months."2023-02"`.

An item of a list goes by its `id` if it has one, else by its number in brackets, counted from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Step = str | int
"""A key of a table or id of an item (str), or the index of an item, counted from 0 (int)."""

_PLAIN = re.compile(r"""[^\s."'\[\]=#]+""")
_PART = re.compile(r"""\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s."'\[\]=#]+))(?P<items>(?:\[[1-9][0-9]{0,8}\])*)\s*""")


def dotted(steps: Iterable[Step]) -> str:
    """Write a path; the inverse of `parse`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step + 1}]"
        else:
            text += ("." if text else "") + (step if _PLAIN.fullmatch(step) else f'"{step}"')
    return text


def parse(text: str) -> tuple[Step, ...]:
    """Read a path.

    Raises
    ------
    ValueError
        When the text is not a path: empty, a dot too many, an open quote, an item number below 1.
    """
    steps: list[Step] = []
    at = 0
    while True:
        match = _PART.match(text, at)
        if match is None:
            raise ValueError(f"not a key path: {text!r}")
        steps.append(match["plain"] if match["quoted"] is None else match["quoted"])
        steps.extend(int(number) - 1 for number in re.findall(r"\[(\d+)\]", match["items"]))
        at = match.end()
        if at == len(text):
            return tuple(steps)
        if text[at] != ".":
            raise ValueError(f"not a key path: {text!r}")
        at += 1
