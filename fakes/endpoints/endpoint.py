"""What an endpoint is: one row of the table from which routing, checks, OpenAPI documents and these pages follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from fakes.refusals import Code
from fakes.servers import Server


class Caller(StrEnum):
    """Who may call, and how they show who they are (`fakes.web.authentication`)."""

    ANYBODY = "anybody"
    PROVIDER = "provider"
    """A private-sector portal: `X-Provider-Id` and `X-Access-Key`."""
    APPLICANT = "applicant"
    """`X-Access-Key` of an applicant's login, or of a provider on an applicant's behalf."""
    PEER = "peer"
    """A system by its client certificate, on the allow-list."""
    STAFF = "staff"
    """A person or link server of a town: client certificate of the town and a bearer token."""
    SYSTEM = "system"
    """A system by a bearer token with scopes (OAuth 2.0)."""
    OPERATOR = "operator"
    """Who runs the rehearsal: control of faults, reading of logs. Bearer token of the control key."""


class BodyKind(StrEnum):
    """How the message comes."""

    NONE = ""
    QUERY = "query"
    JSON = "application/json"
    FORM = "application/x-www-form-urlencoded"
    MULTIPART = "multipart/form-data"
    OCSP = "application/ocsp-request"


KIB: Final = 1024
MIB: Final = 1024 * KIB
SMALL: Final = 64 * KIB
"""Largest body where nothing is attached."""

PATH_VALUES: Final[dict[str, str]] = {
    "reference_number": r"^[0-9]{17}$",
    "telegram": r"^[0-9A-Za-z-]{1,40}$",
    "id": r"^[0-9A-Za-z-]{1,64}$",
    "fault": r"^[0-9A-Za-z._-]{1,64}$",
}
"""What a value in a path looks like, by its name; another one is answered 404."""

ALWAYS: Final = (
    *(Code.NOT_FOUND, Code.WRONG_METHOD, Code.TOO_LARGE, Code.HEADERS_TOO_LARGE, Code.TOO_MANY),
    *(Code.UNEXPECTED, Code.BUSY, Code.STORE_DOWN),
)
"""Refusals that any endpoint can give."""

OF_BODY: Final = (Code.MALFORMED, Code.REQUIRED, Code.CHARACTERS, Code.LENGTH, Code.TOO_LONG)
"""Refusals of any endpoint that takes a message."""

_OF_CALLER: Final[dict[Caller, tuple[Code, ...]]] = {
    Caller.ANYBODY: (),
    Caller.PROVIDER: (Code.KEY_FORMAT, Code.NO_KEY),
    Caller.APPLICANT: (Code.KEY_FORMAT, Code.NO_KEY),
    Caller.PEER: (Code.UNKNOWN_PEER, Code.NOT_ALLOWED),
    Caller.STAFF: (Code.UNKNOWN_PEER, Code.NOT_AUTHENTICATED, Code.NOT_ALLOWED),
    Caller.SYSTEM: (Code.NOT_AUTHENTICATED, Code.NOT_ALLOWED),
    Caller.OPERATOR: (Code.NOT_AUTHENTICATED,),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the table.

    Attributes
    ----------
    name
        Unique on its server; the handler is registered under it, and audit records and faults name it.
    message
        Type of the message; None if there is none.
    answers
        Status of success → type of `result`; None for an answer without JSON (see `media`).
    refusals
        Codes that this endpoint gives beside those that follow from caller and body.
    changes
        Whether it changes state: then it takes an `Idempotency-Key`.
    synthetic
        Whether what is sent must carry `X-Test-Data: synthetic`.
    limit
        Largest body, bytes.
    authority
        What staff, or a peer, need to be entitled to; empty for any of them.
    bare
        Whether answers of success come without the envelope, because a standard says what they look like.
    by_standby
        Whether an instance that does not lead answers it too.
    assumed
        Whether path or fields are our assumption (interfaces.md marks it A, or does not know it).
    """

    server: Server
    name: str
    method: str
    path: str
    caller: Caller
    summary: str
    body: BodyKind = BodyKind.NONE
    message: type[Struct] | None = None
    answers: dict[int, Any] = field(default_factory=dict)
    media: str = "application/json"
    refusals: tuple[Code, ...] = ()
    changes: bool = False
    synthetic: bool = False
    limit: int = SMALL
    authority: str = ""
    bare: bool = False
    by_standby: bool = False
    assumed: bool = True

    @property
    def codes(self) -> tuple[Code, ...]:
        """Every refusal that it can give."""
        of_body = OF_BODY if self.message is not None else ()
        of_media = (Code.MEDIA_TYPE,) if self.body not in {BodyKind.NONE, BodyKind.QUERY} else ()
        of_key = (Code.KEY_REUSED, Code.MALFORMED) if self.changes else ()
        of_mark = (Code.UNMARKED,) if self.synthetic else ()
        everything = (
            *(*ALWAYS, *_OF_CALLER[self.caller], *of_body, *of_media, *of_key, *of_mark),
            *self.refusals,
        )
        return tuple(dict.fromkeys(everything))
