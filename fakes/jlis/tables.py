"""The tables of J-LIS: projections of its log."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

from fakes.store.tables import Sequence

TABLES: Final = MetaData()

APPLICATION: Final = Table(
    "application",
    TABLES,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("reference", String, nullable=False),
    Column("procedure", String, nullable=False),
    Column("city_service_code", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("files", Integer, nullable=False),
    Column("signing_serial", BigInteger, nullable=False),
    Column("resubmission_of", String, nullable=False),
    Column("signature", Sequence),
    Column("arrived_at", BigInteger, nullable=False),
    Index("application_reference", "reference", unique=True),
)
"""One row an application; its package is the document of event `seq`, its signature that of event `signature`.

`procedure` is the one that is decided on.
"""

ITEM: Final = Table(
    "item",
    TABLES,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("reference", String, nullable=False),
    Column("municipality", String, nullable=False),
    Column("procedures", Integer, nullable=False),
    Column("decides", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("message", String, nullable=False),
    Column("changed_seq", Sequence, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Column("lease_until", BigInteger),
    Column("terminal", String, nullable=False),
    Column("acknowledged", Integer),
    Index("item_reference", "reference", "municipality", unique=True),
    Index("item_arrived", "municipality", "seq"),
    Index("item_changed", "municipality", "changed_seq"),
)
"""One row for each town that gets an application; `procedures` are bits in the order of `Procedure`."""

Index(
    "item_waiting",
    ITEM.c.municipality,
    ITEM.c.seq,
    sqlite_where=ITEM.c.acknowledged.is_(None),
    postgresql_where=ITEM.c.acknowledged.is_(None),
)
"""What nobody has acknowledged, however much lies behind it."""

CHANGE: Final = Table(
    "change",
    TABLES,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("state", String, nullable=False),
    Column("message", String, nullable=False),
    Column("municipality", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Column("lease_until", BigInteger),
    Column("acknowledged", Integer),
)
"""What the portal has to learn, by the number of its event."""

for _name, _columns in (("change_waiting", (CHANGE.c.seq,)), ("change_of_subject", (CHANGE.c.subject, CHANGE.c.seq))):
    Index(
        _name,
        *_columns,
        sqlite_where=CHANGE.c.acknowledged.is_(None),
        postgresql_where=CHANGE.c.acknowledged.is_(None),
    )

STAFF_TRIES: Final = Table(
    "staff_tries",
    TABLES,
    Column("account", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("locked_until", BigInteger, nullable=False),
)
"""Wrong passwords in a row, by `municipality/id`."""

TELEGRAM: Final = Table(
    "telegram",
    TABLES,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("telegram_id", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("destination", String, nullable=False),
    Column("person", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Column("changed_seq", Sequence, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("document", Sequence, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("owner", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("signing_serial", BigInteger, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Column("lease_until", BigInteger),
    Column("acknowledged", Integer),
    Index("telegram_name", "name", unique=True),
    Index("telegram_line", "sender", "person", "number", unique=True),
    Index("telegram_changed", "sender", "changed_seq"),
)
"""One row a numbered telegram, with its newest edition; its body is the document of event `document`."""

Index(
    "telegram_waiting",
    TELEGRAM.c.destination,
    TELEGRAM.c.seq,
    sqlite_where=TELEGRAM.c.acknowledged.is_(None),
    postgresql_where=TELEGRAM.c.acknowledged.is_(None),
)

REVOCATION: Final = Table(
    "revocation",
    TABLES,
    Column("purpose", String, primary_key=True),
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
)
"""Certificates that were revoked."""

ISSUED: Final = Table(
    "issued",
    TABLES,
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("card", String, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    Index("issued_card", "card", "serial"),
)
"""Signing certificates that were issued after the first one; `valid_until` is a day, counted as `date.toordinal`."""
