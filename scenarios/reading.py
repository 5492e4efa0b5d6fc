"""From a path to one tree: read a scenario file and the files that it extends, and merge them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from scenarios.errors import Problem, ScenarioError, at
from scenarios.keypath import Step, dotted
from scenarios.merging import merged
from scenarios.parsing import parsed
from scenarios.positions import Mark, Node, Source, id_of, plain
from scenarios.toml_text import brief

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the merged tree without the key `extends`, and problems that leave it fit to be checked."""

    tree: Node
    problems: tuple[Problem, ...]


def read(path: str | os.PathLike[str]) -> Reading:
    """Read a file and everything that it extends.

    Raises
    ------
    ScenarioError
        When there is nothing to check: a file cannot be found or read, is not TOML in UTF-8, has another
        `schema_version`, or extends itself.
    """
    label = os.fspath(path)
    reading = _with_bases(label, Mark(Source(label, "")), ())
    tree = reading.tree
    table = {name: child for name, child in _table(tree).items() if name != "extends"}
    return Reading(Node(table, tree.mark, tree.key), reading.problems)


def _with_bases(label: str, asked_at: Mark, chain: tuple[str, ...]) -> Reading:
    """Read a file that another one asks for at `asked_at`; `chain` holds the files above it."""
    tree = parsed(Source(label, _text(label, asked_at)))
    problems = (*_version_problems(tree, root=not chain), *_repeated_ids(tree, ()))
    if any(problem.code == "E-schema_version" for problem in problems):
        raise ScenarioError(problems)  # the rest would be judged by the wrong rules
    table = _table(tree)
    table.setdefault("schema_version", Node(SCHEMA_VERSION, tree.mark, tree.mark))
    if "extends" not in table:
        return Reading(tree, problems)
    try:
        base = _base(table["extends"], label, (*chain, os.path.realpath(label)))
    except ScenarioError as error:
        raise ScenarioError((*problems, *error.problems)) from None
    return Reading(merged(base.tree, tree), (*problems, *base.problems))


def _base(extends: Node, label: str, chain: tuple[str, ...]) -> Reading:
    name = extends.content
    if not isinstance(name, str) or not name or "\0" in name:
        raise ScenarioError((at(extends.mark, "E-extends_no_name", key="extends", found=brief(plain(extends))),))
    base = os.path.normpath(Path(label).parent / name)
    if os.path.realpath(base) in chain:
        circle = " → ".join(Path(part).name for part in (*chain, base))
        raise ScenarioError((at(extends.mark, "E-extends_circular", key="extends", found=circle),))
    return _with_bases(base, extends.mark, chain)


def _table(tree: Node) -> dict[str, Node]:
    assert isinstance(tree.content, dict)
    return tree.content


def _text(label: str, asked_at: Mark) -> str:
    path = Path(label)
    problem = at(asked_at, "E-file_unreadable", key="extends" if asked_at.known else "", found=label)
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise ScenarioError((_missing(path, problem),)) from None
    except IsADirectoryError:
        raise ScenarioError((replace(problem, code="E-file_is_folder", text="E-file_is_folder"),)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ScenarioError((replace(problem, values={"reason": reason}),)) from None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        code = _encoding_code(raw)
        raise ScenarioError((Problem(code, code, label, raw.count(b"\n", 0, error.start) + 1),)) from None


def _missing(path: Path, problem: Problem) -> Problem:
    siblings = sorted(file.name for file in path.parent.glob("*.toml")) if path.parent.is_dir() else []
    near = next(iter(get_close_matches(path.name, siblings, n=1)), None)
    return replace(problem, code="E-file_missing", text="E-file_missing", suggestion=near)


def _encoding_code(raw: bytes) -> str:
    try:
        japanese = re.search(r"[ぁ-んァ-ヶ一-鿿]", raw.decode("cp932"))
    except UnicodeDecodeError:
        japanese = None
    return "E-not_utf8_cp932" if japanese else "E-not_utf8"


def _version_problems(tree: Node, *, root: bool) -> list[Problem]:
    version, allowed = _table(tree).get("schema_version"), str(SCHEMA_VERSION)
    if version is None:
        missing = at(tree.mark, "E-schema_version_missing", key="schema_version", allowed=allowed)
        return [missing] if root else []
    if type(version.content) is int and version.content == SCHEMA_VERSION:
        return []
    found = brief(plain(version))
    return [at(version.mark, "E-schema_version", key="schema_version", found=found, allowed=allowed)]


def _repeated_ids(node: Node, path: tuple[Step, ...]) -> list[Problem]:
    """Find ids that name two items of one list; merging by id and key paths rest on there being none."""
    if isinstance(node.content, dict):
        return [found for name, child in node.content.items() for found in _repeated_ids(child, (*path, name))]
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, item in enumerate(node.content if isinstance(node.content, list) else []):
        name = id_of(item)
        if name in seen:
            key = dotted((*path, index, "id"))
            problems.append(at(_table(item)["id"].mark, "E-id_twice", key=key, found=brief(name)))
        elif name is not None:
            seen.add(name)
        problems.extend(_repeated_ids(item, (*path, index)))
    return problems
