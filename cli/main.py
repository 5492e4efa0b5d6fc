"""The front door: `hikkoshi …`. Whatever happens ends in one message and an exit code, never in a traceback.

Little is imported above, so that Ctrl-C is answered even while the rest loads.
"""

from __future__ import annotations

import gc
import signal
import sys
import time
import warnings
from collections.abc import Sequence


def main(words: Sequence[str] | None = None) -> int:
    """Carry out a command line and return its exit code.

    Parameters
    ----------
    words
        The command line without the program's name; that of this process if not given.
    """
    typed = list(sys.argv[1:] if words is None else words)
    try:
        if words is None:
            signal.signal(signal.SIGTERM, signal.default_int_handler)  # being told to stop is being interrupted
            gc.set_threshold(*_SELDOM)
        since = (time.perf_counter(), time.process_time() if words is not None else 0.0)
        from cli.dispatch import dispatch

        return dispatch(typed, since)
    except KeyboardInterrupt:
        if words is None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough; let it be tidied up in peace
            warnings.simplefilter("ignore")
        from cli.stopped import interrupted

        return interrupted(typed)
    finally:
        if words is None:
            gc.freeze()  # or Python walks through all libraries once more as it ends: half a second, measured


_SELDOM = (50_000, 20, 50)
"""Python looks for garbage after so many new objects. Loading libraries makes hundreds of thousands that all stay: with
its usual 700 it walked through them again and again, for a tenth of the processor time of a comparison (measured)."""


if __name__ == "__main__":
    sys.exit(main())
