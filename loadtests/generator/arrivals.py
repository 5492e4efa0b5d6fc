"""Open arrivals: one greenlet walks the stripe of this worker; everybody gets a greenlet at the due time, at once.

Whoever is late, because a server stands still or this process is busy, is started all the same and all late, and their
lag is kept. Nobody waits for anybody: in Locust's own shapes a stall lets fewer users come, which hides it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

import gevent
from gevent.event import Event

from loadtests.generator.run import Run

_BREATH: Final = 16
"""When behind, others still get their turn after so many starts."""


class Started(Protocol):
    """Somebody who is under way."""

    def link(self, callback: Callable[[object], None]) -> None:
        """Call back at the end."""
        ...


class Arrivals:
    """The scheduler of one worker.

    Parameters
    ----------
    starts
        When each arrival of the stripe begins, sorted: real microseconds since the run began, and its number.
    start
        Starts the journey of a number that was due at a moment, and returns its greenlet.
    idle
        Set when everybody has come and gone.
    """

    def __init__(
        self, run: Run, starts: Sequence[tuple[int, int]], start: Callable[[int, int], Started], idle: Event
    ) -> None:
        self._run = run
        self._starts = starts
        self._start = start
        self._idle = idle
        self._all_came = False

    def walk(self) -> None:
        """Start everybody at the due time; returns when the last one was started."""
        run = self._run
        for due, number in self._due():
            if run.under_way >= run.plan.in_flight:
                run.record.ledger.not_offered += 1
                continue
            run.under_way += 1
            run.offered += 1
            self._start(number, due).link(self._ended)
        self._all_came = True
        self._look_around()

    def _due(self) -> Iterator[tuple[int, int]]:
        clock = self._run.clock
        for place, (due, number) in enumerate(self._starts):
            if self._run.ending:
                return
            if clock.now() < due:
                self._run.until(due)
            elif place % _BREATH == 0:
                gevent.sleep(0)
            yield due, number

    def _ended(self, _: object) -> None:
        self._run.under_way -= 1
        self._look_around()

    def _look_around(self) -> None:
        if self._all_came and not self._run.under_way:
            self._idle.set()
