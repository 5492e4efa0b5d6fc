"""The compiled engine gives the same log as the reference engine, bit for bit, on every program."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from sim.engines import compiled, reference
from sim.log import Log
from sim.program import Program, ProgramError
from sim.waiting import waiting_report
from tests.sim.programs import at, build, release, seize, served, units, wait_for
from tests.sim.random_programs import programs


def outcome(engine: object, program: Program) -> Log | str:
    try:
        return engine.run(program)  # type: ignore[attr-defined,no-any-return]
    except ProgramError as error:
        return str(error)


def assert_same(one: Log | str, other: Log | str) -> None:
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    assert one.enter.tobytes() == other.enter.tobytes()
    assert one.leave.tobytes() == other.leave.tobytes()
    assert one.gone.tobytes() == other.gone.tobytes()


@settings(max_examples=400, deadline=None)
@given(programs())
def test_random_programs_have_the_same_log_in_both_engines(program: Program) -> None:
    assert_same(outcome(reference, program), outcome(compiled, program))


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
    messages = [outcome(engine, program) for engine in (reference, compiled)]
    assert isinstance(messages[0], str)
    assert messages[0] == messages[1]
    with pytest.raises(ProgramError, match="does not hold"):
        compiled.run(program)
