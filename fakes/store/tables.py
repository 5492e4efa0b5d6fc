"""The tables that every server has: the log, its documents, idempotency, the audit chain, and where both chains end.

A server's own tables are projections of the log (`fakes/<server>/tables.py`). Moments are whole microseconds since
1970 (scenario time); digests are SHA-256. Only integers, text and bytes, so that both databases store the same.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

COMMON: Final = MetaData()
"""Tables of every server."""

Moment = BigInteger
Sequence = BigInteger().with_variant(Integer, "sqlite")
"""Numbers rows; in SQLite a plain INTEGER, so that the row id itself is the key."""

EVENT: Final = Table(
    "event",
    COMMON,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("municipality", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("request_id", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("owner", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("fault_id", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""What happened, in order; nothing is ever changed or removed."""

DOCUMENT: Final = Table(
    "document",
    COMMON,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
"""The document of an event (package, signature), under the event's number; sealed: `fakes.store.documents`."""

IDEMPOTENCY: Final = Table(
    "idempotency",
    COMMON,
    Column("actor", String, nullable=False),
    Column("key", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Index("idempotency_key", "actor", "key", unique=True),
)
"""The answer that a key (its SHA-256) was given, and what it was given for."""

AUDIT: Final = Table(
    "audit",
    COMMON,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("record", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""One record a call; `hash` = SHA-256(hash before it ‖ record)."""

HEAD: Final = Table(
    "head",
    COMMON,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("event_seq", Sequence, nullable=False),
    Column("audit_seq", Sequence, nullable=False),
    Column("audit_hash", LargeBinary, nullable=False),
)
"""One row: where the log and the audit chain end. Whoever writes locks it first, so numbers are committed in order."""

SECRET: Final = Table(
    "secret",
    COMMON,
    Column("name", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Keys of this server (of its access tokens), made when the store is made; every process and a restart use the same."""
