"""The way in: a scenario file, with all that it extends, becomes a model; or all of its problems are told at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Generic

from scenarios.canonical import as_dict
from scenarios.checking import M, checked
from scenarios.keypath import Step, dotted
from scenarios.positions import Node, child_of
from scenarios.quantity import is_quantity_table
from scenarios.reading import read


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from; both None for a default of the model."""

    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Loaded(Generic[M]):
    """A scenario with its plain data and where each value came from.

    Attributes
    ----------
    scenario
        The model.
    data
        Every key with its value, defaults included, in the types of `tomllib`.
    origins
        By key path (`scenarios.keypath`), for each scalar, list of scalars and quantity.
    """

    scenario: M
    data: dict[str, Any]
    origins: dict[str, Origin]


def load(path: str | os.PathLike[str], model: type[M]) -> M:
    """Read a scenario file and everything that it extends.

    The model has the field `schema_version`; `extends` is ours and never reaches it. `scenarios.merging` says how a
    file is laid over the one that it extends.

    Raises
    ------
    ScenarioError
        With all problems of one pass, each at the line where it was written.
    """
    reading = read(path)
    return checked(reading.tree, model, reading.problems)


def load_with_origins(path: str | os.PathLike[str], model: type[M]) -> Loaded[M]:
    """Read a scenario file as `load` does, and tell for every value where it came from.

    Raises
    ------
    ScenarioError
        As `load`.
    """
    reading = read(path)
    scenario = checked(reading.tree, model, reading.problems)
    data = as_dict(scenario)
    origins: dict[str, Origin] = {}
    _collect(data, reading.tree, (), origins)
    return Loaded(scenario, data, origins)


def resolved(path: str | os.PathLike[str], model: type[M]) -> dict[str, Any]:
    """Return a scenario file as plain data: merged, checked, every default written out.

    `scenarios.toml_text.document` writes it as a file that loads to the same scenario.

    Raises
    ------
    ScenarioError
        As `load`.
    """
    return as_dict(load(path, model))


def _collect(value: Any, node: Node | None, path: tuple[Step, ...], origins: dict[str, Origin]) -> None:
    if isinstance(value, dict) and not is_quantity_table(value):
        for name, child in value.items():
            _collect(child, node and child_of(node, name), (*path, name), origins)
    elif isinstance(value, list) and value and isinstance(value[0], dict) and not is_quantity_table(value[0]):
        for index, child in enumerate(value):
            step = child["id"] if isinstance(child.get("id"), str) and child["id"] else index
            _collect(child, node and child_of(node, index), (*path, step), origins)
    else:
        mark = node and node.mark
        origins[dotted(path)] = Origin(mark.source.label, mark.line) if mark else Origin()
