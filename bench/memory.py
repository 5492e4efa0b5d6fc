"""How much memory a contestant takes: each in a process of its own, above what was there before it began.

`python -m bench.memory KEY MODEL` prints megabytes; it needs Linux.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.models import Model, queue, tandem
from bench.race import CONTESTANTS

MEGABYTE = 2**20
STATUS, PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def megabytes(key: str, model: str, scale: float = 1.0) -> float | None:
    """Measure in a fresh process; None where it cannot be measured."""
    command = [sys.executable, "-m", "bench.memory", key, model, str(scale)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else None


def drawn(model: str, scale: float = 1.0) -> Model:
    """Draw a model by its name, at full size or at a part of it."""
    if model == "M/M/5":
        return queue(max(1, int(200_000 * scale)))
    return tandem(max(1, int(120 * scale)))


def _peak_above_start(key: str, model: Model) -> float:
    contestant = next(c for c in CONTESTANTS if c.key == key)
    contestant.runner(drawn(model.name, 0.01))()  # compile, import and cache
    PEAK.write_text("5", encoding="ascii")  # forget the peak so far (man 5 proc)
    before = status_bytes("VmRSS")
    contestant.runner(model)()
    return (status_bytes("VmHWM") - before) / MEGABYTE


def status_bytes(name: str) -> int:
    """Bytes of one line of this process's status: VmRSS now, VmHWM at its peak."""
    line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    print(_peak_above_start(sys.argv[1], drawn(sys.argv[2], float(sys.argv[3]))))
