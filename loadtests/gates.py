"""Whether a run can be believed at all: an honest generator, a finished drain, all evidence there and unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from loadtests.calls import Held
from texts import Lang, say


class Gate(StrEnum):
    """What must hold, or nothing can be said."""

    LAG = "lag"
    """Calls went out when they were due."""
    OFFERED = "offered"
    """Every arrival was offered."""
    CPU = "cpu"
    """The generator had processor time to spare."""
    WORKERS = "workers"
    """Every worker lived until the end."""
    SCHEDULE = "schedule"
    """Every worker walked this run's schedule."""
    DRAIN = "drain"
    """Every place was seen with nothing left."""
    EVIDENCE = "evidence"
    """Every file is there, and what it was when it was written."""
    COPIES = "copies"
    """The servers saw what the clients sent, and no copies of the generator's own making."""
    WHOLE = "whole"
    """The run went on to its end; nobody broke it off."""


MOST_LAG_US: Final = 100_000
"""Bound on the 99th percentile of the lag: a tenth of the strictest limit on an inquiry (1 s). Above it what is
measured is the generator's own queue."""
MOST_CPU: Final = 85
"""Percent of a core that a worker may use over the run; above it Locust's own figures were found to be wrong."""


class Passed(Struct, frozen=True):
    """A gate, whether it holds, and what was found; `found` and `allowed` are numbers and names, in no language."""

    gate: Gate
    holds: bool
    found: str = ""
    allowed: str = ""

    def says(self, lang: Lang) -> str:
        """Say whether it holds, with what was found."""
        key = "load.gate.holds" if self.holds else "load.gate.broken"
        said = say(key, lang, gate=say(f"load.gate.{self.gate}", lang))
        detail = [say("load.gate.allowed", lang, allowed=self.allowed)] if self.allowed else []
        detail = [self.found, *detail] if self.found else detail
        return say("load.gate.detail", lang, said=said, detail=", ".join(detail)) if detail else said


class Generator(Struct, frozen=True):
    """What the generator says about itself.

    Attributes
    ----------
    lag_p99_us
        99th percentile of sent - due of arrivals; None when none was sent.
    not_offered
        Arrivals that were due and left out by the safety cap.
    cpu_percent
        Of each worker: processor time over elapsed time.
    broken_off
        Whether somebody stopped the run.
    """

    lag_p99_us: int | None
    not_offered: int
    cpu_percent: Sequence[int]
    broken_off: bool = False


def of_generator(generator: Generator) -> tuple[Passed, ...]:
    """Return the gates of the generator's honesty."""
    lag, cpu = generator.lag_p99_us, max(generator.cpu_percent, default=None)
    found = "" if lag is None else f"{lag / 1000:.1f} ms"
    allowed = f"<= {MOST_LAG_US / 1000:g} ms"
    return (
        Passed(Gate.LAG, lag is not None and lag <= MOST_LAG_US, found, allowed),
        Passed(Gate.OFFERED, generator.not_offered == 0, str(generator.not_offered), "0"),
        Passed(Gate.CPU, cpu is not None and cpu <= MOST_CPU, "" if cpu is None else f"{cpu} %", f"<= {MOST_CPU} %"),
        Passed(Gate.WHOLE, not generator.broken_off),
    )


def of_workers(held: Sequence[Held], workers: int, run: str, schedule: str) -> tuple[Passed, ...]:
    """Return the gates of the ledgers: one whole one of each worker, all of this run and its schedule."""
    lived = {own.opened.worker for own in held if own.opened is not None and own.closed is not None}
    dead = sorted(set(range(workers)) - lived)
    foreign = [
        own.path.name
        for own in held
        if own.opened is None or (own.opened.run, own.opened.schedule, own.opened.workers) != (run, schedule, workers)
    ]
    twice = len(held) != workers
    return (
        Passed(Gate.WORKERS, not dead and not twice, f"{len(lived)} / {len(held)}", f"{workers} / {workers}"),
        Passed(Gate.SCHEDULE, not foreign, ", ".join(foreign), schedule[:12]),
    )


def of_drain(drained: Mapping[str, int], places: Iterable[str]) -> Passed:
    """Return the gate of the drain: the places that were never seen with nothing left."""
    left = sorted(set(places) - set(drained))
    return Passed(Gate.DRAIN, not left, ", ".join(left))


def of_copies(phantoms: int) -> Passed:
    """Return the gate of the generator's own copies."""
    return Passed(Gate.COPIES, phantoms == 0, str(phantoms), "0")


def of_evidence(folder: Path, hashes: Mapping[str, str]) -> Passed:
    """Return the gate of the evidence: every file by name with the SHA-256 that it had when it was written.

    An empty hash is that of a file which was missing already.
    """
    wrong = [name for name, known in sorted(hashes.items()) if not known or digest_of(folder / name) != known]
    return Passed(Gate.EVIDENCE, not wrong and bool(hashes), ", ".join(wrong))


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file; empty when it cannot be read."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""
