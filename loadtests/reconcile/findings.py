"""What a reconciliation reports: kinds of findings, how grave each is, lines with witnesses, the power of a zero."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

from msgspec import Struct

from texts import Lang, say


class Finding(StrEnum):
    """Kinds of findings; those that a seeded defect must lead to have the names of `fakes.defects.Finding`."""

    LOST = "lost"
    """Acknowledged to the client, and not where it belongs although that place says that nothing is left."""
    DUPLICATED = "duplicated"
    """Handed over, received or stored more than once without a label."""
    MISROUTED = "misrouted"
    """Handed over to a place that it is not for."""
    CROSSTALK = "crosstalk"
    """An answer or a document with the owner token of somebody else."""
    CORRUPTED = "corrupted"
    """Another digest, other people, or a state that never was."""
    UNEXPECTED = "unexpected"
    """Carried out although nobody asked, or although the rules refuse it."""
    OUT_OF_ORDER = "out_of_order"
    """A person's telegrams in another order than they were sent."""
    STALE = "stale"
    """An answer that is older than what held when it was asked for."""
    FALSE_ERROR = "false_error"
    """The server says that it failed, and did it, without a fault that explains it."""
    UNAUDITED = "unaudited"
    """A call without an audit record."""
    STUCK = "stuck"
    """Acknowledged, not where it belongs, and the place was not drained: nobody can say that it is lost."""
    LATE = "late"
    """Arrived after the limit."""
    SLOW = "slow"
    """Stood still while calls were waiting, without a fault that explains it."""
    GROWTH = "growth"
    """Memory, or time with the size of the store, that goes on growing."""
    PHANTOM = "phantom"
    """A server saw more copies of a call than the client sent: the generator's own doing."""
    RECOVERED = "recovered"
    """No answer came, and it was done all the same: legal, and counted."""

    def label(self, lang: Lang) -> str:
        """Return the name in one language."""
        return say(f"finding.{self}", lang)


FAULTY: Final = frozenset(
    {
        Finding.LOST,
        Finding.DUPLICATED,
        Finding.MISROUTED,
        Finding.CROSSTALK,
        Finding.CORRUPTED,
        Finding.UNEXPECTED,
        Finding.OUT_OF_ORDER,
        Finding.STALE,
        Finding.FALSE_ERROR,
        Finding.UNAUDITED,
    }
)
"""Data are wrong."""
TOO_WEAK: Final = frozenset({Finding.LATE, Finding.SLOW, Finding.GROWTH})
"""The data are right, and the servers do not keep up."""
NO_EVIDENCE: Final = frozenset({Finding.STUCK, Finding.PHANTOM})
"""The run itself proves nothing: it ended too early, or the generator made copies."""


class Moment(Struct, frozen=True):
    """One thing of a history: when (microseconds of the scenario), who says so, what."""

    at: int
    source: str
    what: str


class Witness(Struct, frozen=True):
    """One case of a finding.

    Attributes
    ----------
    reference, request, application
        Receipt number, request id and the client's own name, as far as they are known.
    part, place
        Which part of what was filed, and where it belongs.
    at
        When it went wrong, as near as can be said.
    expected, found
        What should have been, and what was.
    client, server
        Both histories, in the order of time.
    faults
        Ids of injected faults that were at work then.
    nearest
        The record that comes nearest to what is missing: the same document elsewhere, else the neighbour in time.
    """

    finding: Finding
    at: int
    reference: str = ""
    request: str = ""
    application: str = ""
    part: str = ""
    place: str = ""
    expected: str = ""
    found: str = ""
    client: tuple[Moment, ...] = ()
    server: tuple[Moment, ...] = ()
    faults: tuple[str, ...] = ()
    nearest: Moment | None = None


class Line(Struct, frozen=True):
    """One line of the table.

    Attributes
    ----------
    count, checked
        Cases, and how many could have been one.
    witnesses
        The first cases.
    """

    finding: Finding
    count: int
    checked: int
    witnesses: tuple[Witness, ...] = ()

    @property
    def rarer(self) -> int:
        """Of a zero: the N for which one in N would have shown with 95 %; 0 when nothing was checked."""
        return rarer_than(self.checked)

    def says(self, lang: Lang, confidence: float = 0.95) -> str:
        """Say the count; of a zero, what it could not have seen."""
        name = self.finding.label(lang)
        if self.count:
            return say("load.line.found", lang, name=name, count=f"{self.count:,}", checked=f"{self.checked:,}")
        if not (rarer := rarer_than(self.checked, confidence)):
            return say("load.line.nothing_checked", lang, name=name)
        percent = f"{100 * confidence:g}"
        return say("load.line.none", lang, name=name, checked=f"{self.checked:,}", rarer=f"{rarer:,}", percent=percent)


def rarer_than(checked: int, confidence: float = 0.95) -> int:
    """Return the N for which a share of 1 in N would have shown at least once, with this confidence, in `checked`.

    Of a share p, none shows in n with probability (1 - p)^n; so the largest p that is left is
    1 - (1 - confidence)^(1/n) (for 95 % about 3/n, the rule of three). 0 when nothing was checked.
    """
    if checked <= 0:
        return 0
    return math.floor(-1 / math.expm1(math.log1p(-confidence) / checked))


def seen_with(checked: int, one_in: int) -> float:
    """Return the probability that a fault of one in so many shows in `checked`: 1 - (1 - 1/N)^n."""
    return -math.expm1(checked * math.log1p(-1 / one_in)) if one_in > 1 else float(checked > 0)
