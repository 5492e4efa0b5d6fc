"""A crew of workers that stay: each keeps its replications' customers, and answers for one scenario after another.

They are forked once, with the scenario loaded and the kernels ready. What a change does not touch is not drawn again.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import signal
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Lock
from types import TracebackType
from typing import Self

from explore.measuring import Shown, shown_of
from scenarios.schema import Scenario
from sim.compiling import get_ready
from sim.engines import DEFAULT, engine_named
from sim.recall import Memory
from sim.replication import Company, replicate
from sim.streams import Streams
from sim.workers import START

_KEPT = 10
"""Parts of a replication that are remembered; a scenario has seven, and a change makes one to three of its own."""
_PATIENCE_S = 5.0


class CrewError(Exception):
    """The workers could not answer; the message says why."""


class Crew:
    """Workers for the replications of one seed.

    Parameters
    ----------
    jobs
        How many workers; with two, one has the even replications and the other the odd ones.
    """

    def __init__(self, seed: int, replications: int, jobs: int) -> None:
        context = multiprocessing.get_context(START)
        get_ready(DEFAULT)
        self._lock = Lock()
        self._ends: list[Connection] = []
        self._workers = []
        jobs = max(1, min(jobs, replications))
        for first in range(jobs):
            ours, theirs = context.Pipe()
            numbers = range(first, replications, jobs)
            mine = (theirs, [*self._ends, ours], seed, numbers)
            worker = context.Process(target=_work, args=mine, daemon=True)  # type: ignore[attr-defined]
            worker.start()
            theirs.close()
            self._ends.append(ours)
            self._workers.append(worker)

    def ask(self, scenario: Scenario) -> list[Shown]:
        """Return what all replications of a scenario show, in the order of their numbers.

        Raises
        ------
        CrewError
            Where a worker failed or is gone.
        """
        with self._lock:
            try:
                for end in self._ends:
                    end.send(scenario)
                answers = [end.recv() for end in self._ends]
            except (EOFError, OSError) as error:
                raise CrewError(str(error) or type(error).__name__) from error
        failed = [answer for answer in answers if isinstance(answer, str)]
        if failed:
            raise CrewError(failed[0])
        longest = max(len(answer) for answer in answers)
        return [answer[place] for place in range(longest) for answer in answers if place < len(answer)]

    def close(self) -> None:
        """Let the workers go."""
        for end in self._ends:
            end.close()
        for worker in self._workers:
            worker.terminate()
            worker.join(_PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _work(end: Connection, others: Sequence[Connection], seed: int, numbers: range) -> None:
    """Answer until nobody asks any more: the pipe ends with whoever holds its other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; whoever started us ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if START == "fork":
        for other in others:
            other.close()
    _keep_memory()
    get_ready(DEFAULT)
    companies = {number: Company(Streams(seed, number), Memory(_KEPT)) for number in numbers}
    with suppress(EOFError, OSError):
        end.send(_answer(end.recv(), seed, companies, first=True))
        while True:
            end.send(_answer(end.recv(), seed, companies))


def _keep_memory() -> None:
    """Keep freed memory for the next replication: glibc gives large tables back, and the kernel clears them anew.

    A sixth of the time of an answer goes into that. Elsewhere than with glibc nothing is done.
    """
    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, 1 << 30)
        library.mallopt(_M_TRIM_THRESHOLD, (1 << 31) - 1)


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""From malloc.h of glibc."""


def _answer(scenario: Scenario, seed: int, companies: dict[int, Company], *, first: bool = False) -> list[Shown] | str:
    """Return what all replications show, or why there is no answer; after the first much is not needed again."""
    engine = engine_named(DEFAULT)
    answers = []
    try:
        for number, own in companies.items():
            replication = replicate(scenario, seed, number, engine, own)
            answers.append(shown_of(replication))
            if first:
                replication.demand.people.forget_numbers()
    except Exception as error:  # the page says so, and the worker stays
        return f"{type(error).__name__}: {error}"
    return answers
