"""`make fuzz SECONDS=60`: random programs on both engines for as long as you like, one of them shown if they differ."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from time import perf_counter

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from sim.engines import compiled, reference
from sim.log import Engine, Log
from sim.program import Op, Program, ProgramError
from tests.sim.random_programs import programs

ROUND = 100
COPIES = (1, 1, 1, 1, 2, 7, 40)
"""How often everybody in a program comes: crowds of copies queue long, and tie at every instant."""


class DifferentError(Exception):
    """The engines do not agree."""


def fuzz(seconds: float, one: Engine = reference.run, other: Engine = compiled.run, first_seed: int = 0) -> int:
    """Compare engines for some time; return the number of programs.

    Raises
    ------
    DifferentError
        With the smallest program found on which they differ.
    """
    end = perf_counter() + seconds
    count = 0
    smallest: list[Program] = []

    def compare(program: Program, copies: int) -> None:
        nonlocal count
        if perf_counter() > end and not smallest:
            return
        whole = crowd(program, copies)
        if outcome(one, whole) != outcome(other, whole):
            smallest[:] = [whole]  # Hypothesis ends with the smallest
            raise DifferentError
        count += 1

    rules = settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    number = first_seed
    while perf_counter() < end:
        try:
            seed(number)(rules(given(programs(), st.sampled_from(COPIES))(compare)))()
        except DifferentError:
            raise DifferentError("\n".join(lines_of(smallest[0]))) from None
        number += 1
    return count


def crowd(program: Program, copies: int) -> Program:
    """Let everybody in a program come several times."""
    lengths = np.tile(np.diff(program.offset), copies)
    return replace(
        program,
        offset=np.concatenate(([0], np.cumsum(lengths))),
        op=np.tile(program.op, copies),
        place=np.tile(program.place, copies),
        klass=np.tile(program.klass, copies),
        value=np.tile(program.value, copies),
        jump=np.tile(program.jump, copies),
        step=np.tile(program.step, copies),
    ).checked()


def outcome(engine: Engine, program: Program) -> tuple[bytes, bytes, bytes] | str:
    """Return a log as bytes, or what the engine says is wrong."""
    try:
        log: Log = engine(program)
    except ProgramError as error:
        return str(error)
    return log.enter.tobytes(), log.leave.tobytes(), log.gone.tobytes()


def lines_of(program: Program) -> Iterator[str]:
    """Show a program row by row."""
    c = program.calendar
    yield f"{program.entities} entities, {program.rows} rows, {program.classes} classes, {program.tokens} tokens"
    for time, place, klass, units, handover in zip(c.time, c.place, c.klass, c.capacity, c.handover, strict=True):
        crew = ", a new crew" if handover else ""
        yield f"at {time}: {program.places[place]} has {units} units for class {klass}{crew}"
    for time, place, slowness in zip(c.slow_time, c.slow_place, c.slowness, strict=True):
        yield f"at {time}: {program.places[place]} takes {slowness} times as long"
    for entity, (start, stop) in enumerate(pairwise(program.offset)):
        yield f"entity {entity}"
        for row in range(start, stop):
            op = Op(program.op[row])
            yield (
                f"  {row} {op.name} place or token {program.place[row]}, class {program.klass[row]}, "
                f"value {program.value[row]}, jump {program.jump[row]}"
            )


def main() -> int:
    """Fuzz for so many seconds; the second argument is the first seed, by default a new one each time."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    first_seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(np.random.SeedSequence().generate_state(1)[0])
    try:
        count = fuzz(seconds, first_seed=first_seed)
    except DifferentError as error:
        sys.stdout.write(f"The engines differ (first seed {first_seed}) on\n{error}\n")
        return 1
    sys.stdout.write(f"{count:,} random programs in {seconds:.0f} s, equal bit for bit (first seed {first_seed}).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
