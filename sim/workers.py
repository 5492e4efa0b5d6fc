"""Tasks shared among processes or threads; their results come back in the order of the tasks.

Ctrl-C belongs to the process that shares the work: the workers never hear of it, and are ended with the iteration.
"""

from __future__ import annotations

import signal
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from multiprocessing import resource_tracker
from typing import TypeVar

T = TypeVar("T")


def shared(function: Callable[..., T], tasks: Iterable[tuple[object, ...]], jobs: int) -> Generator[T]:
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
    """
    from joblib import Parallel, delayed  # noqa: PLC0415  not needed where threads share the work

    workers = Parallel(n_jobs=jobs, return_as="generator", initializer=_leave_ctrl_c_to_the_parent)
    results: Generator[T] | None = None
    try:
        with nullcontext() if jobs == 1 else _stopping_held():
            results = workers(delayed(function)(*task) for task in tasks)
        for result in results:  # `yield from` would close the results out of our reach  # noqa: UP028
            yield result
    finally:
        if results is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # work that nobody waits for any more is no mistake
                results.close()


def shared_by_threads(function: Callable[..., T], tasks: Iterable[tuple[object, ...]], jobs: int) -> Generator[T]:
    """Do as `shared` does, in up to `jobs` threads: for work that leaves the interpreter's lock alone most of the time.

    Nothing is copied and nothing is loaded twice. Whoever stops early waits for the tasks that have begun.
    """
    if jobs == 1:
        for task in tasks:
            yield function(*task)
        return
    with ThreadPoolExecutor(jobs) as pool:
        results = deque(pool.submit(function, *task) for task in tasks)
        try:
            while results:
                yield results.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


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


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # inherited from the moment of the start
