"""Applications on their way from the portal to the towns, and news of them on the way back."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, update

from fakes.jlis.events.projections import PROJECTIONS, tell_portal
from fakes.jlis.tables import APPLICATION, CHANGE, ITEM
from fakes.messages.jlis import ChangeKind
from fakes.procedures import Procedure
from fakes.states.application import ApplicationState
from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import EventBody, Recorded

_BITS: Final = {procedure: 1 << place for place, procedure in enumerate(Procedure)}


class ApplicationRelayed(EventBody, tag="relayed"):
    """The portal brought an application; its document is the ZIP."""

    procedure: Procedure
    city_service_code: str
    accepted_at: int
    size: int
    files: int
    signing_serial: int
    resubmission_of: str


class SignatureKept(EventBody, tag="signature-kept"):
    """The signature that came with an application; it is the document."""


class ApplicationArrived(EventBody, tag="arrived"):
    """An application has arrived at a town (到達); the town decides on it, or is told of a visit only."""

    procedures: list[Procedure]
    decides: bool
    behind: bool = False
    """A seeded defect: its row lies behind the place from which every list begins."""


class ApplicationDelivered(EventBody, tag="delivered"):
    """A town was given an application; a delivery after the first is a repetition and says so."""

    delivery: int
    lease_until: int
    terminal: str
    redelivered: bool


class DeliveryAcknowledged(EventBody, tag="acknowledged"):
    """The town has stored a delivery."""

    delivery: int


class DeliveryReleased(EventBody, tag="released"):
    """The town has given a delivery back."""

    delivery: int


class DeliveryForgotten(EventBody, tag="delivery-forgotten"):
    """A seeded defect: the town has stored a delivery, and the relay forgets it."""

    delivery: int


class StateChanged(EventBody, tag="state-changed"):
    """An application has a new state; whether the portal has to learn it, who did it or knows already."""

    state: ApplicationState
    message: str
    tell_portal: bool


class ChangesLeased(EventBody, tag="changes-leased"):
    """The portal was given changes, each once more than before; those before are repeated and say so."""

    changes: list[int]
    lease_until: int
    terminal: str


class ChangesAcknowledged(EventBody, tag="changes-acknowledged"):
    """The portal has stored changes."""

    changes: list[int]


def bits(procedures: list[Procedure]) -> int:
    """Return procedures as bits."""
    return sum(_BITS[procedure] for procedure in procedures)


def procedures_of(mask: int) -> list[Procedure]:
    """Return the procedures of bits."""
    return [procedure for procedure, bit in _BITS.items() if mask & bit]


_RELAYED = insertion(APPLICATION)
_SIGNED = Statement(
    update(APPLICATION).where(APPLICATION.c.reference == bindparam("number")).values(signature=bindparam("event"))
)
_ARRIVED = insertion(ITEM)
_ITEM = (ITEM.c.reference == bindparam("number"), ITEM.c.municipality == bindparam("town"))
_DELIVERED = Statement(
    update(ITEM)
    .where(*_ITEM)
    .values(deliveries=bindparam("delivery"), lease_until=bindparam("until"), terminal=bindparam("who"))
)
_RELEASED = Statement(update(ITEM).where(*_ITEM).values(lease_until=None))
_ACKNOWLEDGED = Statement(update(ITEM).where(*_ITEM).values(acknowledged=bindparam("delivery"), lease_until=None))
_CHANGED = Statement(
    update(ITEM)
    .where(ITEM.c.reference == bindparam("number"))
    .values(
        state=bindparam("new_state"),
        message=bindparam("text"),
        changed_seq=bindparam("event"),
        changed_at=bindparam("at"),
    )
)
_LEASE_CHANGE = Statement(
    update(CHANGE)
    .where(CHANGE.c.seq == bindparam("event"))
    .values(deliveries=CHANGE.c.deliveries + 1, lease_until=bindparam("until"))
)
_ACKNOWLEDGE_CHANGE = Statement(
    update(CHANGE)
    .where(CHANGE.c.seq == bindparam("event"))
    .values(acknowledged=CHANGE.c.deliveries, lease_until=None)
)  # fmt: skip


@PROJECTIONS.on(ApplicationRelayed)
def _relayed(tx: Transaction, event: Recorded[ApplicationRelayed]) -> None:
    body = event.body
    tx.run(
        _RELAYED,
        seq=event.seq,
        reference=event.subject,
        procedure=body.procedure,
        city_service_code=body.city_service_code,
        owner=event.owner,
        digest=event.digest,
        size=body.size,
        files=body.files,
        signing_serial=body.signing_serial,
        resubmission_of=body.resubmission_of,
        signature=None,
        arrived_at=event.at,
    )


@PROJECTIONS.on(SignatureKept)
def _signed(tx: Transaction, event: Recorded[SignatureKept]) -> None:
    tx.run(_SIGNED, number=event.subject, event=event.seq)


@PROJECTIONS.on(ApplicationArrived)
def _arrived(tx: Transaction, event: Recorded[ApplicationArrived]) -> None:
    tx.run(
        _ARRIVED,
        seq=-event.seq if event.body.behind else event.seq,
        reference=event.subject,
        municipality=event.municipality,
        procedures=bits(event.body.procedures),
        decides=int(event.body.decides),
        state=ApplicationState.ARRIVED,
        message="",
        changed_seq=event.seq,
        changed_at=event.at,
        deliveries=0,
        lease_until=None,
        terminal="",
        acknowledged=None,
    )


@PROJECTIONS.on(ApplicationDelivered)
def _delivered(tx: Transaction, event: Recorded[ApplicationDelivered]) -> None:
    body = event.body
    where = {"number": event.subject, "town": event.municipality}
    tx.run(_DELIVERED, **where, delivery=body.delivery, until=body.lease_until, who=body.terminal)


@PROJECTIONS.on(DeliveryAcknowledged)
def _acknowledged(tx: Transaction, event: Recorded[DeliveryAcknowledged]) -> None:
    tx.run(_ACKNOWLEDGED, number=event.subject, town=event.municipality, delivery=event.body.delivery)


@PROJECTIONS.on(DeliveryReleased)
def _released(tx: Transaction, event: Recorded[DeliveryReleased]) -> None:
    tx.run(_RELEASED, number=event.subject, town=event.municipality)


@PROJECTIONS.on(DeliveryForgotten)
def _forgotten(tx: Transaction, event: Recorded[DeliveryForgotten]) -> None:
    tx.run(_RELEASED, number=event.subject, town=event.municipality)


@PROJECTIONS.on(StateChanged)
def _state_changed(tx: Transaction, event: Recorded[StateChanged]) -> None:
    body = event.body
    tx.run(_CHANGED, number=event.subject, new_state=body.state, text=body.message, event=event.seq, at=event.at)
    if body.tell_portal:
        tell_portal(tx, event, ChangeKind.APPLICATION, body.state, body.message)


@PROJECTIONS.on(ChangesLeased)
def _changes_leased(tx: Transaction, event: Recorded[ChangesLeased]) -> None:
    for change in event.body.changes:
        tx.run(_LEASE_CHANGE, event=change, until=event.body.lease_until)


@PROJECTIONS.on(ChangesAcknowledged)
def _changes_acknowledged(tx: Transaction, event: Recorded[ChangesAcknowledged]) -> None:
    for change in event.body.changes:
        tx.run(_ACKNOWLEDGE_CHANGE, event=change)
