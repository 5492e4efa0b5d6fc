"""What is computed once is found again by exactly what it was given, and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from sim.program import Floats
from sim.recall import FORGETFUL, Memory, part_of
from tests.sim.small import small


class Counting:
    """A function that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *_: object) -> Floats:
        self.calls += 1
        return np.zeros(1)


def test_equal_parts_of_two_scenarios_give_the_same_result() -> None:
    memory, count = Memory(), Counting()
    before, launch = (part_of(small(name=name), "cards", "volumes") for name in ("before", "launch"))
    assert memory.recall(count, before, 1) is memory.recall(count, launch, 1)
    assert count.calls == 1


@pytest.mark.parametrize("change", [{"cards.held": 0.3}, {"volumes.move_in": 9000}])
def test_parts_that_differ_anywhere_give_results_of_their_own(change: dict[str, float]) -> None:
    memory, count = Memory(), Counting()
    for scenario in (small(), small(change)):
        memory.recall(count, part_of(scenario, "cards", "volumes"))
    assert count.calls == 2


def test_a_function_cannot_read_what_its_result_is_not_kept_under() -> None:
    part = part_of(small(), "cards")
    assert part.cards == small().cards
    with pytest.raises(AttributeError, match="has no 'behaviour'"):
        _ = part.behaviour


def test_arrays_must_be_the_very_same_because_equal_ones_may_change() -> None:
    memory, count, one = Memory(), Counting(), np.arange(3)
    memory.recall(count, one)
    memory.recall(count, one)
    assert count.calls == 1
    memory.recall(count, one.copy())
    assert count.calls == 2


def test_a_number_is_not_the_same_as_one_of_another_type_or_a_truth() -> None:
    memory, count = Memory(), Counting()
    for given in (1, 1.0, True):
        memory.recall(count, given)
    assert count.calls == 3


def test_two_functions_with_the_same_arguments_are_kept_apart() -> None:
    memory, first, second = Memory(), Counting(), Counting()
    assert memory.recall(first, 1) is not memory.recall(second, 1)


def test_a_result_that_is_shared_cannot_be_written_to() -> None:
    shared = Memory().recall(Counting(), 1)
    with pytest.raises(ValueError, match="read-only"):
        shared[0] = 5.0


def test_only_so_many_results_are_kept_and_the_one_not_used_for_longest_goes_first() -> None:
    memory, count = Memory(most=2), Counting()
    for given in (1, 2, 1, 3):  # 2 goes
        memory.recall(count, given)
    assert count.calls == 3
    memory.recall(count, 1)
    memory.recall(count, 3)
    assert count.calls == 3
    memory.recall(count, 2)
    assert count.calls == 4


def test_the_forgetful_one_calls_every_time() -> None:
    count = Counting()
    FORGETFUL.recall(count, 1)
    FORGETFUL.recall(count, 1)
    assert count.calls == 2


def test_of_a_part_only_what_is_named_can_be_read_and_counts() -> None:
    memory, count = Memory(), Counting()
    other = small({"opening.lunch.staffed": 0.5})
    parts = [part_of(scenario, "opening.weekday", "opening.evening", "cards") for scenario in (small(), other)]
    assert memory.recall(count, parts[0]) is memory.recall(count, parts[1])
    assert parts[0].opening.weekday == small().opening.weekday
    with pytest.raises(AttributeError, match="lunch"):
        _ = parts[0].opening.lunch
