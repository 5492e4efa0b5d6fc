"""Compiled functions: getting all of them ready before anybody waits for a result.

The first use on a machine compiles for some seconds; later ones load what was kept (`sim.kept`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba.core.event import Event, Listener, install_listener

from sim.engines import EMPTY, EngineName, engine_named

Told = Callable[[int], None]
"""Is told how many functions have been compiled, first 0, as each begins."""


def get_ready(engine: EngineName, told: Told = lambda _: None) -> None:
    """Compile or load an engine and all that surrounds it, by a run in which nobody goes anywhere."""
    with install_listener("numba:compile", _Counting(told)):
        _run_empty(engine)


def _run_empty(engine: EngineName) -> None:
    """Call everything compiled with the types that a replication has."""
    from sim.compilation import Places, compile_flows  # noqa: PLC0415  compiled functions, imported once they can be kept
    from sim.flows import FLOWS  # noqa: PLC0415
    from sim.kernels import mark  # noqa: PLC0415
    from sim.laws import check_laws  # noqa: PLC0415
    from sim.measures.systems import begun_not_done  # noqa: PLC0415
    from sim.measures.visits import read_visits  # noqa: PLC0415

    places = Places(("nowhere",))
    compiled = compile_flows(FLOWS, _Nobody(), places, EMPTY.calendar)
    log = engine_named(engine)(compiled.program)
    check_laws(compiled.program, log, (0.0, 1.0))
    read_visits(compiled, log)
    begun_not_done(compiled.program.offset, log.enter, log.leave, 0.0)
    mark(compiled.household, 0)


class _Nobody(dict[str, np.ndarray]):
    """Every column, of no household."""

    def __missing__(self, name: str) -> np.ndarray:
        return np.zeros(0, dtype=np.int64)


class _Counting(Listener):
    """Counts functions as numba compiles them; what it loads is not told."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._number = 0

    def on_start(self, event: Event) -> None:  # noqa: ARG002  the form that numba asks for
        self._told(self._number)
        self._number += 1

    def on_end(self, event: Event) -> None:
        pass
