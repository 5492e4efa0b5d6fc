"""Access tokens that a server can check by itself: what they say, and a keyed hash over it (HMAC-SHA-256).

The key is in the store, so that every process and a restarted one know a token. Nothing is looked up.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final

import msgspec
from msgspec import Struct

_TAG: Final = 16
_LONGEST: Final = 2048
_MICROS: Final = 1_000_000


class Token(Struct, frozen=True, array_like=True):
    """What a token says.

    Attributes
    ----------
    kind
        Which sort of caller it is for: `applicant`, `provider`, `staff`, `system`, `operator`.
    subject, municipality, authorities
        As in `Identity`.
    until
        When it ends, microseconds since 1970.
    number
        Of the login, so that two are never the same and one can be named.
    """

    kind: str
    subject: str
    municipality: str
    authorities: tuple[str, ...]
    until: int
    number: str


class Tokens:
    """Issues and checks the tokens of one server.

    Parameters
    ----------
    key
        Secret of the store.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Token).decode

    def issue(self, token: Token) -> str:
        """Return a token as text."""
        said = self._encode(token)
        return base64.urlsafe_b64encode(self._tag(said) + said).rstrip(b"=").decode()

    def check(self, text: bytes, kinds: tuple[str, ...], at: int) -> Token | None:
        """Return what a token says; None if it is not ours, for another sort of caller, or has ended."""
        if len(text) > _LONGEST:
            return None
        try:
            raw = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            return None
        tag, said = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(said)):
            return None
        token = self._decode(said)
        return token if token.kind in kinds and at < token.until else None

    def _tag(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")[:_TAG]


def ends(at: int, seconds: int) -> int:
    """Return when a token of so many seconds ends."""
    return at + seconds * _MICROS
