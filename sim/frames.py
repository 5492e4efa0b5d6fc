"""Rows of many runs as one pandas table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from sim.measures.tidy import Run

_TYPES = {"value": "float64", "minutes": "float64", "count": "int64", "q": "int64"}


def frame(columns: tuple[str, ...], parts: Iterable[tuple[Run, Sequence[tuple[object, ...]]]]) -> pd.DataFrame:
    """Make one table out of the rows of several runs: the columns of `RUN`, then those given."""
    parts = list(parts)
    lengths = [len(rows) for _, rows in parts]
    rows = [row for _, own in parts for row in own]
    values = zip(*rows, strict=True) if rows else [()] * len(columns)
    arms = pd.array([arm for (arm, _), _ in parts], dtype="str")
    table = {
        "arm": arms.take(np.repeat(np.arange(len(parts)), lengths)),
        "replication": np.repeat(np.array([number for (_, number), _ in parts], dtype=np.int64), lengths),
    }
    for name, own in zip(columns, values, strict=True):
        table[name] = np.array(own, dtype=_TYPES[name]) if name in _TYPES else pd.array(list(own), dtype="str")
    return pd.DataFrame(table)
