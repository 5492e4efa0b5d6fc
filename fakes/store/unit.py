"""A unit of work: what one call asks of the store, what it decides, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from fakes.messages.answer import Answer
from fakes.refusals import RefusedError
from fakes.store.transaction import Transaction


class EventBody(Struct):
    """What an event of one kind says; its kind is its tag (`class Submitted(EventBody, tag="submitted")`)."""


Body = TypeVar("Body", bound=EventBody)


class Event(Struct, Generic[Body]):
    """Something that happened, as a unit of work decides it; who, when and which request come from the call."""

    subject: str
    """What it happened to: the number of an application, a card, a telegram."""
    body: Body
    municipality: str = ""
    """The town whose business it is."""
    owner: str = ""
    """Owner token of the person whose data these are."""
    document: bytes | None = None
    """What goes with it, kept under the event's number; its digest stands in the log."""
    digest: bytes = b""
    """SHA-256 of the document, or of the one that is delivered."""


class Recorded(Struct, Generic[Body]):
    """An event as it stands in the log: what projections get, live and in a replay."""

    seq: int
    at: int
    kind: str
    subject: str
    municipality: str
    actor: str
    request_id: str
    attempt: int
    owner: str
    digest: bytes
    fault_id: str
    body: Body


class Decision(Struct):
    """What a unit of work comes to: the answer, and what happened."""

    answer: Answer
    events: tuple[Event, ...] = ()  # type: ignore[type-arg]
    subject: str = ""
    """What the call was about, for the audit record."""


Decide = Callable[[Transaction], Decision]
"""Reads through the transaction and decides; runs again if its batch was rolled back, so it changes nothing itself.

May raise `RefusedError`: then nothing happens and the refusal is the answer.
"""


class Call(Protocol):
    """What the store wants to know of the call that a unit of work belongs to."""

    at: int
    actor: str
    request_id: str
    attempt: int
    fault_id: str
    key: str
    """SHA-256 of the idempotency key, hexadecimal; empty for none."""
    digest: bytes
    """Of what was sent, to be compared when the key comes again."""

    def refuse(self, refused: RefusedError) -> Answer:
        """Return the answer of a refusal."""
        ...

    def record(self, seq: int, answer: Answer, decision: Decision | None) -> bytes:
        """Return the audit record."""
        ...


class Unit(Struct):
    """One call's work on its way through the writer."""

    call: Call
    decide: Decide
    by_standby: bool = False
    """Whether it is carried out though another instance leads: it changes nothing."""
