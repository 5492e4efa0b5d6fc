"""What one worker notes of its calls: the ledger before and after each, latencies, and Locust's own figures.

Times are real microseconds since the run began, on a clock that never goes back and was set once by the plan's moment.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from loadtests.histogram import Histogram
from loadtests.ledger import Failed, Intent, Ledger, Ok, Unknown
from loadtests.plan import now_us
from loadtests.series import LAG, RESPONSE, SERVICE, Series

Came = Ok | Failed | Unknown


class Fire(Protocol):
    """How Locust is told of a call: its `request` event."""

    def __call__(
        self,
        *,
        request_type: str,
        name: str,
        response_time: float,
        response_length: int,
        exception: Exception | None,
    ) -> None:
        """Tell it; `response_time` is milliseconds."""
        ...


class RunClock:
    """Real microseconds since a run began; negative before."""

    def __init__(self, begin_at_us: int) -> None:
        self._zero = time.monotonic_ns() // 1000 + (begin_at_us - now_us())

    def now(self) -> int:
        """Return the time."""
        return time.monotonic_ns() // 1000 - self._zero


class Record:
    """The notes of one worker.

    Parameters
    ----------
    fire
        Locust's `request` event, which gets the response time: from when a call was due.
    serviced
        Told of the service time beside it: method, name, milliseconds, bytes.

    Attributes
    ----------
    lag
        sent - due of arrivals, microseconds.
    strangers
        Answers that belong to somebody else.
    failed
        What went wrong in the generator itself, by message.
    """

    def __init__(
        self,
        clock: RunClock,
        ledger: Ledger,
        fire: Fire,
        serviced: Callable[[str, str, float, int], None] | None = None,
    ) -> None:
        self.clock = clock
        self.ledger = ledger
        self.series = Series()
        self.lag = Histogram()
        self.requests = 0
        self.strangers = 0
        self.failed: Counter[str] = Counter()
        self._fire = fire
        self._serviced = serviced
        self._names = 0

    def name(self) -> int:
        """Return the next number for a request id of this worker."""
        self._names += 1
        return self._names

    def announce(self, intent: Intent) -> None:
        """Note a call before it goes out."""
        self.requests += 1
        self.ledger.write(intent)

    def ended(
        self, intent: Intent, came: Came, *, kind: str, method: str, size: int, problem: Exception | None
    ) -> None:
        """Note what came of a call; `problem` says why it counts as failed."""
        self.ledger.write(came)
        due, sent, end = intent.due, intent.sent, came.end
        failed = problem is not None
        record = self.series.record
        record(RESPONSE, kind, due, end - due, failed=failed)
        record(SERVICE, kind, due, end - sent, failed=failed)
        if intent.attempt == 1:
            record(LAG, kind, due, sent - due)  # a further try waits on purpose
        self._fire(
            request_type=method,
            name=kind,
            response_time=(end - due) / 1000,
            response_length=size,
            exception=problem,
        )
        if self._serviced is not None:
            self._serviced(method, f"{kind} (service)", (end - sent) / 1000, size)
