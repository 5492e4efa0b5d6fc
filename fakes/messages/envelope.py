"""The envelope of every JSON answer, and the base of all messages.

The envelope is that of 住登外者宛名番号付番API仕様 第2.0版; public programs of the portal show the same.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType, field

Result = TypeVar("Result")


class Message(Struct, forbid_unknown_fields=True):
    """A request as a client sends it: a field that is not declared is refused."""


class Outcome(Struct):
    """The `result` of an answer."""


class Metadata(Struct, frozen=True):
    """What happened, in words. `access_key` is only in the answer to a login."""

    title: str
    detail: str
    access_key: str | UnsetType = UNSET


class Link(Struct, frozen=True):
    """Where something is."""

    href: str


class Links(Struct, frozen=True, rename={"this": "self"}):
    """`self`, and where the thing that was made can be asked for."""

    this: Link
    reference: Link | UnsetType = UNSET


class Reply(Struct, Generic[Result], frozen=True, rename={"links": "_links"}):
    """An answer of success."""

    metadata: Metadata
    links: Links
    result: Result


class Problem(Struct, frozen=True):
    """One thing that is wrong: a code of `fakes.messages.errors` and a sentence."""

    code: str
    message: str


class Refusal(Struct, frozen=True, rename={"links": "_links"}):
    """An answer of refusal, whatever the status."""

    title: str
    detail: str
    links: Links
    errors: list[Problem] = field(default_factory=list)
    error: str | UnsetType = UNSET
    """What OAuth 2.0 calls it (RFC 6749, 5.2), where it is a refusal of the authorization server."""
