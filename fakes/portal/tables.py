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
    Column("city_service_code", String, nullable=False),
    Column("state", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("submitted_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger),
    Column("signature_seq", BigInteger),
    Column("signing_serial", BigInteger),
    Column("message", String, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Index("application_temporary", "temporary", unique=True),
)
"""One row an application; `seq` is that of its submission, whose document is the package, `signature_seq` that of its
signature. `reference` is NULL until it is accepted."""

Index(
    "application_reference",
    APPLICATION.c.reference,
    unique=True,
    sqlite_where=APPLICATION.c.reference.is_not(None),
    postgresql_where=APPLICATION.c.reference.is_not(None),
)
"""Costs nothing at submission."""

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
