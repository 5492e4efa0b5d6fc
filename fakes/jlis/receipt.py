"""The relay's side towards the towns: applications with their leases, acknowledgements, what is given back."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import bindparam, or_, select

from fakes.clock import micros_of, moment_of
from fakes.endpoints.jlis import ACK, ACK_BATCH, RELEASE, SIGNATURE, TAKE, TAKE_BATCH
from fakes.jlis.context import Jlis
from fakes.jlis.events.relay import ApplicationDelivered, DeliveryAcknowledged, DeliveryForgotten, DeliveryReleased
from fakes.jlis.items import GONE, Item, entitled, moved_on, own_item, take
from fakes.jlis.mistakes import another, forgets
from fakes.jlis.results import acknowledgement, iso, status_set
from fakes.jlis.tables import APPLICATION, ITEM
from fakes.jlis.troubles import acknowledgement_lost, reordering
from fakes.messages.jlis import (
    AcknowledgeApplication,
    AcknowledgeApplications,
    Acknowledged,
    TakeApplication,
    TakeApplications,
    TakenApplication,
    TakenApplications,
)
from fakes.refusals import Code, RefusedError
from fakes.store.documents import read_document
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.web.answers import document, reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall
from fakes.web.rules import allowed

HANDLERS: Final[Handlers[Jlis]] = Handlers()

LARGEST_BATCH: Final = 8 * 1024 * 1024
"""Bytes of packages in one answer, unless the first alone is larger."""

_WAITING = Statement(
    select(ITEM.c.reference, APPLICATION.c.size)
    .join(APPLICATION, APPLICATION.c.reference == ITEM.c.reference)
    .where(
        ITEM.c.municipality == bindparam("town"),
        ITEM.c.seq > 0,
        ITEM.c.acknowledged.is_(None),
        or_(ITEM.c.lease_until.is_(None), ITEM.c.lease_until <= bindparam("at")),
        ITEM.c.procedures.bitwise_and(bindparam("mask")) != 0,
        *(ITEM.c.state != state for state in GONE),
    )
    .order_by(ITEM.c.seq)
    .limit(bindparam("limit"))
)


@HANDLERS.on(TAKE)
def take_one(call: WebCall, jlis: Jlis) -> Decide:
    """Hand over an application and lease it to the terminal; a repetition says that it is one."""
    message: TakeApplication = call.message
    number = call.values["reference_number"]
    terminal = message.terminal or call.identity.subject

    def decide(tx: Transaction) -> Decision:
        item = own_item(tx, number, call.identity)
        event = _delivery(call, jlis, item, terminal)
        headers = (
            (b"x-delivery", b"%d" % event.body.delivery),
            (b"x-redelivery", b"true" if event.body.redelivered else b"false"),
            (b"x-lease-until", iso(event.body.lease_until).encode()),
            (b"x-owner-token", item.owner.encode()),
            (b"x-digest", item.digest.hex().encode()),
        )
        answer = document(_content(tx, item.document), TAKE.media, headers=headers)
        return Decision(answer, (event,), number)

    return decide


@HANDLERS.on(TAKE_BATCH)
def take_batch(call: WebCall, jlis: Jlis) -> Decide:
    """Hand over applications that nobody has, oldest first, as many as fit into an answer."""
    message: TakeApplications = call.message
    who = call.identity
    terminal = message.terminal or who.subject
    ordered = reordering(call)

    def decide(tx: Transaction) -> Decision:
        where = {"town": who.municipality, "at": call.at, "mask": entitled(who), "limit": message.limit}
        taken: list[TakenApplication] = []
        events: list[Event[ApplicationDelivered]] = []
        room = LARGEST_BATCH
        for number, size in tx.all(_WAITING, **where):
            room -= size
            if room < 0 and taken:
                break
            item = own_item(tx, number, who)
            event = _delivery(call, jlis, item, terminal)
            events.append(event)
            body = event.body
            taken.append(
                TakenApplication(
                    *(number, body.delivery, body.redelivered, iso(body.lease_until), item.digest.hex(), item.owner),
                    _content(tx, item.document),
                )
            )
        taken = ordered(taken, lambda one: one.reference_number)
        return Decision(reply(TakenApplications(taken), call.request.path, call.lang), tuple(events))

    return decide


@HANDLERS.on(SIGNATURE)
def signature(call: WebCall, _jlis: Jlis) -> Reading:
    """Give the signature that came with an application."""
    number = call.values["reference_number"]

    def ask(view: View) -> Decision:
        item = own_item(view, number, call.identity)
        if item.signature is None:
            raise RefusedError(Code.NOT_FOUND)
        headers = ((b"x-owner-token", item.owner.encode()),)
        return Decision(document(_content(view, item.signature), SIGNATURE.media, headers=headers), subject=number)

    return Reading(ask)


@HANDLERS.on(ACK)
def acknowledge(call: WebCall, jlis: Jlis) -> Decide:
    """Note that the town has stored a delivery; only the newest one counts."""
    message: AcknowledgeApplication = call.message
    number = call.values["reference_number"]
    lost = acknowledgement_lost(call)

    def decide(tx: Transaction) -> Decision:
        item = own_item(tx, number, call.identity)
        events = () if lost(message.delivery) else _acknowledgement(tx, call, jlis, item, message.delivery)
        return Decision(status_set(call, item, item.when_stored, call.at), events, number)

    return decide


@HANDLERS.on(ACK_BATCH)
def acknowledge_batch(call: WebCall, jlis: Jlis) -> Decide:
    """Note which deliveries the town has stored; each acknowledgement has a result of its own."""
    message: AcknowledgeApplications = call.message
    lost = acknowledgement_lost(call)

    def decide(tx: Transaction) -> Decision:
        results = []
        events: dict[str, tuple[Event[Any], ...]] = {}
        for given in message.acknowledgements:
            number, problem = given.reference_number, None
            try:
                item = own_item(tx, number, call.identity)
                made = () if lost(given.delivery) else _acknowledgement(tx, call, jlis, item, given.delivery)
                events.setdefault(number, made)
            except RefusedError as refused:
                problem = refused
            results.append(acknowledgement(number, problem, call.lang))
        happened = tuple(event for made in events.values() for event in made)
        return Decision(reply(Acknowledged(results), call.request.path, call.lang), happened)

    return decide


@HANDLERS.on(RELEASE)
def release(call: WebCall, _jlis: Jlis) -> Decide:
    """Take an application back from a town that cannot store it now; the next delivery is a repetition."""
    message: AcknowledgeApplication = call.message
    number = call.values["reference_number"]

    def decide(tx: Transaction) -> Decision:
        item = own_item(tx, number, call.identity)
        allowed(item.lease.release(message.delivery, moment_of(call.at)))
        event = Event(number, DeliveryReleased(message.delivery), item.municipality, item.owner, digest=item.digest)
        return Decision(status_set(call, item, item.state, call.at), (event,), number)

    return decide


def _delivery(call: WebCall, jlis: Jlis, item: Item, terminal: str) -> Event[ApplicationDelivered]:
    lease = take(item, terminal, moment_of(call.at), jlis.lease)
    assert lease.until is not None
    redelivered = lease.redelivered and not forgets(jlis, item)
    body = ApplicationDelivered(lease.deliveries, micros_of(lease.until), terminal, redelivered)
    return Event(item.reference, body, item.municipality, item.owner, digest=item.digest)


def _acknowledgement(tx: Transaction, call: WebCall, jlis: Jlis, item: Item, delivery: int) -> tuple[Event[Any], ...]:
    """Return what an acknowledgement makes happen; nothing if it was noted before.

    A delivery is acknowledged even when the application was withdrawn meanwhile: the town has it, and learns the rest
    from the states.
    """
    after = allowed(item.lease.acknowledge(delivery, moment_of(call.at)))
    if after == item.lease:
        return ()
    if delivery == 1 and (instead := another(jlis, tx, item, call.identity)):
        return instead
    stored = DeliveryForgotten(delivery) if delivery == 1 and forgets(jlis, item) else DeliveryAcknowledged(delivery)
    return (Event(item.reference, stored, item.municipality, item.owner, digest=item.digest), *moved_on(item))


def _content(view: View, event: int) -> bytes:
    content = read_document(view, event)
    assert content is not None, "the log keeps every document"
    return content
