"""Documents of events, sealed: packages and telegrams hold numbers of people, which stand nowhere in clear.

Sealed by AES-GCM under a key among the secrets of the store, so that a copy of the documents, of the log, or of what a
database leaves behind in its files says nothing without it. Whoever has the whole store has the key too.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, select

from fakes.store.statements import Statement
from fakes.store.tables import DOCUMENT, SECRET
from fakes.store.transaction import View

DOCUMENTS: Final = "documents"
"""Name of the key."""

_NONCE: Final = 12
_KEY = Statement(select(SECRET.c.content).where(SECRET.c.name == bindparam("named")))
_CONTENT = Statement(select(DOCUMENT.c.content).where(DOCUMENT.c.seq == bindparam("event")))


class Sealing:
    """Seals the documents of one store; reads the key once."""

    def __init__(self) -> None:
        self._key: AESGCM | None = None

    def seal(self, view: View, event: int, content: bytes) -> bytes:
        """Return the document of an event as it is kept."""
        if self._key is None:
            self._key = _key_of(view)
        nonce = os.urandom(_NONCE)
        return nonce + self._key.encrypt(nonce, content, _bound(event))


def opened(view: View, event: int, sealed: bytes) -> bytes:
    """Return the document of an event out of what is kept.

    Raises
    ------
    cryptography.exceptions.InvalidTag
        When it was changed, or belongs to another event.
    """
    return _key_of(view).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(event))


def read_document(view: View, event: int) -> bytes | None:
    """Return the document of an event; None if it has none. Errors as `opened`."""
    row = view.one(_CONTENT, event=event)
    return None if row is None else opened(view, event, row[0])


def _key_of(view: View) -> AESGCM:
    row = view.one(_KEY, named=DOCUMENTS)
    if row is None:
        raise LookupError("the store was prepared without the key of its documents")
    return _cipher(bytes(row[0]))


@lru_cache(16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def _bound(event: int) -> bytes:
    return event.to_bytes(8)
