"""Our own contestants: each takes a model and returns something to run and time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bench.models import Model
from bench.programs import mean_waits, program_of
from sim.engines import compiled, reference
from sim.log import Engine, Log
from sim.program import Floats


def whole(model: Model) -> Callable[[], Floats]:
    """From the drawn columns to mean waits on the compiled engine: table, run, sums."""
    return partial(_whole, model, compiled.run)


def whole_and_checked(model: Model) -> Callable[[], Floats]:
    """As `whole`, and the table is checked against its own rules first, as `sim.compilation` does."""
    return lambda: mean_waits(model, compiled.run(program_of(model).checked()))


def engine_alone(model: Model) -> Callable[[], Log]:
    """Run the compiled engine on a table that is ready."""
    return partial(compiled.run, program_of(model))


def reference_whole(model: Model) -> Callable[[], Floats]:
    """From the drawn columns to mean waits on the reference engine."""
    return partial(_whole, model, reference.run)


def _whole(model: Model, engine: Engine) -> Floats:
    return mean_waits(model, engine(program_of(model)))
