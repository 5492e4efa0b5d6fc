"""The tables of J-LIS: projections of its log."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

from fakes.store.tables import Sequence

TABLES: Final = MetaData()

RELAYED: Final = Table(
    "relayed",
    TABLES,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("reference", String, nullable=False),
    Column("municipality", String, nullable=False),
    Column("city_service_code", String, nullable=False),
    Column("state", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("arrived_at", BigInteger, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Column("lease_until", BigInteger),
    Column("acknowledged", Integer),
    Index("relayed_reference", "reference", unique=True),
    Index("relayed_municipality", "municipality", "seq"),
)
"""One row an application in the relay; its package is the document of event `seq`."""

CHANGE: Final = Table(
    "state_change",
    TABLES,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("reference", String, nullable=False),
    Column("state", String, nullable=False),
    Column("message", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""What the portal has to learn, by the number of its event."""

STAFF_TRIES: Final = Table(
    "staff_tries",
    TABLES,
    Column("account", String, primary_key=True),
    Column("failures", Integer, nullable=False),
)
"""Wrong passwords in a row, by `municipality/id`."""
