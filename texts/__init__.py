"""Every text that a user sees, in Japanese and English, side by side in one catalogue.

The catalogue is the folder's TOML files: `[key]` with `ja` and `en`, filled in with `str.format`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

Lang = Literal["ja", "en"]
LANGS: tuple[Lang, ...] = ("ja", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All texts by key; a key may stand in one file only.

    Raises
    ------
    ValueError
        When two files hold the same key.
    """
    texts: dict[str, dict[str, str]] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            found = tomllib.loads(file.read_text(encoding="utf-8"))
            if double := texts.keys() & found.keys():
                raise ValueError(f"{file.name} repeats {', '.join(sorted(double))}")
            texts.update(found)
    return texts


def say(key: str, lang: Lang, /, **values: object) -> str:
    """Return the text of a key in one language, with its values filled in.

    Raises
    ------
    KeyError
        For a key that the catalogue does not have, or a value that the text needs and did not get.
    """
    return catalogue()[key][lang].format(**values)
