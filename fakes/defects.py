"""Seeded defects: known bugs that can be switched on, to prove that a load test and its reconciliation see them.

Off unless named. Each is a few lines at one place of a server, found by its name: `if defects.on("batch-cut")`. A
server that runs with any says so in every answer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from fakes.faults.effects import Phase
from fakes.servers import Server
from scenarios.checking import nearest
from texts import Lang, say

HEADER: Final = "X-Seeded-Defects"


class Finding(StrEnum):
    """What a reconciliation of ledgers, logs and measurements reports."""

    LOST = "lost"
    """Acknowledged to the applicant and never delivered."""
    DUPLICATED = "duplicated"
    """Delivered or stored twice without a label."""
    MISROUTED = "misrouted"
    """Delivered to another municipality."""
    CROSSTALK = "crosstalk"
    """An answer that belongs to somebody else."""
    CORRUPTED = "corrupted"
    """Delivered with another digest than was sent."""
    UNEXPECTED = "unexpected"
    """Accepted or delivered although the rules refuse it."""
    OUT_OF_ORDER = "out_of_order"
    """A person's telegrams in another order than they were sent."""
    STALE = "stale"
    """An answer that is older than what was acknowledged before."""
    FALSE_ERROR = "false_error"
    """Told to have failed, and done all the same."""
    UNAUDITED = "unaudited"
    """A call without an audit record."""
    SLOW = "slow"
    """Answers over the limit of time."""
    GROWTH = "growth"
    """Memory, or time with the size of the store, that goes on growing."""


class Defect(NamedTuple):
    """One bug.

    Attributes
    ----------
    name
        How it is switched on.
    server, phase
        Where it bites, and when in the life of a call.
    finding
        What must be reported when it is on, and nothing else.
    """

    name: str
    server: Server
    phase: Phase
    finding: Finding

    def label(self, lang: Lang) -> str:
        """Say what the server does wrong, in one sentence."""
        return say(f"defect.{self.name}", lang)


_P, _J, _W = Server.PORTAL, Server.JLIS, Server.WARD
_BEFORE, _COMMITTED, _ANSWER, _INSIDE = Phase.BEFORE, Phase.COMMITTED, Phase.ANSWER, Phase.INSIDE

DEFECTS: Final[dict[str, Defect]] = {
    defect.name: defect
    for defect in (
        Defect("ack-before-commit", _P, _ANSWER, Finding.LOST),
        Defect("lost-after-ack", _P, _COMMITTED, Finding.LOST),
        Defect("double-delivery", _J, _INSIDE, Finding.DUPLICATED),
        Defect("idempotency-ignored", _P, _BEFORE, Finding.DUPLICATED),
        Defect("idempotency-body-unchecked", _P, _BEFORE, Finding.UNEXPECTED),
        Defect("crosstalk-timeout", _W, _INSIDE, Finding.CROSSTALK),
        Defect("same-instant-overwrite", _P, _INSIDE, Finding.LOST),
        Defect("misroute-old-address", _J, _INSIDE, Finding.MISROUTED),
        Defect("truncated-name", _J, _INSIDE, Finding.CORRUPTED),
        Defect("stale-standby", _J, _INSIDE, Finding.STALE),
        Defect("cursor-skips", _J, _INSIDE, Finding.LOST),
        Defect("ack-wrong-one", _J, _INSIDE, Finding.LOST),
        Defect("batch-cut", _J, _INSIDE, Finding.LOST),
        Defect("stall", _P, _BEFORE, Finding.SLOW),
        Defect("slow-with-size", _P, _INSIDE, Finding.GROWTH),
        Defect("memory-growth", _P, _INSIDE, Finding.GROWTH),
        Defect("stored-but-500", _P, _COMMITTED, Finding.FALSE_ERROR),
        Defect("unaudited-call", _W, _INSIDE, Finding.UNAUDITED),
        Defect("revoked-accepted", _P, _INSIDE, Finding.UNEXPECTED),
        Defect("out-of-order-telegram", _J, _INSIDE, Finding.OUT_OF_ORDER),
        Defect("partial-household", _W, _INSIDE, Finding.CORRUPTED),
        Defect("stale-status", _P, _INSIDE, Finding.STALE),
    )
}
"""All of them, by name."""


class UnknownDefectError(ValueError):
    """A name that no defect has."""

    code = "E-defect-unknown"

    def __init__(self, found: str) -> None:
        self.found = found
        self.suggestion = nearest(found, DEFECTS)
        super().__init__(self.say("en"))

    def say(self, lang: Lang) -> str:
        """Return the message in one language, with the name that was probably meant."""
        if self.suggestion is None:
            return say(self.code, lang, found=self.found, allowed=", ".join(DEFECTS))
        meant = say("errors.did_you_mean", lang, suggestion=self.suggestion)
        return f"{say('E-defect-unknown-near', lang, found=self.found)} {meant}"


class Defects:
    """The defects that are on in a server.

    Raises
    ------
    UnknownDefectError
        For a name that no defect has.
    """

    __slots__ = ("_on",)

    def __init__(self, *names: str) -> None:
        for name in names:
            if name not in DEFECTS:
                raise UnknownDefectError(name)
        self._on = frozenset(names)

    @classmethod
    def parse(cls, text: str) -> Defects:
        """Return the defects of a comma list; spaces, empty places and repetitions do not matter.

        Raises
        ------
        UnknownDefectError
            For the first name that no defect has.
        """
        return cls(*(name for part in text.split(",") if (name := part.strip())))

    def on(self, name: str) -> bool:
        """Whether a defect is on."""
        return name in self._on

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are on, in the order of the table."""
        return tuple(name for name in DEFECTS if name in self._on)

    @property
    def header(self) -> str:
        """Value of the header `X-Seeded-Defects`; empty when none is on, and then there is no header."""
        return ",".join(self.names)

    def __bool__(self) -> bool:
        return bool(self._on)
