"""The scenarios that come along, by their bare names: `launch` is `launch.toml` beside this file."""

from __future__ import annotations

import os
from pathlib import Path

from scenarios.checking import nearest
from scenarios.errors import Problem, ScenarioError
from scenarios.loading import load
from scenarios.schema import Scenario

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Names of the scenarios that come along."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def path_of(word: str) -> str:
    """Return the file of a word: itself if it exists or looks like a path, else the scenario of that name.

    Raises
    ------
    ScenarioError
        `E-file_missing`, with the name that was probably meant.
    """
    if Path(word).is_file() or word.endswith(".toml") or Path(word).name != word:
        return word
    if word in names():
        return _from_here(FOLDER / f"{word}.toml")
    local = f"{word}.toml"
    near = local if Path(local).is_file() else nearest(word, names())
    raise ScenarioError((Problem("E-file_missing", "E-file_missing", word, found=word, suggestion=near),))


def scenario(word: str) -> Scenario:
    """Load a scenario by path or by name.

    Raises
    ------
    ScenarioError
        As `scenarios.loading.load`.
    """
    return load(path_of(word), Scenario)


def _from_here(path: Path) -> str:
    """Name a file by its way from here where it lies below, so that messages stay short."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
