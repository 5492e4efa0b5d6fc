"""Variants from a script: `replace(scenario, {"one_stop.uptake": 0.3, "sites.main.staff": "branch"})`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scenarios.canonical import as_dict, as_plain
from scenarios.checking import M, checked, nearest
from scenarios.errors import Problem, ScenarioError, at
from scenarios.keypath import Step, dotted, parse
from scenarios.positions import Mark, Node, Source, grown, id_of
from scenarios.quantity import Quantity
from scenarios.toml_text import inline

_LABEL = "<replace>"


def replace(scenario: M, changes: Mapping[str, Any]) -> M:
    """Return a scenario with some values changed, checked again as a file is.

    Parameters
    ----------
    changes
        New values by key path (`scenarios.keypath`): keys joined by dots, items of a list by their `id`, or by number
        from 1 as in `volumes.surges[1].persons`. A value replaces what was there as a whole, a quantity with its
        evidence too; to change only the number write `one_stop.uptake.value`. None takes a key away, so that its
        default holds, or an item out of its list.

    Raises
    ------
    ScenarioError
        As for a file, with "<replace>" for its name and one line for each change.
    """
    values = {path: as_plain(value) for path, value in changes.items()}
    text = "\n".join(f"{path} = {inline(value)}".replace("\n", " ") for path, value in values.items())
    source = Source(_LABEL, text)
    tree = grown(as_dict(scenario), Mark(source))
    problems: list[Problem] = []
    start = 0
    for line, (path, value) in zip(text.split("\n"), values.items(), strict=False):
        key = Mark(source, start, start + len(path))
        mark = Mark(source, key.end + len(" = "), start + len(line))
        start += len(line) + 1
        try:
            new = None if value is None else Node(grown(value, mark).content, mark, key)
            tree = _put(tree, parse(path), 0, new, key)
        except ValueError:
            problems.append(at(key, "E-key_path", found=path))
        except ScenarioError as error:
            problems.extend(error.problems)
    return checked(tree, type(scenario), problems)


def _put(node: Node, path: tuple[Step, ...], depth: int, new: Node | None, key: Mark) -> Node:
    """Return the tree with `new` at `path`, of which `depth` steps are done; only the way there is made anew."""
    if depth == len(path):
        assert new is not None
        return new
    step = path[depth]
    parts = _opened(node, step)
    if isinstance(parts, list):
        index = _index(parts, step, key, path[:depth])
        gone = new is None and depth == len(path) - 1
        item = [] if gone else [_put(parts[index], path, depth + 1, new, key)]
        return Node([*parts[:index], *item, *parts[index + 1 :]], node.mark, node.key)
    table, name = dict(parts), str(step)
    if new is None and depth == len(path) - 1:
        table.pop(name, None)
    else:
        table[name] = _put(parts.get(name, Node({}, key, key)), path, depth + 1, new, key)
    return Node(table, node.mark, node.key)


def _opened(node: Node, step: Step) -> dict[str, Node] | list[Node]:
    """Return the parts of a node; a quantity without evidence opens into a table with its value."""
    if isinstance(node.content, (dict, list)):
        return node.content
    return {"value": node} if step in Quantity.model_fields else {}


def _index(items: list[Node], step: Step, key: Mark, done: tuple[Step, ...]) -> int:
    names = [id_of(item) for item in items]
    if isinstance(step, int) and step < len(items):
        return step
    if isinstance(step, str) and step in names:
        return names.index(step)
    allowed = [dotted((name if name is not None else index,)) for index, name in enumerate(names)]
    near = nearest(step, allowed) if isinstance(step, str) else None
    details = {"key": dotted(done), "found": dotted((step,)), "allowed": ", ".join(allowed)}
    raise ScenarioError((at(key, "E-unknown_item", suggestion=near, **details),))
