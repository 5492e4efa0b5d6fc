"""Where processes of servers come from: one process that has imported everything once, and does nothing else.

Imports nothing heavy itself, so that whoever starts servers can begin with it and go on importing meanwhile.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.forkserver import ensure_running
from typing import Final

FORKING: Final = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["fakes.serving.process", "aiohttp"])


def warm_up() -> None:
    """Begin to import what servers need."""
    with no_interrupt():
        ensure_running()


@contextmanager
def no_interrupt() -> Iterator[None]:
    """Keep Ctrl-C from processes that are started: it reaches the whole group, and who started them stops them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
