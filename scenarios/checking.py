"""From a tree of located values to a model; each complaint of pydantic becomes a `Problem` at its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scenarios.errors import Problem, ScenarioError, at
from scenarios.fields import examples_at, names_at
from scenarios.keypath import Step, dotted
from scenarios.positions import Mark, Node, child_of, id_of, plain
from scenarios.toml_text import brief
from texts import catalogue

M = TypeVar("M", bound=BaseModel)

_SAME: Mapping[str, str] = {
    "int_parsing": "int_type",
    "int_parsing_size": "int_type",
    "int_from_float": "int_type",
    "float_parsing": "float_type",
    "bool_parsing": "bool_type",
    "string_unicode": "string_type",
    "date_parsing": "date_type",
    "date_from_datetime_parsing": "date_type",
    "date_from_datetime_inexact": "date_type",
    "datetime_parsing": "datetime_type",
    "datetime_from_date_parsing": "datetime_type",
    "datetime_object_invalid": "datetime_type",
    "time_parsing": "time_type",
    "dict_type": "model_type",
    "mapping_type": "model_type",
    "model_attributes_type": "model_type",
    "tuple_type": "list_type",
    "set_type": "list_type",
    "frozen_set_type": "list_type",
    "iterable_type": "list_type",
    "enum": "literal_error",
    "union_tag_invalid": "literal_error",
    "union_tag_not_found": "missing",
    "assertion_error": "value_error",
}
"""Types of pydantic that mean the same to the reader of a file."""

_ALLOWED: Mapping[str, str] = {
    "greater_than": "> {gt}",
    "greater_than_equal": ">= {ge}",
    "less_than": "< {lt}",
    "less_than_equal": "<= {le}",
    "multiple_of": "n * {multiple_of}",
    "too_short": ">= {min_length}",
    "too_long": "<= {max_length}",
    "string_too_short": ">= {min_length}",
    "string_too_long": "<= {max_length}",
    "string_pattern_mismatch": "{pattern}",
    "finite_number": "number",
    "float_type": "number",
    "quantity_type": "number, table",
    "int_type": "integer",
    "bool_type": "true, false",
    "string_type": "string",
    "date_type": "YYYY-MM-DD",
    "datetime_type": "YYYY-MM-DDThh:mm:ss",
    "time_type": "hh:mm:ss",
    "model_type": "table",
    "list_type": "array",
}
"""What each type allows, in words that need no translation."""


def checked(tree: Node, model: type[M], known: Iterable[Problem] = ()) -> M:
    """Return the model of a tree in which some problems may be known already.

    Raises
    ------
    ScenarioError
        With every problem of one pass, those that are known among them, in the order of the files.
    """
    problems = list(known)
    try:
        scenario = model.model_validate(plain(tree))
    except ValidationError as error:
        problems += [_problem(details, tree, model) for details in error.errors(include_url=False)]
        raise ScenarioError(_in_order(problems)) from None
    if problems:
        raise ScenarioError(_in_order(problems))
    return scenario


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by place, files as they come; of a union's complaints about one value keep the first."""
    files: dict[str, int] = {}
    unique: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        files.setdefault(problem.file, len(files))
        unique.setdefault((problem.file, problem.line, problem.column, problem.key), problem)
    return tuple(sorted(unique.values(), key=lambda p: (files[p.file], p.line or 0, p.column or 0)))


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed word that was probably meant, or None."""
    folded = {_folded(name): name for name in allowed}
    near = get_close_matches(_folded(word), folded, n=1)
    return folded[near[0]] if near else None


def _folded(word: str) -> str:
    return word.lower().replace("-", "_")


def _problem(details: ErrorDetails, tree: Node, model: type[BaseModel]) -> Problem:
    kind = _SAME.get(details["type"], details["type"])
    context = details.get("ctx", {})
    named = _steps(str(context.get("key", context.get("discriminator", ""))))
    place = details["loc"]
    about_key = kind == "extra_forbidden" or place[-1:] == ("[key]",)
    place = place[:-1] if place[-1:] == ("[key]",) else place
    node, names, rest = _walk(tree, (*place, *named))
    if kind == "missing":
        rest = rest[-1:]
    elif not named:
        rest = ()  # a member of a union, or `value` where a plain number stands
    subject = place[-1] if about_key else plain(node)
    found = "" if rest or kind == "missing" else brief(subject)
    allowed, suggestion = _allowed(kind, context, model, place, found)
    code = f"E-{kind}"
    reason = context.get("error", details["msg"])
    return at(
        _mark(node, about_key=about_key or bool(rest)),
        code,
        text=code if code in catalogue() else "E-other",
        key=dotted((*names, *rest)),
        found=str(context.get("found", found)),
        allowed=str(context.get("allowed", allowed)),
        suggestion=context.get("suggestion", suggestion),
        values={"reason": reason, **{name: _number(value) for name, value in context.items()}},
    )


def _steps(key: str) -> tuple[Step, ...]:
    """Read the key that a validator names, relative to its model; items are counted from 0."""
    return tuple(int(part) if part.isdecimal() else part for part in key.strip("'").split(".")) if key else ()


def _walk(tree: Node, place: tuple[Step, ...]) -> tuple[Node, tuple[Step, ...], tuple[Step, ...]]:
    """Follow a place as far as the tree goes: the last node, the path to it as people write it, and what is left."""
    node, names = tree, list[Step]()
    for index, step in enumerate(place):
        child = child_of(node, step)
        if child is None:
            if index + 1 < len(place) and child_of(node, place[index + 1]) is not None:
                continue  # pydantic names the member of a union, which the file does not
            return node, tuple(names), place[index:]
        names.append(id_of(child) or step if isinstance(node.content, list) else str(step))
        node = child
    return node, tuple(names), ()


def _mark(node: Node, *, about_key: bool) -> Mark:
    return node.key if about_key or (isinstance(node.content, dict) and node.key.known) else node.mark


def _allowed(
    kind: str, context: Mapping[str, Any], model: type[BaseModel], place: tuple[Step, ...], found: str
) -> tuple[str, str | None]:
    if kind == "extra_forbidden":
        names = names_at(model, place[:-1])
        return ", ".join(names), nearest(str(place[-1]), names)
    if kind == "literal_error":
        words = re.findall(
            r"'([^']*)'|(\w+)(?=$|,| or )", str(context.get("expected", context.get("expected_tags", "")))
        )
        choices = [quoted or bare for quoted, bare in words]
        return ", ".join(choices), nearest(found.strip('"'), choices)
    if kind == "string_pattern_mismatch" and (examples := examples_at(model, place)):
        return ", ".join(str(example) for example in examples), None
    return _ALLOWED.get(kind, "").format(**{name: _number(value) for name, value in context.items()}), None


def _number(value: object) -> object:
    return f"{value:g}" if isinstance(value, float) else value
