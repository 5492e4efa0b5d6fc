"""The scenarios that come along, by their bare names: `launch` is `launch.toml` beside this file."""

from __future__ import annotations

import os
from pathlib import Path

from scenarios.checking import nearest
from scenarios.errors import Problem, ScenarioError
from scenarios.json_schema import FILE, NATIONAL_FILE
from scenarios.loading import load
from scenarios.reading import read
from scenarios.schema import Scenario
from scenarios.schema.national import NATIONAL_ONLY, NationalScenario

FOLDER = Path(__file__).parent


WARD, NATIONAL = FILE.name, NATIONAL_FILE.name
"""JSON Schemas of the two kinds of scenario; a file names its own in its first line."""


def names(schema: str = WARD) -> list[str]:
    """Names of the scenarios of one kind that come along."""
    return sorted(file.stem for file in FOLDER.glob("*.toml") if schema_of(file) == schema)


def schema_of(file: Path) -> str:
    """Return the name of the JSON Schema in the first line of a file, `#:schema ./scenario.schema.json`."""
    with file.open(encoding="utf-8") as lines:
        return lines.readline().strip().removeprefix("#:schema ./")


def path_of(word: str, schema: str = WARD) -> str:
    """Return the file of a word: itself if it exists or looks like a path, else the scenario of that name.

    Parameters
    ----------
    schema
        Of which kind the scenario should be; the name that was probably meant is one of these. Whether the file is of
        that kind `kind_of` tells.

    Raises
    ------
    ScenarioError
        `E-file_missing`, with the name that was probably meant.
    """
    if Path(word).is_file() or word.endswith(".toml") or Path(word).name != word:
        return word
    if word in (*names(WARD), *names(NATIONAL)):
        return _from_here(FOLDER / f"{word}.toml")
    local = f"{word}.toml"
    near = local if Path(local).is_file() else nearest(word, names(schema))
    raise ScenarioError((Problem("E-file_missing", "E-file_missing", word, found=word, suggestion=near),))


def kind_of(path: str) -> str:
    """Return `NATIONAL` for a file that, with all that it extends, has a table that only such files have; else `WARD`.

    Raises
    ------
    ScenarioError
        As `scenarios.reading.read`.
    """
    content = read(path).tree.content
    return NATIONAL if isinstance(content, dict) and content.keys() & set(NATIONAL_ONLY) else WARD


def path_of_kind(word: str, schema: str) -> str:
    """Return the file of a word, which has to be of one kind.

    Raises
    ------
    ScenarioError
        As `path_of`; `E-scenario_national` or `E-scenario_ward` for one of the other kind.
    """
    path = path_of(word, schema)
    found = kind_of(path)
    if found != schema:
        code = "E-scenario_national" if found == NATIONAL else "E-scenario_ward"
        raise ScenarioError((Problem(code, code, path, found=word, allowed=names(schema)[0]),))
    return path


def scenario(word: str) -> Scenario:
    """Load a scenario by path or by name.

    Raises
    ------
    ScenarioError
        As `path_of_kind` and `scenarios.loading.load`.
    """
    return load(path_of_kind(word, WARD), Scenario)


def country(word: str) -> NationalScenario:
    """Load a scenario of the whole country by path or by name; errors as `scenario`."""
    return load(path_of_kind(word, NATIONAL), NationalScenario)


def _from_here(path: Path) -> str:
    """Name a file by its way from here where it lies below, so that messages stay short."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
