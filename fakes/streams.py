"""Named random streams of whole numbers: one per seed and name, and every index has its own place in it.

A draw depends on the seed, the name of the attribute and the index of the person, never on what else is drawn, so that
person 7 is the same whether the others are made or not, in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from math import gcd
from typing import TypeVar

Choice = TypeVar("Choice")


class Stream:
    """The random numbers of one attribute, keyed BLAKE2b of the index."""

    __slots__ = ("_key",)

    def __init__(self, seed: int, name: str) -> None:
        self._key = blake2b(f"{seed}/{name}".encode(), digest_size=32).digest()

    def word(self, index: int) -> int:
        """Return the draw of an index, 0 to 2**128 - 1; reducing it to a smaller range has no bias that anyone sees."""
        digest = blake2b(index.to_bytes(8, "big"), key=self._key, digest_size=16).digest()
        return int.from_bytes(digest, "big")

    def of(self, text: str) -> int:
        """Return the draw of a name, 0 to 2**128 - 1."""
        return int.from_bytes(blake2b(text.encode(), key=self._key, digest_size=16).digest(), "big")

    def below(self, index: int, limit: int) -> int:
        """Return a whole number of 0 to limit - 1."""
        return self.word(index) % limit

    def pick(self, index: int, choices: Sequence[Choice]) -> Choice:
        """Return one of the choices, each as likely as the next."""
        return choices[self.word(index) % len(choices)]


class Weighted:
    """Draws from choices with whole-number weights."""

    __slots__ = ("_bounds", "_total")

    def __init__(self, weights: Sequence[int]) -> None:
        self._bounds = tuple(accumulate(weights))
        self._total = self._bounds[-1]

    def pick(self, stream: Stream, index: int) -> int:
        """Return the position of the choice that the stream draws for that index."""
        drawn = stream.below(index, self._total)
        return next(position for position, bound in enumerate(self._bounds) if drawn < bound)


class Permutation:
    """A seeded one-to-one map of 0 … size - 1 onto itself: two indices never share a number."""

    __slots__ = ("_offset", "_size", "_step")

    def __init__(self, seed: int, name: str, size: int) -> None:
        stream = Stream(seed, name)
        self._size = size
        self._offset = stream.below(0, size)
        step = stream.below(1, size) | 1
        while gcd(step, size) != 1:
            step += 2
        self._step = step

    def __getitem__(self, index: int) -> int:
        if not 0 <= index < self._size:
            raise IndexError(f"0 to {self._size - 1}, not {index}")
        return (self._offset + index * self._step) % self._size

    def index_of(self, number: int) -> int:
        """Return the index whose number this is."""
        if not 0 <= number < self._size:
            raise IndexError(f"0 to {self._size - 1}, not {number}")
        return (number - self._offset) * pow(self._step, -1, self._size) % self._size
