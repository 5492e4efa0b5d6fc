"""Applications as a town sees them: which rows are its own, who decides, and the lease of a delivery."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.jlis.events.relay import StateChanged, bits
from fakes.jlis.tables import APPLICATION, ITEM
from fakes.procedures import HANDLED_BY, Procedure
from fakes.refusals import Code, RefusedError
from fakes.states.application import MOVE_OUT_APPLICATION, VISIT_APPLICATION, ApplicationEvent, ApplicationState
from fakes.states.lease import Lease, LeaseState
from fakes.states.machine import Actor, Machine, Refusal, Refused
from fakes.store.statements import Statement
from fakes.store.transaction import View
from fakes.store.unit import Event
from fakes.web.request import Identity
from fakes.web.rules import allowed

GONE: Final = (ApplicationState.WITHDRAWN, ApplicationState.REJECTED, ApplicationState.EXPIRED)
"""Nobody is given an application any more that has ended so."""

_I, _A = ITEM.c, APPLICATION.c
_COLUMNS = (
    *(_I.reference, _I.municipality, _A.procedure, _I.procedures, _I.decides, _I.state, _I.changed_at),
    *(_A.owner, _A.digest, _A.seq, _A.signature, _I.deliveries, _I.lease_until, _I.terminal, _I.acknowledged),
)
_JOINED = select(*_COLUMNS).join(APPLICATION, _A.reference == _I.reference)
_OWN = Statement(_JOINED.where(_I.reference == bindparam("number"), _I.municipality == bindparam("town")))
_DECIDING = Statement(_JOINED.where(_I.reference == bindparam("number"), _I.decides == 1))


class Item(Struct, frozen=True):
    """An application at one of its towns."""

    reference: str
    municipality: str
    procedure: Procedure
    procedures: int
    decides: bool
    state: ApplicationState
    changed_at: int
    owner: str
    digest: bytes
    document: int
    signature: int | None
    lease: Lease
    terminal: str

    @property
    def when_stored(self) -> ApplicationState:
        """State once the town has it; only the town that decides makes a difference."""
        arrived = self.decides and self.state is ApplicationState.ARRIVED
        return ApplicationState.DOWNLOADED if arrived else self.state

    @property
    def actor(self) -> Actor:
        """What this town's staff are to the application."""
        moves_out = self.procedure is Procedure.MOVE_OUT and self.decides
        return Actor.ORIGIN_STAFF if moves_out else Actor.DESTINATION_STAFF


def machine_of(procedure: Procedure) -> Machine[ApplicationState, ApplicationEvent]:
    """Return the life of an application whose main procedure is this one."""
    return MOVE_OUT_APPLICATION if procedure is Procedure.MOVE_OUT else VISIT_APPLICATION


def own_item(view: View, number: str, who: Identity) -> Item:
    """Return an application of the asker's town.

    Raises
    ------
    RefusedError
        404 for another town's as for none at all; 403 for one of another section.
    """
    row = view.one(_OWN, number=number, town=who.municipality)
    if row is None:
        raise RefusedError(Code.NOT_FOUND)
    item = _item(*row)
    if not item.procedures & entitled(who):
        raise RefusedError(Code.NOT_ALLOWED)
    return item


def deciding_item(view: View, number: str) -> Item:
    """Return an application at the town that decides on it.

    Raises
    ------
    RefusedError
        404 when there is none of that number.
    """
    row = view.one(_DECIDING, number=number)
    if row is None:
        raise RefusedError(Code.NOT_FOUND)
    return _item(*row)


def entitled(who: Identity) -> int:
    """Return the procedures, as bits, that the sections of somebody handle."""
    return bits([procedure for procedure, section in HANDLED_BY.items() if section in who.authorities])


def take(item: Item, terminal: str, at: datetime, length: timedelta) -> Lease:
    """Return the lease with which an application is handed over.

    The terminal that holds it may ask again, as after a lost answer; what it is given then is a repetition.

    Raises
    ------
    RefusedError
        410 when it was acknowledged or has ended; 409 while another terminal holds it.
    """
    if item.state in GONE:
        name = machine_of(item.procedure).name
        raise RefusedError(Code.RULE_GONE, reason=Refused(Refusal.ALREADY_PROCESSED, name, item.state))
    lease = item.lease
    if terminal == item.terminal and lease.state_at(at) is LeaseState.LEASED:
        lease = allowed(lease.release(lease.deliveries, at))
    return allowed(lease.take(at, length))


def moved_on(item: Item) -> tuple[Event[StateChanged], ...]:
    """Return the change of state that goes with an acknowledgement; nothing where there is none."""
    if item.when_stored is item.state:
        return ()
    return (Event(item.reference, StateChanged(item.when_stored, "", True), item.municipality, item.owner),)


def _item(*row: Any) -> Item:
    reference, municipality, procedure, procedures, decides, state, changed_at, owner, digest, document, *rest = row
    signature, deliveries, until, terminal, acknowledged = rest
    return Item(
        *(reference, municipality, Procedure(procedure), procedures, bool(decides), ApplicationState(state)),
        *(changed_at, owner, digest, document, signature),
        lease_of(deliveries, until, acknowledged),
        terminal,
    )


def lease_of(deliveries: int, until: int | None, acknowledged: int | None) -> Lease:
    """Return the lease that a row holds."""
    return Lease(deliveries, None if until is None else moment_of(until), acknowledged)
