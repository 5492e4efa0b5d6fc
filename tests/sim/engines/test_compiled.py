"""The compiled engine gives the same log as the reference engine, bit for bit, on every program."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings

from sim.engines import compiled, reference
from sim.log import Engine, Log
from sim.program import Op, Program, ProgramError
from sim.waiting import waiting_report
from tests.fuzz import crowd
from tests.sim.engines.mutants import MUTANTS
from tests.sim.engines.situations import SITUATIONS
from tests.sim.programs import at, build, release, seize, served, units, wait_for
from tests.sim.random_programs import programs

PARTS = 4
EXAMPLES = 420
CROWD = 3
LEAST_PROGRAMS = 500
"""Different programs in a part: four parts have 2,000 and more."""
LEAST_OF_EACH = 5
"""Programs of a part in which each situation arises."""


def outcome(engine: Engine, program: Program) -> Log | str:
    try:
        return engine(program)
    except ProgramError as error:
        return str(error)


def assert_same(one: Log | str, other: Log | str) -> None:
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    assert one.enter.tobytes() == other.enter.tobytes()
    assert one.leave.tobytes() == other.leave.tobytes()
    assert one.gone.tobytes() == other.gone.tobytes()


def drawn(number: int, examples: int) -> list[Program]:
    """Draw random programs, each alone and with everybody coming three times: queues are longer, and ties more."""
    found: list[Program] = []

    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(programs())
    def draw(program: Program) -> None:
        found.extend((program, crowd(program, CROWD)))

    draw()
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_random_programs_have_the_same_log_in_both_engines(part: int) -> None:
    different: set[int] = set()
    arisen: Counter[str] = Counter()
    steps: Counter[int] = Counter()
    for program in drawn(part, EXAMPLES):
        log = outcome(reference.run, program)
        assert_same(log, outcome(compiled.run, program))
        different.add(hash((*(getattr(program, name).tobytes() for name in COLUMNS), calendar_bytes(program))))
        if isinstance(log, Log):
            arisen.update(situation.__name__ for situation in SITUATIONS if situation(program, log))
            steps.update(np.unique(program.op[~np.isnan(log.enter)]).tolist())
    assert len(different) >= LEAST_PROGRAMS
    assert {name: arisen[name] for name in NAMES if arisen[name] < LEAST_OF_EACH} == {}
    assert {op.name: steps[op] for op in Op if steps[op] < LEAST_OF_EACH} == {}


COLUMNS = ("offset", "op", "place", "klass", "value", "jump")
NAMES = tuple(situation.__name__ for situation in SITUATIONS)


def calendar_bytes(program: Program) -> bytes:
    c = program.calendar
    return b"".join(x.tobytes() for x in (c.time, c.place, c.klass, c.capacity, c.handover, c.slow_time, c.slowness))


def test_the_same_programs_tell_every_engine_that_breaks_one_rule_of_order() -> None:
    tables = drawn(PARTS, EXAMPLES // 2)
    right = [as_bytes(outcome(reference.run, table)) for table in tables]
    unseen = [
        name
        for name, mutant in MUTANTS.items()
        if all(as_bytes(outcome(mutant, table)) == log for table, log in zip(tables, right, strict=True))
    ]
    assert unseen == []


def as_bytes(log: Log | str) -> tuple[bytes, ...] | str:
    return log if isinstance(log, str) else (log.enter.tobytes(), log.leave.tobytes(), log.gone.tobytes())


def test_an_empty_program_has_an_empty_log() -> None:
    program = build([], units("counter", 1), classes=1)
    log = compiled.run(program)
    assert len(log.enter) == len(log.leave) == len(log.gone) == 0


def test_who_waits_for_ever_is_reported_alike() -> None:
    program = build(
        [[at(1.0), *served("counter", at(2.0))], [wait_for(0)], [*served("counter", at(9.0))]],
        units("counter", 0),
        classes=1,
        tokens=1,
    )
    logs = [engine.run(program) for engine in (reference, compiled)]
    assert_same(*logs)
    assert waiting_report(program, logs[0]) == waiting_report(program, logs[1]) != []
    assert np.isnan(logs[1].leave[~np.isnan(logs[1].enter)]).sum() == 3


def test_giving_back_what_is_not_held_is_refused_alike() -> None:
    program = build([[seize("counter"), release("counter", -1), release("counter", -2)]], units("counter", 1))
    messages = [outcome(engine.run, program) for engine in (reference, compiled)]
    assert isinstance(messages[0], str)
    assert messages[0] == messages[1]
    with pytest.raises(ProgramError, match="does not hold"):
        compiled.run(program)
