"""What a model says of a place of its data: the names of its keys, examples of a value, and what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Model = type[BaseModel]


def names_at(model: Model, place: Sequence[str | int]) -> list[str]:
    """Return the keys that a table at a place may have, in the order of the model."""
    names = [name for found in _models_at(model, place) for name in _fields(found)]
    return list(dict.fromkeys(names))


def examples_at(model: Model, place: Sequence[str | int]) -> list[Any]:
    """Return the examples that the model gives for the value at a place."""
    if not place:
        return []
    fields = [_fields(found).get(str(place[-1])) for found in _models_at(model, place[:-1])]
    return [example for field in fields if field is not None for example in field.examples or ()]


def description_at(model: Model, place: Sequence[str | int]) -> str | None:
    """Return what the model says of a place: "日本語 / English" of a value, English of a table; None if nothing."""
    for depth, step in enumerate(place):
        if (names := names_at(model, place[:depth])) and str(step) not in names:
            return None
    fields = [_fields(found).get(str(place[-1])) for found in _models_at(model, place[:-1])] if place else []
    said: list[str | None] = [field.description for field in fields if field is not None and field.description]
    if place and not names_at(model, place[:-1]):  # an item of a list or of a table of names is what the whole says
        said.append(description_at(model, place[:-1]))
    said += [(found.__doc__ or "").partition("\n")[0] for found in _models_at(model, place)]
    return next((text for text in said if text), None)


def _fields(model: Model) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models_at(model: Model, place: Sequence[str | int]) -> list[Model]:
    kinds: list[Any] = [model]
    for step in place:
        kinds = [inner for kind in kinds for inner in _inside(kind, step)]
    return [kind for outer in kinds for kind in _peeled(outer) if _is_model(kind)]


def _inside(kind: Any, step: str | int) -> Iterator[Any]:
    """Kinds of value under a key or index; a step that names a member of a union leads to the union itself."""
    for peeled in _peeled(kind):
        if _is_model(peeled):
            field = _fields(peeled).get(str(step))
            yield peeled if field is None else field.annotation
        elif get_origin(peeled) is not None and (arguments := [a for a in get_args(peeled) if a is not Ellipsis]):
            yield arguments[-1]


def _peeled(kind: Any) -> Iterator[Any]:
    """Members of a union, and what stands under Annotated and type aliases."""
    if hasattr(kind, "__value__"):
        yield from _peeled(kind.__value__)
    elif get_origin(kind) is Annotated:
        yield from _peeled(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for member in get_args(kind):
            yield from _peeled(member)
    elif kind is not NoneType:
        yield kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
