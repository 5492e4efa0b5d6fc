"""The ward's tables: projections of its log. Every row belongs to a town; keys begin with it, so that nothing crosses.

No individual number and no resident-record code stands in a table or an event: people are known by `person`, a keyed
hash of the code. The numbers themselves are in the documents of the certificate data by which people came.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

TABLES: Final = MetaData()

_Key = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, String, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _key() -> Column[int]:
    return Column("seq", _Key, primary_key=True, autoincrement=False)


RESIDENT: Final = Table(
    "resident",
    TABLES,
    Column("municipality", String, primary_key=True),
    Column("address_number", String, primary_key=True),
    *(_text("household"), _text("person"), _text("name"), _text("kana"), _text("birth_date"), _text("sex")),
    *(_text("relationship"), _text("address"), _text("state"), _text("removal"), _text("lives_there_from")),
    *(_text("previous"), _text("moves_out"), _text("destination"), _text("card_serial"), _number("signing_serial")),
    _number("source"),
    _number("person_index"),
    Index("resident_person", "municipality", "person"),
    Index("resident_signing", "municipality", "signing_serial"),
    Index("resident_card", "municipality", "card_serial"),
    Index("resident_household", "municipality", "household"),
    Index("resident_born", "municipality", "birth_date"),
)
"""The register. `address` is JSON; `source` the event whose document has the numbers, 0 for those that the seed knows
by `person_index`."""

APPLICATION: Final = Table(
    "application",
    TABLES,
    _key(),
    *(_text("municipality"), _text("reference"), _text("procedures"), _text("state"), _text("told"), _text("visit")),
    *(_text("formal"), _text("substantive"), _text("applicant"), _text("moving_date"), _text("visit_date")),
    *(_text("old_town"), _text("new_town"), _text("owner"), Column("digest", LargeBinary, nullable=False)),
    *(_number("signing_serial"), _number("arrived_at"), _number("delivery"), _text("replaces"), _text("message")),
    _number("members"),
    Index("application_reference", "municipality", "reference", unique=True),
)
"""What was imported; `seq` is its 取込ID, its document the package, `told` the newest state that the relay has."""

CHANGE: Final = Table(
    "change",
    TABLES,
    _key(),
    *(_text("municipality"), _text("kind"), _text("state"), _text("reference"), _text("event_date"), _text("entry")),
    *(_text("owner"), _number("changed_at")),
    Index("change_reference", "municipality", "reference"),
)
"""Transactions of the register; `entry` is what was entered, JSON."""

LOCK: Final = Table(
    "resident_lock",
    TABLES,
    Column("municipality", String, primary_key=True),
    Column("person", String, primary_key=True),
    _number("change"),
    _number("until"),
)
"""Who is being changed; nobody else may until then."""

PLANNED: Final = Table(
    "planned",
    TABLES,
    _key(),
    *(_text("municipality"), _text("telegram"), _text("sender"), _number("number"), _number("edition")),
    *(_text("person"), _text("name"), _text("kana"), _text("birth_date"), _text("sex"), _text("relationship")),
    *(_number("position"), _number("members"), _text("moves_out"), _text("old_address"), _text("state")),
    *(_number("moved_in"), _number("signing_serial"), _text("reference"), _text("owner"), _number("source")),
    Index("planned_telegram", "municipality", "telegram", unique=True),
    Index("planned_person", "municipality", "person"),
    Index("planned_town", "municipality", "seq"),
)
"""Certificate data that have arrived; `source` is the event whose document has them in full, of the newest edition."""

NOTICE: Final = Table(
    "notice",
    TABLES,
    Column("municipality", String, primary_key=True),
    Column("telegram", String, primary_key=True),
    _number("edition"),
    _text("person"),
    _text("acked"),
)
"""Move-in notices (転入通知) that have arrived."""

LINE: Final = Table(
    "person_line",
    TABLES,
    Column("municipality", String, primary_key=True),
    Column("person", String, primary_key=True),
    _number("last"),
)
"""The number (連番) of the last telegram that a town made about a person."""

OUTBOX: Final = Table(
    "outbox",
    TABLES,
    _key(),
    *(_text("municipality"), _text("line"), _text("task"), _text("state"), _number("start"), _text("code")),
    Index("outbox_waiting", "municipality", "state", "seq"),
)
"""What is to be said to jlis; `task` is JSON without numbers of people, a telegram is the document of the event."""

TELEGRAM: Final = Table(
    "telegram",
    TABLES,
    _key(),
    *(_text("municipality"), _text("kind"), _text("destination"), _text("person"), _number("number")),
    *(_number("edition"), _text("name"), _text("state"), _text("code"), _text("reference"), _number("change")),
    _number("created_at"),
    Index("telegram_town", "municipality", "seq"),
    Index("telegram_name", "municipality", "name"),
    Index("telegram_change", "municipality", "change"),
    Index("telegram_reference", "municipality", "reference"),
)
"""Telegrams that a town makes; `name` is jlis's receipt, `seq` the event whose document is the telegram."""

LINK: Final = Table(
    "link",
    TABLES,
    Column("municipality", String, primary_key=True),
    _number("start"),
    _number("statuses"),
    _number("telegrams"),
)
"""How often a town's link server has started, and how far it has read at jlis."""

ACCOUNT: Final = Table(
    "account",
    TABLES,
    Column("municipality", String, primary_key=True),
    Column("id", String, primary_key=True),
    _number("failures"),
    _number("locked_until"),
)
"""Wrong passwords in a row, and until when they lock; an account without a row has none."""

COUNTER_PIN: Final = Table(
    "counter_pin",
    TABLES,
    Column("card", String, primary_key=True),
    _number("failures"),
)
"""Wrong entries at the counters, of the PIN for the register (住民基本台帳用), which has a count of its own."""

ASSERTION: Final = Table(
    "assertion",
    TABLES,
    Column("client", String, primary_key=True),
    Column("jti", String, primary_key=True),
    _number("until"),
)
"""Assertions of clients that were used; each counts once."""

REVOKED: Final = Table(
    "revoked_token",
    TABLES,
    Column("number", String, primary_key=True),
    _number("at"),
)
"""Access tokens that were revoked before their end."""
