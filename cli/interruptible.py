"""Long work in a thread of its own, so that Ctrl-C is answered at once and not when compiled code returns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_UP_S = 0.2
"""On some systems a wait without an end cannot be interrupted."""


def interruptible(work: Callable[[], T]) -> T:
    """Do some work and return what it returns, or raise what it raises.

    Python hands Ctrl-C to the main thread, and only between two of its own instructions; an engine is one instruction
    of many seconds. The thread ends with the process: what it was doing is given up, so it must write nothing.
    """
    found: list[T] = []
    failed: list[BaseException] = []
    over = threading.Event()

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:
            failed.append(error)
        finally:
            over.set()

    threading.Thread(target=run, daemon=True).start()
    while not over.wait(_LOOK_UP_S):
        pass
    if failed:
        raise failed[0]
    return found[0]
