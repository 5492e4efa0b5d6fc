"""Hashes that stay the same when the content does: canonical JSON (RFC 8785) and SHA-256."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path


def canonical_json(data: object) -> str:
    """Write plain data as the one JSON text of RFC 8785: sorted keys, no spaces, numbers as ECMAScript writes them.

    Dates and times (which JSON lacks) are written as ISO 8601 strings; None inside a mapping is left out, as TOML does.

    Raises
    ------
    ValueError
        For NaN and infinity, which JSON cannot say.
    TypeError
        For anything that is not plain data.
    """
    if isinstance(data, Mapping):
        # RFC 8785, 3.2.3: keys are sorted by their UTF-16 code units.
        keys = sorted((k for k in data if data[k] is not None), key=lambda k: str(k).encode("utf-16-be"))
        return "{" + ",".join(f"{canonical_json(str(k))}:{canonical_json(data[k])}" for k in keys) + "}"
    if isinstance(data, (list, tuple)):
        return "[" + ",".join(canonical_json(item) for item in data) + "]"
    if isinstance(data, (dt.date, dt.time)):
        return canonical_json(data.isoformat())
    if isinstance(data, float):
        return _number(data)
    if data is None or isinstance(data, (str, bool, int)):
        return json.dumps(data, ensure_ascii=False)
    raise TypeError(f"not plain data: {type(data).__name__}")


def _number(value: float) -> str:
    """Return the shortest text that reads back as `value`, in the form of ECMAScript (RFC 8785, 3.2.2.3)."""
    if not math.isfinite(value):
        raise ValueError(f"JSON has no {value}")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    figures = "".join(map(str, digits))
    point = len(figures) + exponent
    minus = "-" if sign else ""
    if 0 < point <= 21:
        whole, part = figures[:point].ljust(point, "0"), figures[point:]
        return minus + whole + ("." + part if part else "")
    if -6 < point <= 0:
        return minus + "0." + "0" * -point + figures
    mantissa = figures[0] + ("." + figures[1:] if len(figures) > 1 else "")
    return f"{minus}{mantissa}e{point - 1:+d}"


def fingerprint(data: object) -> str:
    """SHA-256 of plain data over its canonical JSON, in hex; the order of keys does not matter."""
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
