"""A scenario as plain data, and the hash that names it: same meaning, same hash, whatever the file looks like.

Canonical JSON follows RFC 8785 (JSON Canonicalization Scheme); dates and times are ISO 8601 strings.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date, time
from enum import Enum
from numbers import Integral, Real
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel


def as_dict(scenario: BaseModel) -> dict[str, Any]:
    """Return a scenario with every default written out, in the types of `tomllib`; what is None is left away."""
    data = as_plain(scenario)
    assert isinstance(data, dict)
    return data


def as_plain(value: Any) -> Any:
    """Return a value in the types of `tomllib`: tables, lists, text, numbers, truth values, dates and times.

    Anything else is returned as it is, for a model to refuse.
    """
    if isinstance(value, BaseModel):
        return as_plain(value.model_dump(exclude_none=True, exclude_computed_fields=True, by_alias=True))
    if isinstance(value, Mapping):
        return {str(_scalar(name)): as_plain(child) for name, child in value.items() if child is not None}
    if isinstance(value, (list, tuple)):
        return [as_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((as_plain(item) for item in value), key=canonical_json)
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return _scalar(value.value)
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, Integral):  # NumPy's whole numbers too, which scripts sweep over
        return int(value)
    return float(value) if isinstance(value, Real) else value


def canonical_json(value: Any) -> bytes:
    """Write plain data as canonical JSON.

    Raises
    ------
    ValueError
        For a number that JSON cannot write: not a number, or infinite.
    TypeError
        For a value that is not plain data.
    """
    return _json(value).encode()


def scenario_hash(scenario: BaseModel | Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a scenario, or of its plain data, in hexadecimal."""
    data = as_dict(scenario) if isinstance(scenario, BaseModel) else scenario
    return hashlib.sha256(canonical_json(data)).hexdigest()


def _json(value: Any) -> str:
    if value is None or isinstance(value, (bool, int, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (date, time)):
        return json.dumps(value.isoformat())
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: str(name).encode("utf-16-be"))
        return "{" + ",".join(f"{_json(str(name))}:{_json(value[name])}" for name in names) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_json(item) for item in value) + "]"
    raise TypeError(f"not plain data: {type(value).__name__}")


def _number(value: float) -> str:
    """Write a float as ECMAScript does (RFC 8785, 3.2.2.3): shortest digits, an exponent from 1e21 and below 1e-6."""
    if not math.isfinite(value):
        raise ValueError("JSON has no infinity and no NaN")
    if value == 0:
        return "0"
    digits, _, exponent = repr(value).partition("e")
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    whole, _, fraction = digits.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)
    figures = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(figures)
    figures = figures.rstrip("0")
    if 0 < point <= 21:
        text = figures.ljust(point, "0")
        return sign + (text if len(figures) <= point else f"{text[:point]}.{text[point:]}")
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{figures}"
    mantissa = figures if len(figures) == 1 else f"{figures[0]}.{figures[1:]}"
    return f"{sign}{mantissa}e{point - 1:+d}"
