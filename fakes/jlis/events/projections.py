"""The projections of J-LIS, which the events register with, and what the portal has to learn of any of them."""

from __future__ import annotations

from typing import Any, Final

from fakes.jlis.tables import CHANGE, TABLES
from fakes.messages.jlis import ChangeKind
from fakes.store.projections import Projections
from fakes.store.statements import insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import Recorded

PROJECTIONS: Final = Projections(TABLES)

_TELL = insertion(CHANGE)


def tell_portal(tx: Transaction, event: Recorded[Any], kind: ChangeKind, state: str, message: str = "") -> None:
    """Note that the portal has to learn of an event."""
    tx.run(
        _TELL,
        seq=event.seq,
        kind=kind,
        subject=event.subject,
        state=state,
        message=message,
        municipality=event.municipality,
        owner=event.owner,
        at=event.at,
        deliveries=0,
        lease_until=None,
        acknowledged=None,
    )
