"""Shared work comes back in order, and ends with whoever asked for it."""

from __future__ import annotations

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from sim.workers import shared, shared_by_threads

SHARED = [(shared, 1), (shared, 2), (shared_by_threads, 1), (shared_by_threads, 2)]
"""Ways to share work: processes and threads."""


def half(number: int, kind: type = int) -> float:
    if number < 0:
        raise ValueError(f"{kind.__name__} {number}")
    return number / 2


@pytest.mark.parametrize(("share", "jobs"), SHARED)
def test_results_come_in_the_order_of_the_tasks(share: Any, jobs: int) -> None:
    assert list(share(half, [(number,) for number in range(20)], jobs)) == [number / 2 for number in range(20)]


@pytest.mark.parametrize(("share", "jobs"), SHARED)
def test_no_tasks_give_no_results(share: Any, jobs: int) -> None:
    assert list(share(half, [], jobs)) == []


@pytest.mark.parametrize(("share", "jobs"), SHARED)
def test_an_error_reaches_who_asked(share: Any, jobs: int) -> None:
    with pytest.raises(ValueError, match="int -1"):
        list(share(half, [(4,), (-1, int), (6,)], jobs))


@pytest.mark.parametrize(("share", "jobs"), SHARED)
def test_who_stops_early_ends_the_work_without_a_complaint(share: Any, jobs: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with closing(share(half, [(number,) for number in range(50)], jobs)) as results:
            assert next(results) == 0
    assert list(share(half, [(6,)], jobs)) == [3]


def test_who_stops_early_waits_for_what_has_begun_and_for_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    ended: list[int] = []
    given_up = threading.Event()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            given_up.set()
            super().shutdown(wait=wait)

    def work(number: int) -> int:
        begun.append(number)
        if number > 0:
            given_up.wait()
        ended.append(number)
        return number

    monkeypatch.setattr("sim.workers.ThreadPoolExecutor", Pool)
    with closing(shared_by_threads(work, [(number,) for number in range(100)], 2)) as results:
        assert next(results) == 0
    assert len(begun) <= 3
    assert sorted(ended) == sorted(begun)
