"""Where compiled functions are kept: a folder for each state of their sources.

Numba looks at the file of a function alone. A function of one file has those of others built in, so after a change in
one of them it would go on with the old rule. Imported before the first compiled function is.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from numba import config

SOURCES = (
    "program.py",
    "kernels.py",
    "laws.py",
    "levels.py",
    "occupancy.py",
    "rules.py",
    "engines/agenda.py",
    "engines/compiled.py",
    "engines/world.py",
    "measures/systems.py",
    "measures/visits.py",
)
"""Files of this room with compiled functions, or with numbers that are built into them."""

_ROOM = Path(__file__).parent
_TEMPORARY: list[tempfile.TemporaryDirectory[str]] = []
"""Temporary folders go when the process ends."""


def digest() -> str:
    """Return a name for the present state of the sources."""
    found = hashlib.sha256()
    for name in SOURCES:
        found.update((_ROOM / name).read_bytes())
    return found.hexdigest()[:16]


def _kept() -> bool:
    """Choose the folder: NUMBA_CACHE_DIR, beside the sources, or the user's cache; False for a temporary one."""
    own = os.environ.get("NUMBA_CACHE_DIR")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hikkoshi"
    for base in (Path(own),) if own else (_ROOM / "__pycache__", cache):
        folder = base / f"compiled-{digest()}"
        if _writable(folder):
            config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
            return True
    temporary = tempfile.TemporaryDirectory(prefix="hikkoshi-")
    _TEMPORARY.append(temporary)
    os.environ["NUMBA_CACHE_DIR"] = temporary.name  # for workers
    config.CACHE_DIR = temporary.name  # type: ignore[attr-defined]  # for this process
    return False


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


KEPT = _kept()
"""False where compiled functions are lost when this process and its workers end."""
