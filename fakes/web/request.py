"""A request as it comes off the wire, and a call: the request together with what has been found out about it."""

from __future__ import annotations

import hashlib
import itertools
import re
import secrets
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from fakes.endpoints.endpoint import Endpoint
from fakes.identifiers import masked
from fakes.messages.answer import Answer
from fakes.refusals import Code, RefusedError
from fakes.store.unit import Decision
from fakes.web.answers import Reason, refusal
from fakes.web.phases import Injection, Injector, Inside
from texts import Lang

_ID: Final = re.compile(rb"[0-9A-Za-z][0-9A-Za-z._:-]{0,63}")
_UUID: Final = re.compile(rb"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""Its last part can be twelve digits, and is nobody's number."""
_KEY: Final = re.compile(rb"[!-~]{1,128}")
_HIGHEST_ATTEMPT: Final = 1_000_000
_COUNT: Final = itertools.count(1)

_encode = msgspec.json.Encoder().encode


class Request(Struct):
    """Bytes and names only; header names are lower case, of repeated headers the last one counts."""

    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]
    body: bytes
    source: str = ""
    """Address of the client."""
    certificate: bytes | None = None
    """Client certificate, DER; None without TLS or without a certificate."""
    encrypted: bool = False
    """Whether it came by TLS."""


class Identity(Struct, frozen=True):
    """Who calls.

    Attributes
    ----------
    actor
        As the log names them: `applicant:TEST…`, `staff:131041:…`, `peer:portal`, `nobody`.
    municipality
        The town that they belong to; empty for others.
    subject
        The card of an applicant, the ID of staff or system.
    authorities
        What they are entitled to.
    """

    actor: str
    municipality: str = ""
    subject: str = ""
    authorities: frozenset[str] = frozenset()


NOBODY: Final = Identity("nobody")


class WebCall:
    """One call. Handlers read `message`, `values`, `identity` and `at`; the store reads the rest for its records.

    Attributes
    ----------
    message
        What was sent, as the endpoint's type; its checks are passed.
    values
        Values out of the path.
    at
        Moment of the scenario, microseconds since 1970.
    settles_s
        Real seconds that the answer waits after the commit, until other processes have seen what it tells.
    """

    __slots__ = (
        *("actor", "at", "attempt", "digest", "endpoint", "fault_id", "identity", "injection", "injector", "key"),
        *("lang", "message", "request", "request_id", "settles_s", "values"),
    )

    def __init__(self, request: Request, at: int) -> None:
        headers = request.headers
        self.request = request
        self.at = at
        self.endpoint: Endpoint | None = None
        self.identity = NOBODY
        self.actor = NOBODY.actor
        self.message: Any = None
        self.values: dict[str, str] = {}
        self.key = ""
        self.digest = b""
        self.fault_id = ""
        self.injection: Injection | None = None
        self.injector: Injector | None = None
        self.settles_s = 0.0
        self.request_id = _request_id(headers.get(b"x-request-id"))
        self.attempt = _attempt(headers.get(b"x-attempt"))
        self.lang: Lang = "en" if headers.get(b"accept-language", b"")[:2] == b"en" else "ja"

    def identified(self, identity: Identity) -> None:
        """Note who calls."""
        self.identity = identity
        self.actor = identity.actor

    def keyed(self) -> None:
        """Take the idempotency key, and digest what must be the same when it comes again.

        Clients make keys of what they like, numbers of people too: so the store gets the SHA-256 of the key only.
        """
        key = self.request.headers.get(b"idempotency-key")
        if key is not None:
            self.key = hashlib.sha256(_checked_key(key)).hexdigest()
            sent = hashlib.sha256(self.request.path.encode())
            sent.update(self.request.body)
            self.digest = sent.digest()

    def struck(self, kind: type[Inside]) -> Inside | None:
        """Return what a fault of one kind makes the handler do wrong; None for nothing.

        Asked once and outside `decide`, which may run again.
        """
        return None if self.injector is None else self.injector.inside(self, kind)

    def refuse(self, refused: RefusedError) -> Answer:
        """Return the answer of a refusal, in the language of the call."""
        return refusal(refused, self.request.path, self.lang)

    def record(self, seq: int, answer: Answer, decision: Decision | None) -> bytes:
        """Return the audit record: who, when, from where, what, about what, with what result. No body, no name."""
        name = self.endpoint.name if self.endpoint is not None else masked(self.request.path)
        subject = decision.subject if decision is not None else ""
        identity = self.identity
        return _encode(
            (
                *(seq, self.at, identity.actor, identity.municipality, self.request.source, self.request.method, name),
                *(subject, answer.status, answer.code, self.request_id, self.attempt, self.fault_id),
            )
        )


def _request_id(given: bytes | None) -> str:
    """Return the client's id, or a new one if there is none or it could hide something."""
    if given is not None and _ID.fullmatch(given):
        text = given.decode()
        if masked(text) == text or _UUID.fullmatch(given):
            return text
    return f"{_process()}-{next(_COUNT):x}"


@cache
def _process() -> str:
    """Return a mark of this process; asked for first by a call, when it has been forked from others already."""
    return secrets.token_hex(8)


def _checked_key(given: bytes) -> bytes:
    if not _KEY.fullmatch(given):
        raise RefusedError(Code.MALFORMED, reason=Reason("key"))
    return given


def _attempt(given: bytes | None) -> int:
    return min(int(given), _HIGHEST_ATTEMPT) if given is not None and given.isdigit() else 1
