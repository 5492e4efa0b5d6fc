"""Seeded defects that weigh on every call of a process: it stands still, it keeps memory, it gets slower."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from fakes.defects import Defects
from fakes.store.store import Store

STALL_S: Final = 2.0
_MICRO: Final = 1e-6
_KIB: Final = 1024


class Burden:
    """What calls bear before they are handled.

    Parameters
    ----------
    defects, store
        Of the server.
    """

    def __init__(self, defects: Defects, store: Store) -> None:
        self._defects = defects
        self._store = store
        self._kept: list[bytes] = []
        self._stalls_at = 0.0
        if defects.on("stall"):  # seeded defect: the whole process stops, every so many seconds
            self._stalls_at = time.monotonic() + defects.amount("stall")

    async def bear(self) -> None:
        """Carry out what is on."""
        if self._stalls_at and time.monotonic() >= self._stalls_at:
            time.sleep(STALL_S)  # not asyncio.sleep: nobody else goes on
            self._stalls_at = time.monotonic() + self._defects.amount("stall")
        if self._defects.on("memory-growth"):  # seeded defect: something of every call is kept
            self._kept.append(b"\xff" * (self._defects.amount("memory-growth") * _KIB))
        if self._defects.on("slow-with-size"):  # seeded defect: every call looks at all that is stored
            await asyncio.sleep(self._store.size * self._defects.amount("slow-with-size") * _MICRO)
