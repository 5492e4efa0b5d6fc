"""What a run of Locust took, told at its end: calls, seconds of the clock and of the processor, percentiles."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Final

MARK: Final = "BENCH "


def tell() -> None:
    """Let Locust tell it in one line of standard output that begins with MARK."""
    from locust import events  # noqa: PLC0415 - it patches whoever imports it; who only looks for MARK stays as it is

    since: list[float] = []
    bus: Any = events

    def started(**_: Any) -> None:
        since[:] = [time.monotonic(), time.process_time()]

    def stopped(environment: Any, **_: Any) -> None:
        stats = environment.stats.get("pulse", os.environ.get("BENCH_METHOD", "GET"))
        told = {
            "calls": stats.num_requests,
            "failed": stats.num_failures,
            "seconds": time.monotonic() - since[0],
            "cpu_s": time.process_time() - since[1],
            "p95_ms": stats.get_response_time_percentile(0.95),
            "p99_ms": stats.get_response_time_percentile(0.99),
            "max_ms": stats.max_response_time,
        }
        os.write(1, (MARK + json.dumps(told) + "\n").encode())

    bus.test_start.add_listener(started)
    bus.test_stop.add_listener(stopped)
