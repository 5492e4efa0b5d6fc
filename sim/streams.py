"""Named random streams: one per replication and name, the same in every scenario (common random numbers).

A household's draw depends on the seed, the replication, the name of the attribute and its own place in line, never on
what else is drawn. So two scenarios differ by what they changed and by nothing else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from sim.program import Floats

SPAWNING_RULE = "Philox(SeedSequence(seed, spawn_key=(replication, two words of SHA-256(name))))"


@dataclass(frozen=True, slots=True)
class Streams:
    """All random numbers of one replication, by name."""

    seed: int
    replication: int

    def generator(self, name: str) -> np.random.Generator:
        """Return a fresh generator at the start of the stream of that name."""
        digest = hashlib.sha256(name.encode()).digest()
        words = (int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big"))
        sequence = np.random.SeedSequence(self.seed, spawn_key=(self.replication, *words))
        return np.random.Generator(np.random.Philox(sequence))

    def uniform(self, name: str, size: int) -> Floats:
        """Return the first `size` numbers of a stream, uniform on [0, 1); a longer call begins with the same ones."""
        return self.generator(name).random(size)
