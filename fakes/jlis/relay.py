"""The relay's side towards the portal: applications and withdrawals come in, changes go out."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Final

from sqlalchemy import bindparam, exists, or_, select

from fakes.clock import micros_of, moment_of
from fakes.endpoints.jlis import ACK_CHANGES, LEASE_CHANGES, PUSH, PUSH_WITHDRAWAL
from fakes.jlis.context import Jlis
from fakes.jlis.events.relay import (
    ApplicationArrived,
    ApplicationRelayed,
    ChangesAcknowledged,
    ChangesLeased,
    SignatureKept,
    StateChanged,
    procedures_of,
)
from fakes.jlis.items import deciding_item, lease_of, machine_of
from fakes.jlis.mistakes import falls_off
from fakes.jlis.results import acknowledgement, iso, micros, status_set
from fakes.jlis.tables import APPLICATION, CHANGE, ITEM
from fakes.jlis.troubles import acknowledgement_lost, elsewhere, reordering
from fakes.messages.jlis import (
    AcknowledgeChanges,
    Acknowledged,
    Change,
    ChangeKind,
    Changes,
    ChangesWanted,
    PushApplication,
    Relayed,
    Routed,
    Withdrawal,
)
from fakes.package.application import Application
from fakes.package.reading import read_package
from fakes.procedures import Procedure, city_service_code
from fakes.refusals import Code, RefusedError
from fakes.states.application import ApplicationEvent, ApplicationState
from fakes.states.lease import Lease
from fakes.states.machine import Actor, Refused
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.towns import town
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed, refused_by_rule

HANDLERS: Final[Handlers[Jlis]] = Handlers()

FORMS: Final = 2
"""Files of a package beside its attachments."""

_READ_ASIDE: Final = 256 * 1024
"""A larger package is read in a thread, so that others need not wait for it."""

_KNOWN = Statement(
    select(APPLICATION.c.digest, APPLICATION.c.owner, APPLICATION.c.arrived_at).where(
        APPLICATION.c.reference == bindparam("number")
    )
)
_DESTINATIONS = Statement(
    select(ITEM.c.municipality, ITEM.c.procedures)
    .where(ITEM.c.reference == bindparam("number"))
    .order_by(ITEM.c.decides.desc())
)

_C = CHANGE.c
_EARLIER = CHANGE.alias("earlier")
_FREE = or_(_C.lease_until.is_(None), _C.lease_until <= bindparam("at"))
_HELD = exists().where(
    _EARLIER.c.subject == _C.subject,
    _EARLIER.c.seq < _C.seq,
    _EARLIER.c.acknowledged.is_(None),
    _EARLIER.c.lease_until > bindparam("at"),
)
"""Somebody has an earlier change of the same subject: the later one waits, so that they are stored in order."""

_WAITING = Statement(
    select(
        *(_C.seq, _C.kind, _C.subject, _C.state, _C.message, _C.municipality, _C.owner, _C.at, _C.deliveries)
    )
    .where(_C.acknowledged.is_(None), _FREE, ~_HELD)
    .order_by(_C.seq)
    .limit(bindparam("limit"))
)  # fmt: skip
_CHANGE = Statement(select(_C.deliveries, _C.lease_until, _C.acknowledged).where(_C.seq == bindparam("change")))


@HANDLERS.on(PUSH)
async def push(call: WebCall, jlis: Jlis) -> Decide:
    """Take an application to the towns that its addresses name; the same one again is answered as before."""
    message: PushApplication = call.message
    content, number = message.application_zip, message.reference_number
    digest = hashlib.sha256(content).digest()
    if digest.hex() != message.sha256:
        raise RefusedError(Code.MISMATCH, "sha256")
    package = await asyncio.to_thread(read_package, content) if len(content) > _READ_ASIDE else read_package(content)
    destinations = route(package.application, jlis)
    towns = elsewhere(call, [place.municipality for place in destinations])
    first = destinations[0]
    if message.city_service_code != city_service_code(first.municipality, first.procedures[0]):
        raise RefusedError(Code.MISMATCH, "city_service_code")
    relayed = ApplicationRelayed(
        first.procedures[0],
        message.city_service_code,
        micros(message.accepted_at, "accepted_at"),
        len(content),
        FORMS + len(package.application.attachments),
        message.signing_serial,
        message.resubmission_of or "",
    )

    def event(body: Any, municipality: str, document: bytes | None, hashed: bytes) -> Event[Any]:
        return Event(number, body, municipality, message.owner_token, document, hashed)

    def decide(tx: Transaction) -> Decision:
        if (known := tx.one(_KNOWN, number=number)) is not None:
            if known[:2] != (digest, message.owner_token):
                raise RefusedError(Code.KEY_REUSED)
            before = [Routed(code, procedures_of(mask)) for code, mask in tx.all(_DESTINATIONS, number=number)]
            result = Relayed(number, iso(known[2]), before, message.sha256, message.owner_token)
            return Decision(reply(result, call.request.path, call.lang), subject=number)
        events = [event(relayed, first.municipality, content, digest)]
        if message.signature:
            hashed = hashlib.sha256(message.signature).digest()
            events.append(event(SignatureKept(), first.municipality, message.signature, hashed))
        for place, municipality in zip(destinations, towns, strict=True):
            if falls_off(jlis, tx, municipality):
                continue
            behind = jlis.defects.hits("cursor-skips", f"{number}/{municipality}")  # seeded defect
            arrived = ApplicationArrived(place.procedures, place is first, behind)
            events.append(event(arrived, municipality, None, digest))
        result = Relayed(number, iso(call.at), destinations, message.sha256, message.owner_token)
        return Decision(reply(result, call.request.path, call.lang), tuple(events), number)

    return decide


def route(application: Application, jlis: Jlis) -> list[Routed]:
    """Return the towns that get an application, the one that decides on it first.

    A moving-out notice goes to the town of the old address, a visit notice to that of the new one.

    Raises
    ------
    RefusedError
        E2004 for a town that takes no part.
    """
    by_town: dict[str, list[Procedure]] = {}
    for procedure in application.procedures:
        municipality = application.municipality_for(procedure)
        if jlis.defects.on("misroute-old-address"):  # seeded defect: whatever it is, the old address decides
            municipality = application.old_address.municipality
        by_town.setdefault(town(municipality).code, []).append(procedure)
    return [Routed(municipality, procedures) for municipality, procedures in by_town.items()]


@HANDLERS.on(PUSH_WITHDRAWAL)
def push_withdrawal(call: WebCall, _jlis: Jlis) -> Decide:
    """Take an application back, as long as the town has not accepted the notice; both towns learn it.

    So does the portal, though it asked: it may have been killed before it could note the answer.
    """
    message: Withdrawal = call.message
    number = call.values["reference_number"]

    def decide(tx: Transaction) -> Decision:
        item = deciding_item(tx, number)
        machine = machine_of(item.procedure)
        new: ApplicationState = allowed(machine.step(item.state, ApplicationEvent.WITHDRAW, Actor.APPLICANT))
        event = Event(number, StateChanged(new, message.reason, True), item.municipality, item.owner)
        return Decision(status_set(call, item, new, call.at), (event,), number)

    return decide


@HANDLERS.on(LEASE_CHANGES)
def lease_changes(call: WebCall, jlis: Jlis) -> Decide:
    """Hand over what has changed; until the lease ends, nobody else gets it or what follows it."""
    message: ChangesWanted = call.message
    at, until = call.at, micros_of(moment_of(call.at) + jlis.lease)
    ordered = reordering(call)

    def decide(tx: Transaction) -> Decision:
        rows = tx.all(_WAITING, at=at, limit=message.limit)
        told = [
            Change(
                *(seq, deliveries + 1, deliveries > 0, iso(until), ChangeKind(kind), subject, state, text),
                *(municipality, iso(changed), owner),
            )
            for seq, kind, subject, state, text, municipality, owner, changed, deliveries in rows
        ]
        told = ordered(told, lambda change: change.subject)
        leased = Event("portal", ChangesLeased([row[0] for row in rows], until, message.terminal))
        return Decision(reply(Changes(told), call.request.path, call.lang), (leased,) if rows else ())

    return decide


@HANDLERS.on(ACK_CHANGES)
def acknowledge_changes(call: WebCall, _jlis: Jlis) -> Decide:
    """Note which changes the portal has stored; each acknowledgement has a result of its own."""
    message: AcknowledgeChanges = call.message
    at = moment_of(call.at)
    lost = acknowledgement_lost(call)

    def decide(tx: Transaction) -> Decision:
        results, taken = [], []
        for given in message.acknowledgements:
            row = tx.one(_CHANGE, change=given.change)
            lease = lease_of(*row) if row is not None else None
            after = lease.acknowledge(given.delivery, at) if lease is not None else RefusedError(Code.NOT_FOUND)
            if isinstance(after, Refused):
                after = refused_by_rule(after)
            counts = not lost(given.delivery) and given.change not in taken
            if isinstance(after, Lease) and after != lease and counts:
                taken.append(given.change)
            problem = after if isinstance(after, RefusedError) else None
            results.append(acknowledgement(str(given.change), problem, call.lang))
        events = (Event("portal", ChangesAcknowledged(taken)),) if taken else ()
        return Decision(reply(Acknowledged(results), call.request.path, call.lang), events)

    return decide
