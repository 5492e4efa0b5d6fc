"""What happens at J-LIS, and how its tables follow."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, update

from fakes.jlis.tables import CHANGE, RELAYED, STAFF_TRIES, TABLES
from fakes.states.application import ApplicationState
from fakes.store.projections import Projections
from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import EventBody, Recorded

PROJECTIONS: Final = Projections(TABLES)


class ApplicationArrived(EventBody, tag="arrived"):
    """The portal brought an application; its document is the ZIP."""

    city_service_code: str
    size: int


class ApplicationDelivered(EventBody, tag="delivered"):
    """A town was given an application; a delivery after the first is a repetition and says so."""

    delivery: int
    lease_until: int
    repeated: bool


class DeliveryAcknowledged(EventBody, tag="acknowledged"):
    """The town has stored a delivery."""

    delivery: int


class StateReported(EventBody, tag="state-reported"):
    """The town says how far an application is."""

    state: ApplicationState
    message: str


class StaffTried(EventBody, tag="staff-tried"):
    """Somebody gave a password; so many were wrong in a row since."""

    failures: int


_ARRIVED = insertion(RELAYED)
_REFERENCE = RELAYED.c.reference == bindparam("number")
_DELIVERED = Statement(
    update(RELAYED)
    .where(_REFERENCE)
    .values(deliveries=bindparam("delivery"), lease_until=bindparam("until"))
)  # fmt: skip
_ACKNOWLEDGED = Statement(
    update(RELAYED)
    .where(_REFERENCE)
    .values(state=bindparam("new_state"), acknowledged=bindparam("delivery"), lease_until=None)
)
_REPORTED = Statement(update(RELAYED).where(_REFERENCE).values(state=bindparam("new_state")))
_CHANGE = insertion(CHANGE)
_TRIED = Statement(
    update(STAFF_TRIES).where(STAFF_TRIES.c.account == bindparam("who")).values(failures=bindparam("count"))
)
_FIRST_TRY = insertion(STAFF_TRIES)


@PROJECTIONS.on(ApplicationArrived)
def _arrived(tx: Transaction, event: Recorded[ApplicationArrived]) -> None:
    tx.run(
        _ARRIVED,
        seq=event.seq,
        reference=event.subject,
        municipality=event.municipality,
        city_service_code=event.body.city_service_code,
        state=ApplicationState.ARRIVED,
        owner=event.owner,
        digest=event.digest,
        size=event.body.size,
        arrived_at=event.at,
        deliveries=0,
        lease_until=None,
        acknowledged=None,
    )
    _note_change(tx, event, ApplicationState.ARRIVED)


@PROJECTIONS.on(ApplicationDelivered)
def _delivered(tx: Transaction, event: Recorded[ApplicationDelivered]) -> None:
    tx.run(_DELIVERED, number=event.subject, delivery=event.body.delivery, until=event.body.lease_until)


@PROJECTIONS.on(DeliveryAcknowledged)
def _acknowledged(tx: Transaction, event: Recorded[DeliveryAcknowledged]) -> None:
    new = ApplicationState.DOWNLOADED
    tx.run(_ACKNOWLEDGED, number=event.subject, delivery=event.body.delivery, new_state=new)
    _note_change(tx, event, new)


@PROJECTIONS.on(StateReported)
def _reported(tx: Transaction, event: Recorded[StateReported]) -> None:
    tx.run(_REPORTED, number=event.subject, new_state=event.body.state)
    _note_change(tx, event, event.body.state, event.body.message)


@PROJECTIONS.on(StaffTried)
def _tried(tx: Transaction, event: Recorded[StaffTried]) -> None:
    if not tx.run(_TRIED, who=event.subject, count=event.body.failures):
        tx.run(_FIRST_TRY, account=event.subject, failures=event.body.failures)


def _note_change(
    tx: Transaction,
    event: Recorded[ApplicationArrived] | Recorded[DeliveryAcknowledged] | Recorded[StateReported],
    state: ApplicationState,
    message: str = "",
) -> None:
    tx.run(_CHANGE, seq=event.seq, reference=event.subject, state=state, message=message, at=event.at)
