"""Rate limits: a token bucket for each caller, in real time; who is nobody in particular counts by address."""

from __future__ import annotations

import time
from collections.abc import Callable

from fakes.refusals import Code, RefusedError

_MOST_CALLERS = 100_000


class Rates:
    """Buckets of callers.

    Parameters
    ----------
    per_second
        Calls that a caller may make in the long run; 0 for no limit.
    burst
        Calls at once.
    clock
        Seconds that never go back.
    """

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._burst = float(burst)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> None:
        """Count a call.

        Raises
        ------
        RefusedError
            429 for a call too many.
        """
        if not self._rate:
            return
        now = self._clock()
        left, then = self._buckets.get(caller, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        if left < 1:
            self._buckets[caller] = (left, now)
            raise RefusedError(Code.TOO_MANY)
        if caller not in self._buckets and len(self._buckets) >= _MOST_CALLERS:
            self._forget(now)
        self._buckets[caller] = (left - 1, now)

    def _forget(self, now: float) -> None:
        """Drop the callers whose buckets are full again."""
        full = [name for name, (left, then) in self._buckets.items() if left + (now - then) * self._rate >= self._burst]
        for name in full:
            del self._buckets[name]
