"""A state as a scenario file of its own: it extends the file that was begun with, and holds only what was changed."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from report.words import Both, both
from scenarios.errors import ScenarioError
from scenarios.keypath import parse
from scenarios.loading import load
from scenarios.reading import SCHEMA_VERSION
from scenarios.schema import Scenario
from scenarios.toml_text import document
from texts import LANGS

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class NotSavedError(Exception):
    """A state was not saved; `says` tells why, and `exists` whether a file stands in the way that may be replaced."""

    def __init__(self, says: Both, *, exists: bool = False) -> None:
        super().__init__(says.en)
        self.says = says
        self.exists = exists


def free_name(folder: Path, name: str) -> str:
    """Return a name for which there is no file yet."""
    number = 2
    while (folder / f"{name}_{number}.toml").exists():
        number += 1
    return f"{name}_{number}"


def text_of(base: Path, folder: Path, name: str, start: Scenario, changes: Mapping[str, object]) -> str:
    """Return the text of a file in a folder."""
    title = both("explore.save.title", title=Both(start.title.ja, start.title.en))
    data: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "extends": _way(base, folder), "name": name}
    data["title"] = {lang: title.in_(lang) for lang in LANGS}
    for key, value in changes.items():
        *above, last = (str(step) for step in parse(key))
        table = data
        for step in above:
            table = table.setdefault(step, {})
        table[last] = value
    return document(data)


def save(
    base: Path, folder: Path, name: str, start: Scenario, changes: Mapping[str, object], *, replace: bool = False
) -> Path:
    """Write a state into a folder; a file is replaced only when that was asked for.

    Parameters
    ----------
    base
        The scenario file that was begun with.
    name
        Of the scenario, and of its file without the ending.

    Raises
    ------
    NotSavedError
        For a name that cannot be one, a file that is there, or a folder that cannot be written to.
    """
    if not _NAME.fullmatch(name):
        raise NotSavedError(both("explore.save.name", found=name[:60]))
    file = folder / f"{name}.toml"
    if os.path.realpath(file) in _chain(base):
        raise NotSavedError(both("explore.save.base", file=file.name))
    if file.exists() and not replace:
        raise NotSavedError(both("explore.save.exists", file=file.name), exists=True)
    try:
        _write(file, text_of(base, folder, name, start, changes), replace=replace)
    except FileExistsError:
        raise NotSavedError(both("explore.save.exists", file=file.name), exists=True) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise NotSavedError(both("explore.save.unwritable", file=file.name, reason=reason)) from error
    return file


def _write(file: Path, text: str, *, replace: bool) -> None:
    """Write beside the place, see that it can be read again, and put it there in one step."""
    number, name = tempfile.mkstemp(dir=file.parent, prefix=".explore-", suffix=".toml")
    new = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        try:
            load(new, Scenario)
        except ScenarioError as error:
            raise NotSavedError(Both(error.render("ja"), error.render("en"))) from error
        new.chmod(0o644)
        if replace:
            new.replace(file)
        else:
            os.link(new, file)  # unlike a move, this refuses where a file is there
    finally:
        with suppress(FileNotFoundError):
            new.unlink()


def _way(base: Path, folder: Path) -> str:
    """Return the way from a folder to the file that is extended, with slashes on every system."""
    try:
        return Path(os.path.relpath(base.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return base.resolve().as_posix()


def _chain(base: Path) -> set[str]:
    """Return the file that was begun with and all that it extends: none of them may be replaced."""
    chain: set[str] = set()
    file = Path(os.path.realpath(base))
    while str(file) not in chain:
        chain.add(str(file))
        extends = tomllib.loads(file.read_text(encoding="utf-8-sig")).get("extends")
        if not isinstance(extends, str):
            break
        file = Path(os.path.realpath(file.parent / extends))
    return chain
