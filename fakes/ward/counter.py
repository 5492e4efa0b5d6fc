"""A card at the counter: whose it is, its PIN for the register (住民基本台帳用), and its unlocking.

A real card counts wrong entries on its chip, for each of its applications apart. The counter's PIN is one of its own,
so the count here is not the portal's; its digits are those of the other PIN, as most people choose them (assumption).
"""

from __future__ import annotations

import hmac
from typing import Any, Final

from sqlalchemy import bindparam, select

from fakes.endpoints.ward import UNLOCK_CARD
from fakes.identifiers import person_token
from fakes.messages.register import CardUnlocked, UnlockCard
from fakes.people import Person
from fakes.population import holder_of_card
from fakes.refusals import Code, RefusedError
from fakes.states.card import Secret, SecretKind
from fakes.states.machine import Refusal
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.ward import saying
from fakes.ward.context import Ward
from fakes.ward.events.access import CounterPinEntered
from fakes.ward.records import by_card
from fakes.ward.staff import at_work
from fakes.ward.tables import COUNTER_PIN, PLANNED
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import refused_by_rule

HANDLERS: Final[Handlers[Ward]] = Handlers()

_FAILURES = Statement(select(COUNTER_PIN.c.failures).where(COUNTER_PIN.c.card == bindparam("serial")))
_COMING = Statement(
    select(PLANNED.c.owner).where(PLANNED.c.municipality == bindparam("town"), PLANNED.c.person == bindparam("whose"))
)


class Shown:
    """A card that somebody shows, with the PIN that they enter.

    Parameters
    ----------
    serial, pin
        As entered.
    """

    def __init__(self, ward: Ward, serial: str, pin: str) -> None:
        self.serial = serial
        self.holder: Person | None = holder_of_card(ward.people, serial)
        self._ward = ward
        card = self.holder.card if self.holder is not None else None
        self._right = card is not None and hmac.compare_digest(card.pin, pin)

    @property
    def person(self) -> str:
        """Who has it, as the tables name people."""
        return person_token(self._ward.seed, self.holder.resident_code) if self.holder is not None else ""

    def opened(self, view: View, call: WebCall) -> tuple[tuple[Event[Any], ...], Decision | None]:
        """Return what is to be noted of the entry, and the refusal if it does not open the card."""
        if self.holder is None:
            return (), Decision(call.refuse(RefusedError(Code.WRONG_PASSWORD)))
        row = view.one(_FAILURES, serial=self.serial)
        before = Secret(SecretKind.PIN, row[0] if row else 0)
        after, refused = before.enter(self._right)
        town = call.identity.municipality
        counted: tuple[Event[Any], ...] = ()
        if after != before:
            counted = (Event(self.serial, CounterPinEntered(after.failures), town),)
        if refused is None:
            return counted, None
        wrong = refused.code is Refusal.WRONG_SECRET
        problem = RefusedError(Code.WRONG_PASSWORD) if wrong else refused_by_rule(refused)
        return counted, Decision(call.refuse(problem), counted, self.serial)

    def then(self, tx: Transaction, call: WebCall, decide: Decide) -> Decision:
        """Decide once the card is open. What was entered counts, also where the rest is refused."""
        counted, wrong = self.opened(tx, call)
        if wrong is not None:
            return wrong
        try:
            decision = decide(tx)
        except RefusedError as refused:
            return Decision(call.refuse(refused), counted, self.serial)
        return Decision(decision.answer, (*decision.events, *counted), decision.subject)


@HANDLERS.on(UNLOCK_CARD)
def unlock_card(call: WebCall, ward: Ward) -> Decide:
    """Unlock a card whose holder is here, and lives here or is about to."""
    message: UnlockCard = call.message
    town, serial = call.identity.municipality, message.card_serial
    holder = holder_of_card(ward.people, serial)
    person = person_token(ward.seed, holder.resident_code) if holder is not None else ""
    ward.wake(town)

    def decide(tx: Transaction) -> Decision:
        at_work(tx, call)
        living = by_card(tx, town, serial)
        coming = tx.one(_COMING, town=town, whose=person) if person else None
        if living is None and coming is None:
            raise RefusedError(Code.NOT_FOUND)
        secrets = list(dict.fromkeys(message.secrets))
        events = (
            Event(serial, CounterPinEntered(0), town),
            saying.unlock(town, serial, secrets, coming[0] if coming is not None else ""),
        )
        number = living.address_number if living is not None else ""
        answer = reply(CardUnlocked(serial, number), call.request.path, call.lang, status=202)
        return Decision(answer, events, number or serial)

    return decide
