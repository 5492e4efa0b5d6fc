"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("numpy", "numba", "simpy", "ciw", "salabim", "cimba")


def installed(package: str) -> str:
    """Version of a package, or that it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def machine() -> str:
    """Processor, cores and memory in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB memory, {platform.system()} {platform.machine()}"


def software() -> str:
    """Versions in one line."""
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {installed(name)}" for name in PACKAGES)])


def load() -> float:
    """How many processes wanted a core in the last minute."""
    return os.getloadavg()[0]


def today() -> str:
    """Return the date of the run, UTC."""
    return datetime.now(UTC).date().isoformat()


def _processor() -> str:
    """Model of the processor as Linux tells it."""
    table = Path("/proc/cpuinfo")
    if table.exists():
        for line in table.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"
