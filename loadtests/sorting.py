"""Sorting more records than memory should hold: chunks sorted and written to disk, then merged as a stream."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import Struct

R = TypeVar("R", bound=Struct)

CHUNK: Final = 100_000
_AT_ONCE: Final = 64
"""So many files are merged at once; more are merged in rounds, so that file handles are bounded too."""


class ExternalSort(Generic[R]):
    """A stream of records by key, however many: holds one chunk in memory, and one record of each file when merging.

    Records with equal keys come out in the order in which they were put in.

    Parameters
    ----------
    kind
        The record type, or a union of them.
    key
        What records are sorted by; keys are compared with each other.
    folder
        Where the chunks are kept; the caller removes it.
    """

    def __init__(self, kind: Any, key: Callable[[R], Any], folder: Path, chunk: int = CHUNK) -> None:
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self._encode = msgspec.msgpack.Encoder().encode
        self._key = key
        self._folder = folder
        self._chunk = chunk
        self._held: list[R] = []
        self._files: list[Path] = []
        self._made = 0
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, record: R) -> None:
        """Take one record in."""
        self._held.append(record)
        if len(self._held) >= self._chunk:
            self._held.sort(key=self._key)
            self._files.append(self._written(iter(self._held)))
            self._held = []

    def __iter__(self) -> Iterator[R]:
        """Yield all records in order; can be done again, also after more were put in."""
        while len(self._files) > _AT_ONCE:
            # Neighbours are merged into their place, so that equal keys keep their order.
            self._files = [self._joined(self._files[at : at + _AT_ONCE]) for at in range(0, len(self._files), _AT_ONCE)]
        held = sorted(self._held, key=self._key)
        yield from heapq.merge(*(self._read(file) for file in self._files), held, key=self._key)

    def _joined(self, files: list[Path]) -> Path:
        joined = self._written(heapq.merge(*(self._read(file) for file in files), key=self._key))
        for file in files:
            file.unlink()
        return joined

    def _written(self, records: Iterator[R]) -> Path:
        path = self._folder / f"{self._made:06d}.chunk"
        self._made += 1
        with path.open("wb") as file:
            for record in records:
                packed = self._encode(record)
                file.write(len(packed).to_bytes(4, "big"))
                file.write(packed)
        return path

    def _read(self, path: Path) -> Iterator[R]:
        with path.open("rb") as file:
            while head := file.read(4):
                yield self._decode(file.read(int.from_bytes(head, "big")))
