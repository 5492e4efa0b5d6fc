"""The portal's tables: projections of its log."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

TABLES: Final = MetaData()

APPLICATION: Final = Table(
    "application",
    TABLES,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("temporary", String, nullable=False),
    Column("reference", String),
    Column("applicant", String, nullable=False),
    Column("municipality", String, nullable=False),
    Column("services", String, nullable=False),
    Column("moving_day", Integer, nullable=False),
    Column("card", String, nullable=False),
    Column("content", BigInteger, nullable=False),
    Column("duplicate_of", String, nullable=False),
    Column("resubmission_of", String),
    Column("state", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("submitted_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger),
    Column("signature_seq", BigInteger),
    Column("signing_serial", BigInteger),
    Column("messages", Integer, nullable=False),
    Column("last_change", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Index("application_temporary", "temporary", unique=True),
    Index("application_content", "content"),
    Index("application_applicant", "applicant", "seq"),
)
"""One row an application; `seq` is that of its submission, whose document is the package, `signature_seq` that of its
signature. `reference` is NULL until it is accepted. `services` are the codes of its procedures, the one that is decided
on first; `moving_day` is a proleptic Gregorian ordinal; `card` is whose card signs, empty until a provider has said it;
`content` is a part of the digest of what is filed, to find the same once more; `messages` counts what its applicant was
told, and `last_change` is the number of the newest change that was learned."""

Index(
    "application_reference",
    APPLICATION.c.reference,
    unique=True,
    sqlite_where=APPLICATION.c.reference.is_not(None),
    postgresql_where=APPLICATION.c.reference.is_not(None),
)
"""Costs nothing at submission."""

Index(
    "application_resubmission",
    APPLICATION.c.resubmission_of,
    sqlite_where=APPLICATION.c.resubmission_of.is_not(None),
    postgresql_where=APPLICATION.c.resubmission_of.is_not(None),
)

MESSAGE: Final = Table(
    "message",
    TABLES,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("reference", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("text", String, nullable=False),
    Index("message_reference", "reference", "seq"),
)
"""What an applicant is told (お知らせ): one row a change of state, with the town's words if it has any."""

CARD: Final = Table(
    "card",
    TABLES,
    Column("serial", String, primary_key=True),
    Column("pin_failures", Integer, nullable=False),
    Column("password_failures", Integer, nullable=False),
)
"""Wrong tries in a row; a card without a row has none."""

OUTBOX: Final = Table(
    "outbox",
    TABLES,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("reference", String, nullable=False),
    Index("outbox_reference", "reference", unique=True),
)
"""Accepted applications that J-LIS does not have yet, by the number of the event that accepted them."""
