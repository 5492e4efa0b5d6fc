"""How much processor time each stage of a replication takes; measured always, because it costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time
from typing import Literal, get_args

Stage = Literal["demand", "program", "engine", "measures"]
STAGES: tuple[Stage, ...] = get_args(Stage)

Seconds = dict[Stage, float]
"""Processor seconds of the thread that did the work."""


@contextmanager
def timed(seconds: Seconds, stage: Stage) -> Iterator[None]:
    """Add the processor time of the block to a stage."""
    start = thread_time()
    try:
        yield
    finally:
        seconds[stage] = seconds.get(stage, 0.0) + thread_time() - start


def together(parts: list[Seconds]) -> Seconds:
    """Add up the seconds of many replications."""
    return {stage: sum(part.get(stage, 0.0) for part in parts) for stage in STAGES}
