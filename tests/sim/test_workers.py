"""Shared work comes back in order, and ends with whoever asked for it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import warnings
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing

import pytest

from sim.workers import shared

JOBS = (1, 2)


def half(number: int, kind: type = int) -> float:
    if number < 0:
        raise ValueError(f"{kind.__name__} {number}")
    return number / 2


@pytest.mark.parametrize("jobs", JOBS)
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    assert list(shared(half, [(number,) for number in range(20)], jobs)) == [number / 2 for number in range(20)]


@pytest.mark.parametrize("jobs", JOBS)
def test_no_tasks_give_no_results(jobs: int) -> None:
    assert list(shared(half, [], jobs)) == []


@pytest.mark.parametrize("jobs", JOBS)
def test_an_error_reaches_who_asked(jobs: int) -> None:
    with pytest.raises(ValueError, match="int -1"):
        list(shared(half, [(4,), (-1, int), (6,)], jobs))


@pytest.mark.parametrize("jobs", JOBS)
def test_who_stops_early_ends_the_work_without_a_complaint(jobs: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with closing(shared(half, [(number,) for number in range(50)], jobs)) as results:
            assert next(results) == 0
    assert list(shared(half, [(6,)], jobs)) == [3]


def test_who_stops_early_ends_the_workers_in_the_middle_of_their_work() -> None:
    others = set(multiprocessing.active_children())
    with closing(shared(for_ever_but_the_first, [(number,) for number in range(100)], 2)) as results:
        assert next(results) == 0
        assert set(multiprocessing.active_children()) - others
    assert not set(multiprocessing.active_children()) - others


def for_ever_but_the_first(number: int) -> int:
    while number:
        signal.pause()
    return number


def test_a_worker_that_is_killed_is_an_error_and_not_a_wait_for_ever() -> None:
    with pytest.raises(BrokenProcessPool):
        list(shared(die, [(signal.SIGKILL,)], 2))


def die(sent: int) -> None:
    os.kill(os.getpid(), sent)
