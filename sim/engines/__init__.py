"""Interpreters of the program table. Every engine gives the same log for the same program."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from sim.log import Engine
from sim.program import Calendar, Program

EngineName = Literal["compiled", "reference"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
DEFAULT: EngineName = "compiled"

_NONE, _NO_INTS = np.zeros(0), np.zeros(0, np.int64)
EMPTY = Program(
    offset=np.zeros(1, np.int64),
    op=np.zeros(0, np.int8),
    place=np.zeros(0, np.int32),
    klass=np.zeros(0, np.int8),
    value=_NONE,
    jump=np.zeros(0, np.int32),
    step=np.zeros(0, np.int16),
    places=(),
    steps=(),
    classes=1,
    tokens=0,
    calendar=Calendar(_NONE, _NO_INTS, _NO_INTS, _NO_INTS, np.zeros(0, np.bool_), _NONE, _NO_INTS, _NONE),
)
"""Nobody, nowhere."""


def engine_named(name: EngineName) -> Engine:
    """Return the engine of a name: "compiled" (Numba, fast) or "reference" (SimPy, the meaning of the model).

    Engines are imported here and not above, because either import takes a moment.
    """
    if name == "compiled":
        from sim.engines.compiled import run as compiled  # noqa: PLC0415

        return compiled
    from sim.engines.reference import run as reference  # noqa: PLC0415

    return reference
