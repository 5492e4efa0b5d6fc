"""Telegrams of the resident network. Their bodies are documents: no number of a person stands in the log itself."""

from __future__ import annotations

from sqlalchemy import bindparam, update

from fakes.jlis.events.projections import PROJECTIONS
from fakes.jlis.tables import TELEGRAM
from fakes.states.telegram import TelegramState
from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import EventBody, Recorded


class TelegramSent(EventBody, tag="telegram-sent"):
    """A town sent a telegram or a newer edition of one; the body is the document, `municipality` the destination."""

    telegram_id: str
    sender: str
    person: str
    number: int
    edition: int
    created_at: int
    reference: str
    signing_serial: int


class TelegramDelivered(EventBody, tag="telegram-delivered"):
    """The destination was given a telegram; a delivery after the first of an edition is a repetition and says so."""

    edition: int
    delivery: int
    lease_until: int
    terminal: str
    redelivered: bool


class TelegramAcknowledged(EventBody, tag="telegram-acknowledged"):
    """The destination has stored an edition of a telegram."""

    edition: int


_NAME = TELEGRAM.c.name == bindparam("telegram")
_SENT = insertion(TELEGRAM)
_RESENT = Statement(
    update(TELEGRAM)
    .where(_NAME)
    .values(
        destination=bindparam("town"),
        telegram_id=bindparam("kind"),
        edition=bindparam("newer"),
        state=bindparam("new_state"),
        created_at=bindparam("created"),
        sent_at=bindparam("at"),
        changed_seq=bindparam("event"),
        changed_at=bindparam("at"),
        document=bindparam("event"),
        digest=bindparam("hashed"),
        owner=bindparam("whose"),
        reference=bindparam("application"),
        signing_serial=bindparam("serial"),
        deliveries=0,
        lease_until=None,
        acknowledged=None,
    )
)
_DELIVERED = Statement(
    update(TELEGRAM)
    .where(_NAME)
    .values(
        state=bindparam("new_state"),
        deliveries=bindparam("delivery"),
        lease_until=bindparam("until"),
        changed_seq=bindparam("event"),
        changed_at=bindparam("at"),
    )
)
_ACKNOWLEDGED = Statement(
    update(TELEGRAM)
    .where(_NAME)
    .values(
        state=bindparam("new_state"),
        acknowledged=bindparam("stored"),
        lease_until=None,
        changed_seq=bindparam("event"),
        changed_at=bindparam("at"),
    )
)


@PROJECTIONS.on(TelegramSent)
def _sent(tx: Transaction, event: Recorded[TelegramSent]) -> None:
    body = event.body
    if body.edition > 1:
        tx.run(
            _RESENT,
            telegram=event.subject,
            town=event.municipality,
            kind=body.telegram_id,
            newer=body.edition,
            new_state=TelegramState.SENT,
            created=body.created_at,
            at=event.at,
            event=event.seq,
            hashed=event.digest,
            whose=event.owner,
            application=body.reference,
            serial=body.signing_serial,
        )
        return
    tx.run(
        _SENT,
        seq=event.seq,
        name=event.subject,
        telegram_id=body.telegram_id,
        sender=body.sender,
        destination=event.municipality,
        person=body.person,
        number=body.number,
        edition=body.edition,
        state=TelegramState.SENT,
        created_at=body.created_at,
        sent_at=event.at,
        changed_seq=event.seq,
        changed_at=event.at,
        document=event.seq,
        digest=event.digest,
        owner=event.owner,
        reference=body.reference,
        signing_serial=body.signing_serial,
        deliveries=0,
        lease_until=None,
        acknowledged=None,
    )


@PROJECTIONS.on(TelegramDelivered)
def _delivered(tx: Transaction, event: Recorded[TelegramDelivered]) -> None:
    body = event.body
    tx.run(
        _DELIVERED,
        telegram=event.subject,
        new_state=TelegramState.DELIVERED,
        delivery=body.delivery,
        until=body.lease_until,
        event=event.seq,
        at=event.at,
    )


@PROJECTIONS.on(TelegramAcknowledged)
def _acknowledged(tx: Transaction, event: Recorded[TelegramAcknowledged]) -> None:
    tx.run(
        _ACKNOWLEDGED,
        telegram=event.subject,
        new_state=TelegramState.ACKED,
        stored=event.body.edition,
        event=event.seq,
        at=event.at,
    )
