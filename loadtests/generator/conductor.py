"""When a run ends, over all workers: everybody's journeys, then the drain, until every place was quiet for a while.

    worker: stripe ended ──▶ conductor: all have ──▶ worker: draining ──▶ looks at places ──▶ conductor: all quiet: over

In a distributed run the conductor is with the master, else in the one process; they speak by Locust's own messages.
"""

from __future__ import annotations

from typing import Final

from loadtests.generator.record import RunClock

QUIET_S: Final = 5.0
"""Real seconds in which nothing came anywhere, and everybody answered: longer than the longest wait of the portal's
link before it hands over what could not be handed over (two seconds)."""
_QUIET_US: Final = round(QUIET_S * 1_000_000)


class Conductor:
    """Decides when it is over.

    Parameters
    ----------
    places
        That must have been seen with nothing left; none where nobody looks.
    limit_us
        When it is over whatever is left.
    """

    def __init__(self, clock: RunClock, workers: int, places: frozenset[str], limit_us: int) -> None:
        self._clock = clock
        self._workers = workers
        self._places = places
        self._limit = limit_us
        self._ended: set[int] = set()
        self._quiet_since: int | None = None
        self._settled: dict[str, int] = {}

    def stripe_ended(self, worker: int) -> bool:
        """Note that the journeys of a worker have ended; return whether now all have, so that the drain begins."""
        before = len(self._ended)
        self._ended.add(worker)
        if len(self._ended) < self._workers or before == self._workers:
            return False
        self._quiet_since = self._clock.now()
        return True

    def looked(self, place: str, began_us: int, *, empty: bool) -> None:
        """Note what somebody found who looked at a place from a moment on."""
        if self._quiet_since is None:
            return
        if empty:
            self._settled[place] = max(began_us, self._settled.get(place, began_us))
        else:
            self._quiet_since = self._clock.now()

    @property
    def over(self) -> bool:
        """Whether every place was seen empty after it had been quiet everywhere long enough, or time is up."""
        if self._clock.now() >= self._limit:
            return True
        since = self._quiet_since
        if since is None:
            return False
        return all(self._settled.get(place, -1) >= since + _QUIET_US for place in self._places)
