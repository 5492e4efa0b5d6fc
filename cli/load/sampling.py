"""What the servers' processes take while a run goes on: memory and processor time, as the system counts them."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from loadtests.burdens import Sample

_PROC = Path("/proc")


class Sampler:
    """Looks at processes now and then; on a system without /proc it finds nothing.

    Parameters
    ----------
    begin_at_us
        Real moment at which the run begins, microseconds since 1970.
    """

    def __init__(self, begin_at_us: int) -> None:
        self._zero = begin_at_us / 1e6
        self._before: dict[str, tuple[float, float]] = {}
        self.samples: list[Sample] = []

    def look(self, processes: Mapping[str, Sequence[int]]) -> None:
        """Take a sample of each server: its name, and its processes."""
        for server, pids in processes.items():
            taken = [found for pid in pids if (found := _taken(pid)) is not None]
            if not taken:
                continue
            now, cpu = time.time(), sum(seconds for _, seconds in taken)
            then, used = self._before.get(server, (now, cpu))
            percent = 100 * max(0.0, cpu - used) / (now - then) if now > then else 0.0
            self._before[server] = now, cpu
            memory = sum(resident for resident, _ in taken)
            self.samples.append(Sample(server, round(now - self._zero, 3), memory, round(percent, 1)))


def _taken(pid: int) -> tuple[int, float] | None:
    """Return resident bytes and processor seconds of a process; None when it is gone, or nobody can say."""
    try:
        pages = int((_PROC / str(pid) / "statm").read_text().split()[1])
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError, IndexError):
        return None
    user, system = int(fields[11]), int(fields[12])
    return pages * os.sysconf("SC_PAGE_SIZE"), (user + system) / os.sysconf("SC_CLK_TCK")
