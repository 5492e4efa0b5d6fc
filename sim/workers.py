"""Tasks shared among processes; their results come back in the order of the tasks.

Ctrl-C belongs to the process that shares the work: the workers never hear of it, and are ended with the iteration.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from typing import Final, TypeVar

T = TypeVar("T")

START: Final = "fork" if sys.platform.startswith("linux") else "spawn"
"""How workers begin. A fork has all that is loaded and compiled at once, where a fresh process needs seconds for it;
threads would not do, because most of a replication's time is Python's own. Other systems cannot fork safely."""


def shared(
    function: Callable[..., T],
    tasks: Iterable[tuple[object, ...]],
    jobs: int,
    meanwhile: Callable[[], None] = lambda: None,
) -> Generator[T]:
    """Call a function for each task, in up to `jobs` processes, and yield the results in the order of the tasks.

    Whoever may stop early (or be interrupted) closes the iterator, which ends the workers:
    ``with closing(shared(…)) as results``.

    Parameters
    ----------
    function
        One that another process can import.
    tasks
        The arguments of each call.
    jobs
        Processes; 1 does the work in this one.
    meanwhile
        What this process does once the workers have begun, and before it waits for the first result.
    """
    if jobs == 1:
        meanwhile()
        for task in tasks:
            yield function(*task)
        return
    tasks = list(tasks)
    pool = ProcessPoolExecutor(
        max(1, min(jobs, len(tasks))), multiprocessing.get_context(START), initializer=_begin_as_a_worker
    )
    workers: set[BaseProcess] = set()
    results: deque[Future[T]] = deque()
    try:
        with _stopping_held():
            others = set(multiprocessing.active_children())
            results.extend(pool.submit(_carried_out, function, task) for task in tasks)
            workers = set(multiprocessing.active_children()) - others
        meanwhile()
        while results:
            yield results.popleft().result()
    finally:
        for result in results:
            result.cancel()
        for worker in workers if results else ():
            worker.terminate()  # gives up its task only: who dies in the middle of an answer would be waited for
        pool.shutdown(cancel_futures=True)


@contextmanager
def _stopping_held() -> Iterator[None]:
    """Put off Ctrl-C and SIGTERM for a moment: processes that start meanwhile are whole or not there.

    What came in the moment is delivered at its end. The new processes never get Ctrl-C, not even while they still load;
    where the system has no signal masks, they ignore it only from their first task on.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # its start, which workers bring about, lets signals through again (Python 3.11)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_STOPPING = (signal.SIGINT, signal.SIGTERM)


def _begin_as_a_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _Doing.give_up)  # a fork has the parent's handlers
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # inherited from the moment of the start
    _die_with_the_parent()
    gc.freeze()  # what the parent had loaded is no garbage here, and pages that nobody touches are never copied


_PR_SET_PDEATHSIG: Final = 1
"""From linux/prctl.h: the signal that the system sends to a process when its parent ends."""


def _die_with_the_parent() -> None:
    """Let no worker wait for ever for a parent that was killed; the pipe does not tell, workers hold both ends.

    Where a system has no such call, whoever kills the parent has the workers to kill too.
    """
    if not sys.platform.startswith("linux"):
        return
    parent = multiprocessing.parent_process()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent.pid:  # it ended before the call
        os.kill(os.getpid(), signal.SIGKILL)


class _GivenUpError(BaseException):
    """A worker was told to stop; not an `Exception`, so that no task takes it for its own."""


class _Doing:
    """What a worker is doing: SIGTERM ends its task, and all that come after it, but never an answer half way."""

    task = False
    stopped = False

    @classmethod
    def give_up(cls, _number: int, _frame: object) -> None:
        cls.stopped = True
        if cls.task:
            raise _GivenUpError


def _carried_out(function: Callable[..., T], task: tuple[object, ...]) -> T:
    if _Doing.stopped:
        raise _GivenUpError
    _Doing.task = True
    try:
        return function(*task)
    finally:
        _Doing.task = False
