"""The fuzzer compares what it says it compares, and shows the smallest difference."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from sim.engines import compiled, reference
from sim.log import Log
from sim.program import Op, Program
from tests.fuzz import DifferentError, crowd, fuzz, outcome
from tests.sim.programs import at, build, delay, release, seize, served, units


def forgets_who_gave_up(program: Program) -> Log:
    log = compiled.run(program)
    return replace(log, gone=np.zeros_like(log.gone))


def test_an_engine_that_is_wrong_about_giving_up_is_found_and_shown_small() -> None:
    with pytest.raises(DifferentError) as found:
        fuzz(60.0, reference.run, forgets_who_gave_up, first_seed=0)
    entities, rows = map(int, re.findall(r"(\d+) (?:entities|rows)", str(found.value)))
    assert entities <= 3
    assert rows <= 24
    assert f"{Op.SEIZE.name} place" in str(found.value)


def test_right_engines_agree_until_the_time_is_over() -> None:
    assert fuzz(1.0, first_seed=1) > 10


def test_a_crowd_is_everybody_several_times() -> None:
    program = build([[at(1.0), *served("counter", delay(2.0))], []], units("counter", 1))
    many = crowd(program, 3)
    assert many.entities == 6
    assert reference.run(many).leave[1::4].tolist() == [1.0, 3.0, 5.0]


def test_a_refusal_is_an_outcome_too() -> None:
    program = build([[seize("counter"), release("counter", -1), release("counter", -2)]], units("counter", 1))
    assert outcome(reference.run, program) == outcome(compiled.run, program)
    assert "does not hold" in str(outcome(compiled.run, program))
