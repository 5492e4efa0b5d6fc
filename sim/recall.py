"""What is computed once and used again: by scenarios that are compared, and by one replication after another.

A result is found again by the function and exactly what it was given. A function that needs a few parts of a scenario
is given a `part_of` it, which has nothing else; so what it reads and what its result is kept under are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import NamedTuple, ParamSpec, TypeVar, cast

import numpy as np
from pydantic import BaseModel

from scenarios.schema import Scenario

Given = ParamSpec("Given")
Result = TypeVar("Result")

MOST_KEPT = 64


class Part:
    """Some parts of a scenario, under their own names."""

    __slots__ = ("_parts",)
    __hash__ = None  # type: ignore[assignment]  # parts are compared, never hashed
    _parts: dict[str, object]

    def __init__(self, parts: dict[str, object]) -> None:
        self._parts = parts

    def __getattr__(self, name: str) -> object:
        try:
            return self._parts[name]
        except KeyError:
            raise AttributeError(f"the part of the scenario that is given here has no {name!r}") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and _same(tuple(self._parts.items()), tuple(other._parts.items()))


def part_of(scenario: Scenario, *names: str) -> Scenario:
    """Return some parts of a scenario; who asks it for anything else gets an error.

    Parameters
    ----------
    names
        "opening" for all of a part, "opening.weekday" and the like for what is needed of it.
    """
    return cast("Scenario", _part(scenario, names))


def _part(whole: object, names: Iterable[str]) -> Part:
    below: dict[str, list[str]] = {}
    for name in names:
        first, _, rest = name.partition(".")
        if hasattr(whole, first):
            below.setdefault(first, []).extend([rest] if rest else [])
    of_each = {name: getattr(whole, name) for name in below}
    return Part({name: _part(of_each[name], rest) if rest else of_each[name] for name, rest in below.items()})


class _Kept(NamedTuple):
    function: object
    given: tuple[object, ...]
    result: object


class Memory:
    """Results by function and arguments.

    Numbers, texts and parts of scenarios are compared by value; all else, arrays above all, must be the very same
    object. Results are shared, so nobody may change them.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: list[_Kept] = []
        self._lock = Lock()

    def recall(self, function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
        """Return what a function returned for the same arguments, else call it."""
        assert not named, "arguments are compared by their places"
        with self._lock:
            found = self._found(function, given)
        if found is None:
            made = function(*given, **named)
            _fix(made)
            with self._lock:
                found = self._found(function, given)  # another thread may have been quicker
                if found is None:
                    found = _Kept(function, given, made)
                    self._kept = [*self._kept, found][-self._most :] if self._most else []
        return cast("Result", found.result)

    def _found(self, function: object, given: tuple[object, ...]) -> _Kept | None:
        """Look from the newest on; what is found is the newest again."""
        for place in reversed(range(len(self._kept))):
            if self._kept[place].function is function and _same(self._kept[place].given, given):
                self._kept.append(self._kept.pop(place))
                return self._kept[-1]
        return None


FORGETFUL = Memory(most=0)
"""Keeps nothing: for one scenario alone, where nothing would be asked for twice."""

OF_ALL = Memory()
"""What does not depend on the replication: days, expected numbers, calendars."""


def _same(one: object, other: object) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(_same, one, other))
    if is_dataclass(one):
        return all(_same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return isinstance(one, (str, int, float, dict, Part, BaseModel)) and one == other


def _fix(made: object) -> None:
    """Make columns read-only: an array, a dictionary of arrays, a record of arrays."""
    if is_dataclass(made):
        parts = [getattr(made, field.name) for field in fields(made)]
    else:
        parts = list(made.values()) if isinstance(made, dict) else [made]
    for part in parts:
        if isinstance(part, np.ndarray):
            part.flags.writeable = False
