"""What the servers say happened, in one neutral form: whoever reads their logs makes these, reconciliation takes them.

Moments are microseconds of the scenario since the run began, as the servers stamped them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What a server's log can say."""

    SEEN = "seen"
    """A copy of a request came in."""
    AUDITED = "audited"
    """A call left an audit record."""
    STORED = "stored"
    """A client's request was carried out: something was kept under a number."""
    SENT = "sent"
    """A town handed in a telegram, which the relay promised to hand over."""
    HANDED_OVER = "handed_over"
    """The relay gave something to a town."""
    RECEIVED = "received"
    """A town has taken something in."""
    ENDED = "ended"
    """What was not handed over to a town yet never will be: the applicant took it back, or it ended otherwise."""
    STATE = "state"
    """From then on an application is in this state, as its server says."""


class Fact(Struct, frozen=True, tag="fact", omit_defaults=True):
    """One thing that a server's log says; what does not apply is empty.

    Attributes
    ----------
    kind, server, at, seq
        What, who says so, when, and its place in that server's log.
    request, attempt
        Of the call in which it happened.
    reference, part
        Number that it is about, and which part of what was filed: "stored", "out", "visit", "telegram".
    number, edition
        Of a telegram in the order of its sender about the person, and how often it was sent.
    town
        Where it was handed over to, received or stored; for a telegram that was sent, where it has to arrive.
    owner, digest, members
        Owner token, digest of the document, people in it.
    state
        Of the application.
    repeated
        Labelled as a repetition, which makes it legal.
    signed
        Whether it came of a signature that the server says it verified.
    fault
        Id of the injected fault that was at work.
    """

    kind: Kind
    server: str
    at: int
    seq: int = 0
    request: str = ""
    attempt: int = 0
    reference: str = ""
    part: str = ""
    number: int = 0
    edition: int = 1
    town: str = ""
    owner: str = ""
    digest: str = ""
    members: int = 0
    state: str = ""
    repeated: bool = False
    signed: bool = False
    fault: str = ""


class FaultSpan(Struct, frozen=True):
    """A fault that was injected, and when it was at work, microseconds of the scenario since the run began."""

    id: str
    server: str
    start: int
    end: int


class Setting(Struct, frozen=True):
    """What a reconciliation has to know about the run.

    Attributes
    ----------
    speed
        Scenario microseconds in a real one; times of ledgers are real, those of servers the scenario's.
    drained
        When a place (a town, or "portal") was last seen with nothing left to hand over to it; a place that is missing
        never was.
    audited
        Servers whose audit records were read.
    late_after
        Longest time from the acknowledgement to the arrival, microseconds of the scenario.
    visible_after
        A state must show in every answer to a call that was sent so long after its stamp: what a group commit may
        take, microseconds of the scenario.
    faults
        What was injected.
    """

    speed: float
    drained: Mapping[str, int]
    audited: frozenset[str] = frozenset()
    late_after: int = 2 * 3600 * 1_000_000
    visible_after: int = 500_000
    faults: tuple[FaultSpan, ...] = ()

    def scenario(self, real: int) -> int:
        """Return a moment of a ledger on the scenario's clock."""
        return round(real * self.speed)
