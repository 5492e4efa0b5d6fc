"""Numbers of applications: the temporary number (仮受付番号, 20 digits) and the receipt number (受付番号, 17 digits).

Both are the day and a serial number, and the serial numbers are what makes them unique: a process reserves a block of
them from the store (one row that only grows) and hands out each once. No clock takes part, so two submissions in one
instant, on one process or on many, after a restart or under a clock that jumps, cannot share a number. A block that a
killed process leaves behind is a gap.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Final

from fakes.refusals import Code, RefusedError

TEMPORARY_DIGITS: Final = 20
RECEIPT_DIGITS: Final = 17
_DAY_DIGITS = 8


def temporary_number(day: date, serial: int) -> str:
    """Return a temporary number: YYYYMMDD and twelve digits."""
    return _numbered(day, serial, TEMPORARY_DIGITS)


def receipt_number(day: date, serial: int) -> str:
    """Return a receipt number: YYYYMMDD and nine digits."""
    return _numbered(day, serial, RECEIPT_DIGITS)


def _numbered(day: date, serial: int, digits: int) -> str:
    rest = digits - _DAY_DIGITS
    if not 0 <= serial < 10**rest:
        raise ValueError(f"serial numbers have at most {rest} digits, not {serial}")
    return f"{day:%Y%m%d}{serial:0{rest}d}"


def checked_temporary_number(text: str) -> str:
    """Return a temporary number of the right form; raises E0001, E0002, E0003."""
    return _checked(text, TEMPORARY_DIGITS, "temporary_reference_number")


def checked_receipt_number(text: str) -> str:
    """Return a receipt number of the right form; raises E0001, E0002, E0003."""
    return _checked(text, RECEIPT_DIGITS, "reference_number")


def _checked(text: str, length: int, item: str) -> str:
    if not text:
        raise RefusedError(Code.REQUIRED, item)
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(Code.CHARACTERS, item)
    if len(text) != length:
        raise RefusedError(Code.LENGTH, item, length=length)
    return text


class Serials:
    """Serial numbers of one process, taken in blocks; any thread may ask.

    Parameters
    ----------
    reserve
        Takes a size and returns the first of that many numbers that nobody ever had or gets: for the store, one
        statement that adds the size to a row and returns what it was.
    size
        Numbers per block.
    """

    def __init__(self, reserve: Callable[[int], int], size: int = 1000) -> None:
        self._reserve = reserve
        self._size = size
        self._next = self._end = 0
        self._lock = threading.Lock()

    def take(self) -> int:
        """Return a number that was never returned before, by any process on the same store."""
        with self._lock:
            if self._next == self._end:
                self._next = self._reserve(self._size)
                self._end = self._next + self._size
            taken = self._next
            self._next += 1
            return taken
