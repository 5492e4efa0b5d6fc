"""What seeded defects make the relay decide; each is asked for at one place, and does what its sentence says."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, func, select

from fakes.jlis.context import Jlis
from fakes.jlis.events.relay import DeliveryAcknowledged
from fakes.jlis.items import GONE, Item, entitled, moved_on, own_item
from fakes.jlis.tables import ITEM
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Event
from fakes.web.request import Identity

_WAITS: Final = (ITEM.c.municipality == bindparam("town"), ITEM.c.acknowledged.is_(None))
_WAITING = Statement(select(func.count()).select_from(ITEM).where(*_WAITS))
_UNDELIVERED = Statement(
    select(ITEM.c.reference)
    .where(
        *_WAITS,
        ITEM.c.deliveries == 0,
        ITEM.c.procedures.bitwise_and(bindparam("mask")) != 0,
        *(ITEM.c.state != state for state in GONE),
    )
    .order_by(ITEM.c.seq)
    .limit(1)
)
_NAMES: Final = ("name", "kana")


def forgets(jlis: Jlis, item: Item) -> bool:
    """Whether the first acknowledgement of an application is forgotten, and with it that it was delivered."""
    return jlis.defects.hits("double-delivery", item.reference)  # seeded defect


def falls_off(jlis: Jlis, view: View, town: str) -> bool:
    """Whether a town has so many applications waiting that one more is dropped."""
    if not jlis.defects.on("batch-cut"):  # seeded defect
        return False
    row = view.one(_WAITING, town=town)
    return row is not None and row[0] >= jlis.defects.amount("batch-cut")


def another(jlis: Jlis, tx: Transaction, item: Item, who: Identity) -> tuple[Event[Any], ...]:
    """Return what happens when another application is acknowledged in this one's place; nothing if it is not.

    The other one was never handed over. This one moves on in its state, and its lease runs out.
    """
    if not jlis.defects.hits("ack-wrong-one", item.reference):  # seeded defect
        return ()
    row = tx.one(_UNDELIVERED, town=item.municipality, mask=entitled(who))
    if row is None:
        return ()
    other = own_item(tx, row[0], who)
    stored = DeliveryAcknowledged(other.lease.deliveries)
    gone = Event(other.reference, stored, other.municipality, other.owner, digest=other.digest)
    return (gone, *moved_on(other), *moved_on(item))


def cut(content: bytes, length: int) -> bytes:
    """Return the body of a telegram with its names cut at so many bytes, as where a column is too short."""
    body: dict[str, Any] = msgspec.json.decode(content)
    about = body.get("person", body)
    for item in _NAMES:
        if item in about:
            about[item] = about[item].encode()[:length].decode(errors="ignore")
    return msgspec.json.encode(body)
