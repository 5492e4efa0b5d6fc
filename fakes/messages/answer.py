"""What leaves a server: status, headers, body. No framework type, so that the core and the store can hold it."""

from __future__ import annotations

from msgspec import Struct

JSON = b"application/json"
Header = tuple[bytes, bytes]


class Answer(Struct):
    """An answer, before the headers that every answer carries."""

    status: int
    body: bytes = b""
    content_type: bytes = JSON
    headers: tuple[Header, ...] = ()
    code: str = ""
    """Code of the refusal, for the audit record; empty for success."""
