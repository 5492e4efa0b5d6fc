"""The state of some time ago, as a standby has it that has not caught up: connections that still see what they saw."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import select

from fakes.store.databases import Connection, Place
from fakes.store.statements import Statement
from fakes.store.tables import HEAD
from fakes.store.transaction import View

T = TypeVar("T")

_PARTS: Final = 8
"""Looks that are kept of the time by which it lags."""

_SEEN = Statement(select(HEAD.c.event_seq))


class Lagging:
    """Answers questions from an older state; any thread may ask.

    Parameters
    ----------
    place
        Where the store is.
    now
        Real seconds that never go back.
    """

    def __init__(self, place: Place, now: Callable[[], float] = time.monotonic) -> None:
        self._place = place
        self._now = now
        self._kept: deque[tuple[float, Connection]] = deque()
        self._lock = threading.Lock()

    def keep(self, behind_s: float) -> None:
        """Keep the present state for later, if the last one that was kept is old enough."""
        with self._lock:
            self._keep(behind_s)

    def answer(self, question: Callable[[View], T], behind_s: float) -> T:
        """Answer from the newest kept state that is so old; from the oldest one if none is."""
        with self._lock:
            self._keep(behind_s)
            while len(self._kept) > 1 and self._now() - self._kept[1][0] >= behind_s:
                self._kept.popleft()[1].close()
            connection = self._kept[0][1]
            return question(View(self._place.database, connection.cursor()))

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            while self._kept:
                self._kept.pop()[1].close()

    def _keep(self, behind_s: float) -> None:
        now = self._now()
        if self._kept and now - self._kept[-1][0] < behind_s / _PARTS:
            return
        connection = self._place.open(read_only=True)
        connection.begin_reading()
        View(self._place.database, connection.cursor()).one(_SEEN)
        self._kept.append((now, connection))
        while len(self._kept) > 2 * _PARTS:
            self._kept.popleft()[1].close()
