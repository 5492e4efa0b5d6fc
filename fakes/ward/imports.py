"""Import of an application into 申請管理: what the relay handed over is read, kept, and acknowledged by the outbox."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from typing import Any, Final

from fakes.clock import micros_of
from fakes.endpoints.ward import IMPORT
from fakes.identifiers import masked_name
from fakes.messages.ward import ImportApplication, Imported
from fakes.package.application import Package
from fakes.package.reading import read_package
from fakes.procedures import Procedure
from fakes.refusals import Code, RefusedError
from fakes.states.application import ApplicationState
from fakes.states.machine import Actor
from fakes.states.visit import EXPECTED, VISIT, VisitEvent, VisitState
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.ward import saying
from fakes.ward.cases import Held, find
from fakes.ward.context import Brought, Ward
from fakes.ward.events.applications import ApplicationImported, ApplicationRedelivered
from fakes.ward.oauth import live
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed

HANDLERS: Final[Handlers[Ward]] = Handlers()

_READ_ASIDE: Final = 256 * 1024


@HANDLERS.on(IMPORT)
async def import_application(call: WebCall, ward: Ward) -> Decide:
    """Keep an application; what was imported already is refused as double, and its new delivery acknowledged."""
    message: ImportApplication = call.message
    town, content = call.identity.municipality, message.application_zip
    digest = hashlib.sha256(content).digest()
    if digest.hex() != message.sha256:
        raise RefusedError(Code.MISMATCH, "sha256")
    aside = len(content) > _READ_ASIDE
    package = await asyncio.to_thread(read_package, content) if aside else read_package(content)
    filed = _filed(package, message.procedures, town)
    brought = _in_hand(ward, town, message, Brought(package, content, digest, message.owner_token))
    arrived_at = _moment(message.arrived_at)
    ward.wake(town)

    def decide(tx: Transaction) -> Decision:
        live(tx, call, ward)
        known = find(tx, town, message.reference_number)
        if known is not None:
            return _double(call, known, message, brought.digest)
        body = _imported(brought.package, message, filed, arrived_at, ward)
        kept = Event(message.reference_number, body, town, brought.owner, brought.content, brought.digest)
        ack = saying.acknowledge(town, message.reference_number, message.delivery, brought.owner)
        events: tuple[Event[Any], ...] = (kept, ack, *_replaced(tx, town, message.resubmission_of))
        result = Imported(tx.next_seq, message.reference_number, brought.owner)
        at = f"/shinsei/v1/applications/{message.reference_number}"
        answer = reply(result, call.request.path, call.lang, status=202, reference=at)
        return Decision(answer, events, message.reference_number)

    return decide


def _in_hand(ward: Ward, town: str, message: ImportApplication, own: Brought) -> Brought:
    """Return the package that is imported: what was brought, unless another one was left behind."""
    place = town, message.procedures
    left = ward.left_behind.pop(place, own)
    if ward.defects.hits("crosstalk-timeout", message.reference_number):  # seeded defect: it times out, and one lock of
        ward.left_behind[place] = own  # two is freed: that of the place, and not that of what lies there
    return left


def _double(call: WebCall, known: Held, message: ImportApplication, digest: bytes) -> Decision:
    """Refuse what is here already; a later delivery is noted, because the earlier one can be acknowledged no more."""
    if known.digest != digest:
        raise RefusedError(Code.MISMATCH, "application_zip")
    problem = RefusedError(Code.DUPLICATE, number=known.reference, import_id=known.seq)
    events: tuple[Event[Any], ...] = ()
    if message.delivery > known.delivery:
        again = ApplicationRedelivered(message.delivery)
        events = (
            Event(known.reference, again, known.municipality, known.owner, digest=digest),
            saying.acknowledge(known.municipality, known.reference, message.delivery, known.owner),
        )
    return Decision(call.refuse(problem), events, known.reference)


def _filed(package: Package, procedures: str, town: str) -> list[Procedure]:
    """Return the procedures for which the town gets the package: its own of those that say so, which must be filed.

    Raises
    ------
    RefusedError
        E0004 for a package that should be elsewhere.
    """
    names = procedures.split(",")
    if len(set(names)) != len(names) or not set(names) <= {procedure.value for procedure in Procedure}:
        raise RefusedError(Code.MISMATCH, "procedures")
    wanted = [procedure for procedure in Procedure if procedure.value in names]
    application = package.application
    if any(procedure not in application.procedures for procedure in wanted):
        raise RefusedError(Code.MISMATCH, "procedures")
    own = [procedure for procedure in wanted if application.municipality_for(procedure) == town]
    if not own:
        raise RefusedError(Code.MISMATCH, "municipality")
    return own


def _imported(
    package: Package, message: ImportApplication, filed: list[Procedure], arrived_at: int, ward: Ward
) -> ApplicationImported:
    application = package.application
    members = len(application.members)
    if ward.defects.on("partial-household"):  # seeded defect: the last one of several is left out
        members -= members > 1
    visits = filed != [Procedure.MOVE_OUT]
    visit = allowed(VISIT.step(VisitState.NONE, VisitEvent.RECEIVE, Actor.RELAY)) if visits else VisitState.NONE
    planned = application.planned_visit_date
    return ApplicationImported(
        ",".join(filed),
        ApplicationState.DOWNLOADED,
        visit,
        masked_name(application.applicant.name),
        application.moving_date.isoformat(),
        planned.isoformat() if planned is not None and visits else "",
        application.old_address.municipality,
        application.new_address.municipality,
        message.signing_serial,
        arrived_at,
        message.delivery,
        message.redelivered == "1",
        message.resubmission_of,
        members,
    )


def _replaced(tx: Transaction, town: str, reference: str) -> tuple[Event[Any], ...]:
    """Return what becomes of the visit notice of an application in whose place a new one comes: it counts no more."""
    old = find(tx, town, reference) if reference else None
    if old is None or old.visit not in EXPECTED:
        return ()
    return (old.after("replaced", visit=VisitState.CANCELLED),)


def _moment(text: str) -> int:
    try:
        return micros_of(datetime.fromisoformat(text))
    except ValueError:
        raise RefusedError(Code.CHARACTERS, "arrived_at") from None
