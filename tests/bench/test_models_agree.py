"""The race is fair: everybody runs the same models, and those who can be run here give the same answer."""

from __future__ import annotations

import numpy as np
import pytest

from bench import loops, ours
from bench.launch import same
from bench.memory import drawn
from bench.models import DAY, HOURLY, SHIFTS, STAGES, Model, queue, tandem
from bench.programs import mean_waits, program_of
from bench.rivals import plain_simpy
from sim.engines import compiled, reference

MODELS = (queue(2_000), tandem(2))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_engines_and_hand_written_simpy_and_loops_agree_to_the_last_bit(model: Model) -> None:
    expected = mean_waits(model, compiled.run(program_of(model).checked()))
    assert (expected > 0).all()
    for answer in (
        ours.whole(model)(),
        ours.whole_and_checked(model)(),
        ours.reference_whole(model)(),
        plain_simpy.mean_waits(model),
        plain_simpy.mean_waits_all_started(model),
        loops.mean_waits(model),
    ):
        assert answer.tolist() == expected.tolist()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_hand_written_loop_writes_the_log_of_the_engines(model: Model) -> None:
    program = program_of(model)
    logs = [reference.run(program), compiled.run(program), loops.log_of(model)]
    assert same(logs[0], logs[1])
    assert same(logs[1], logs[2])


def test_the_recursion_gives_the_mean_wait_of_the_queue() -> None:
    assert loops.mean_wait_by_recursion(MODELS[0]).tolist() == loops.mean_waits(MODELS[0]).tolist()


def test_no_service_outlasts_a_break_so_that_shift_changes_mean_the_same_to_all() -> None:
    starts = [start for start, _ in SHIFTS] + [SHIFTS[0][0] + DAY]
    breaks = [starts[i + 1] - starts[i] for i, (_, desks) in enumerate(SHIFTS) if not any(desks)]
    assert breaks
    assert MODELS[1].service.max() <= min(breaks)
    assert [all(desks) or not any(desks) for _, desks in SHIFTS] == [True] * len(SHIFTS)


def test_models_have_the_size_that_the_page_tells() -> None:
    assert drawn("M/M/5").customers == 200_000
    whole = drawn("tandem")
    assert whole.stages == len(STAGES)
    assert abs(whole.customers - 120 * HOURLY.sum()) < 4 * np.sqrt(120 * HOURLY.sum())
    assert (np.diff(whole.arrivals) >= 0).all()
