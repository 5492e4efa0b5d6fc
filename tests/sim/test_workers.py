"""Shared work comes back in order, and ends with whoever asked for it."""

from __future__ import annotations

import warnings
from contextlib import closing

import pytest

from sim.workers import shared


def half(number: int, kind: type = int) -> float:
    if number < 0:
        raise ValueError(f"{kind.__name__} {number}")
    return number / 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    assert list(shared(half, [(number,) for number in range(20)], jobs)) == [number / 2 for number in range(20)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_tasks_give_no_results(jobs: int) -> None:
    assert list(shared(half, [], jobs)) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_reaches_who_asked(jobs: int) -> None:
    with pytest.raises(ValueError, match="int -1"):
        list(shared(half, [(4,), (-1, int), (6,)], jobs))


@pytest.mark.parametrize("jobs", [1, 2])
def test_who_stops_early_ends_the_work_without_a_complaint(jobs: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with closing(shared(half, [(number,) for number in range(50)], jobs)) as results:
            assert next(results) == 0
    assert list(shared(half, [(6,)], jobs)) == [3]
