"""What a run measured, second by second: latencies by kind of call and clock, failures, the generator's own lag.

Workers record; their files are merged; rules and charts read phases and tables out of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import pandas as pd
from msgspec import Struct, field

from loadtests.errors import LoadError
from loadtests.histogram import Histogram, merged

RESPONSE: Final = "response"
"""From when it was due to its end: what an applicant feels."""
SERVICE: Final = "service"
"""From when it was sent to its end: what the server took."""
LAG: Final = "lag"
"""From when it was due until it was sent: the generator's own fault, and that of the steps before."""

PERCENTILES: Final = (50.0, 95.0, 99.0)
Span = tuple[int, int]
"""Seconds of a run, from one until before another."""


class Second(Struct):
    """One second of one clock of one kind of call, by when the calls were due.

    Attributes
    ----------
    seen
        Latencies, failed calls among them: who waited for a failure has waited.
    failed
        How many calls failed.
    """

    seen: Histogram = field(default_factory=Histogram)
    failed: int = 0


class Series(Struct):
    """All seconds of all clocks; the key is "clock/kind of call"."""

    seconds: dict[str, dict[int, Second]] = field(default_factory=dict)

    def record(self, clock: str, call: str, due_us: int, latency_us: int, *, failed: bool = False) -> None:
        """Count one call, by the second of the run in which it was due."""
        own = self.seconds.setdefault(f"{clock}/{call}", {})
        second = own.get(due_us // 1_000_000)
        if second is None:
            second = own[due_us // 1_000_000] = Second()
        second.seen.record(latency_us)
        second.failed += failed

    def add(self, other: Series) -> None:
        """Count everything that another worker counted."""
        for key, seconds in other.seconds.items():
            own = self.seconds.setdefault(key, {})
            for number, second in seconds.items():
                kept = own.setdefault(number, Second())
                kept.seen.add(second.seen)
                kept.failed += second.failed

    def over(self, clock: str, call: str | None = None, spans: Sequence[Span] | None = None) -> Second:
        """Return a clock over some seconds as one, of a kind of call or of all; of the whole run if none are named."""
        parts = [
            second
            for key, seconds in self.seconds.items()
            if _fits(key, clock, call)
            for number, second in seconds.items()
            if spans is None or any(start <= number < end for start, end in spans)
        ]
        return Second(merged(part.seen for part in parts), sum(part.failed for part in parts))

    @property
    def calls(self) -> tuple[str, ...]:
        """Kinds of calls that were made, in the order of their names."""
        return tuple(sorted({key.partition("/")[2] for key in self.seconds}))

    def table(self) -> pd.DataFrame:
        """Return one row a second, clock and kind of call.

        Returns
        -------
        pd.DataFrame
            clock, call, second, calls, failed, p50_us, p95_us, p99_us, max_us.
        """
        rows = []
        for key in sorted(self.seconds):
            clock, _, call = key.partition("/")
            for number, second in sorted(self.seconds[key].items()):
                seen = second.seen
                quantiles = [seen.percentile(percent).value for percent in PERCENTILES]
                rows.append((clock, call, number, seen.number, second.failed, *quantiles, seen.most))
        columns = ["clock", "call", "second", "calls", "failed", "p50_us", "p95_us", "p99_us", "max_us"]
        return pd.DataFrame(rows, columns=columns)

    def write(self, file: Path) -> None:
        """Write what one worker recorded."""
        file.write_bytes(msgspec.msgpack.encode(self))

    @classmethod
    def read(cls, file: Path) -> Series:
        """Read what a worker wrote.

        Raises
        ------
        LoadError
            E-load-series-file when it cannot be read, or is not what a worker writes.
        """
        try:
            return msgspec.msgpack.decode(file.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError) as error:
            raise LoadError("E-load-series-file", path=file, reason=error) from error


def together(series: Iterable[Series]) -> Series:
    """Return what all workers recorded as one."""
    whole = Series()
    for one in series:
        whole.add(one)
    return whole


def _fits(key: str, clock: str, call: str | None) -> bool:
    return key == f"{clock}/{call}" if call is not None else key.startswith(f"{clock}/")
