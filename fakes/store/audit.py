"""The audit chain: one record a call, each hashed together with the hash before it, so that no record can be changed,
removed or put in without every later hash changing too.
"""

from __future__ import annotations

import hashlib
from typing import Final

from msgspec import Struct
from sqlalchemy import bindparam, select

from fakes.store.statements import Statement
from fakes.store.tables import AUDIT, HEAD
from fakes.store.transaction import View

START: Final = bytes(32)
"""The hash before the first record."""

_NEXT = Statement(select(AUDIT).where(AUDIT.c.seq > bindparam("after")).order_by(AUDIT.c.seq).limit(bindparam("limit")))
_HEAD = Statement(select(HEAD.c.audit_seq, HEAD.c.audit_hash))
_PAGE = 1000


def link(before: bytes, record: bytes) -> bytes:
    """Return the hash of a record in the chain."""
    return hashlib.sha256(before + record).digest()


class Verified(Struct, frozen=True):
    """What a check of the chain found."""

    records: int
    broken_at: int | None = None
    """Number of the first record that does not fit; None if all do."""

    @property
    def whole(self) -> bool:
        """Whether every record fits, and the last one is the one that the head names."""
        return self.broken_at is None


def verify(view: View) -> Verified:
    """Check the whole chain: no number is missing, every hash fits, and it ends where the head says."""
    seq, before = 0, START
    while rows := view.all(_NEXT, after=seq, limit=_PAGE):
        for found, record, fingerprint in rows:
            if found != seq + 1 or not isinstance(record, bytes) or link(before, record) != fingerprint:
                return Verified(seq, seq + 1)
            seq, before = found, fingerprint
    head = view.one(_HEAD)
    if head is None or head != (seq, before):
        return Verified(seq, seq + 1)
    return Verified(seq)


def end_of(view: View) -> bytes:
    """Return the hash at which the chain ends, as the head says."""
    head = view.one(_HEAD)
    if head is None:
        raise ValueError("the store has no head")
    end: bytes = head[1]
    return end
