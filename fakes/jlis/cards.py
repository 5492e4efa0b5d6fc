"""Cards: their state, where they are sent, and secrets that a counter unlocks."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from fakes.clock import moment_of
from fakes.endpoints.jlis import CARD_STATUS, DELIVERY_INFO, UNLOCK
from fakes.identifiers import checked_individual_number
from fakes.jlis.certificates import Register, card_holder, newest_signing, status_of
from fakes.jlis.context import Jlis
from fakes.jlis.events.cards import CardUnlocked, DeliveryInfoTaken
from fakes.jlis.results import iso
from fakes.messages.cards import (
    CardQuestion,
    CardState,
    CardStatus,
    CertificateOnCard,
    DeliveryInfo,
    UnlockCard,
)
from fakes.messages.cards import CardUnlocked as Unlocked
from fakes.messages.cards import DeliveryInfoTaken as Taken
from fakes.people import Person
from fakes.pki.oids import Purpose
from fakes.refusals import Code, RefusedError
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.towns import town
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Jlis]] = Handlers()

_encode = msgspec.json.Encoder().encode


def _whose(individual_number: str, jlis: Jlis) -> Person:
    """Return who has a number.

    Raises
    ------
    RefusedError
        404 when nobody has it, or whoever has it has no card.
    """
    person = jlis.people.with_number(checked_individual_number(individual_number))
    if person is None or person.card is None:
        raise RefusedError(Code.NOT_FOUND)
    return person


@HANDLERS.on(CARD_STATUS)
def card_status(call: WebCall, jlis: Jlis) -> Reading:
    """Say in which state somebody's card and its certificates are."""
    message: CardQuestion = call.message
    person = _whose(message.individual_number, jlis)
    card, today = person.card, moment_of(call.at).date()
    assert card is not None

    def ask(view: View) -> Decision:
        register = Register(view, jlis.people)

        def on_card(purpose: Purpose, serial: int, until: date) -> CertificateOnCard:
            return CertificateOnCard(serial, status_of(register, purpose, serial, until, today), until.isoformat())

        first, newest = card.authentication, newest_signing(view, person)
        result = CardStatus(
            card.serial,
            CardState.EXPIRED if today > card.valid_until else CardState.VALID,
            card.valid_until.isoformat(),
            on_card(Purpose.AUTHENTICATION, first.serial, first.valid_until),
            None if newest is None else on_card(Purpose.SIGNING, *newest),
        )
        return Decision(reply(result, call.request.path, call.lang), subject=card.serial)

    return Reading(ask)


@HANDLERS.on(DELIVERY_INFO)
def delivery_info(call: WebCall, _jlis: Jlis) -> Decide:
    """Take where somebody's card is to be sent (送付先情報), from the town in which that is."""
    message: DeliveryInfo = call.message
    checked_individual_number(message.individual_number)
    municipality = call.identity.municipality
    if town(message.address.municipality, "address.municipality").code != municipality:
        raise RefusedError(Code.MISMATCH, "address.municipality")
    content = _encode(message)

    def decide(tx: Transaction) -> Decision:
        receipt = f"D{tx.next_seq:010d}"
        event = Event(receipt, DeliveryInfoTaken(), municipality, document=content)
        return Decision(reply(Taken(receipt), call.request.path, call.lang, status=202), (event,), receipt)

    return decide


@HANDLERS.on(UNLOCK)
def unlock(call: WebCall, jlis: Jlis) -> Decide:
    """Unlock secrets of a card at the counter; the portal, which plays the card, learns it with the changes."""
    message: UnlockCard = call.message
    if card_holder(message.card_serial, jlis) is None:
        raise RefusedError(Code.NOT_FOUND)
    card, secrets = message.card_serial, dict.fromkeys(message.secrets)

    def decide(_tx: Transaction) -> Decision:
        events = tuple(Event(card, CardUnlocked(secret), call.identity.municipality) for secret in secrets)
        return Decision(reply(Unlocked(card, iso(call.at)), call.request.path, call.lang), events, card)

    return decide
