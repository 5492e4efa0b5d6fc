"""Logins at the portal: a card with its PIN, and a provider with its password."""

from __future__ import annotations

import hmac
from datetime import date
from typing import Final

from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.endpoints.portal import AUTHENTICATE_PROVIDER, LOGIN
from fakes.messages.answer import Answer
from fakes.messages.portal import AccessKey, CardLogin, ProviderLogin
from fakes.people import Card
from fakes.portal.context import Portal
from fakes.portal.events import SecretEntered
from fakes.portal.tables import CARD
from fakes.refusals import Code, RefusedError
from fakes.states.card import Secret, SecretKind
from fakes.states.machine import Refusal
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import refused_by_rule
from fakes.web.tokens import Token, ends

HANDLERS: Final[Handlers[Portal]] = Handlers()

_FAILURES = Statement(select(CARD.c.pin_failures, CARD.c.password_failures).where(CARD.c.serial == bindparam("card")))
_PREFIX = "TEST"


@HANDLERS.on(LOGIN)
def login(call: WebCall, portal: Portal) -> Decide:
    """Open a session for whoever has the card and knows its PIN; wrong tries are counted, and the third locks."""
    message: CardLogin = call.message
    card = card_of(portal, message.card_serial)
    right = card is not None and hmac.compare_digest(card.pin, message.pin)

    def decide(tx: Transaction) -> Decision:
        if card is None:
            raise RefusedError(Code.WRONG_PASSWORD)
        counted, problem = entered(tx, card.serial, SecretKind.PIN, right)
        if problem is None:
            problem = lapsed(card.authentication.valid_until, call.at)
        if problem is not None:
            return Decision(call.refuse(problem), counted, card.serial)
        return Decision(_session(call, portal, "applicant", card.serial, tx.next_seq), counted, card.serial)

    return decide


@HANDLERS.on(AUTHENTICATE_PROVIDER)
def authenticate_provider(call: WebCall, portal: Portal) -> Decide:
    """Open a session for a provider."""
    message: ProviderLogin = call.message

    def decide(tx: Transaction) -> Decision:
        check_source(call, portal)
        if not is_provider(portal, message.id, message.password):
            raise RefusedError(Code.WRONG_PASSWORD)
        return Decision(_session(call, portal, "provider", message.id, tx.next_seq), (), message.id)

    return decide


def is_provider(portal: Portal, name: str, password: str) -> bool:
    """Whether a provider's ID and the SHA-256 of its password fit."""
    known = portal.providers.get(name, "")
    return bool(known) and hmac.compare_digest(known.encode(), password.encode())


def check_source(call: WebCall, portal: Portal) -> None:
    """Check that a provider calls from an address that it has registered.

    Raises
    ------
    RefusedError
        E5011.
    """
    if portal.sources and call.request.source not in portal.sources:
        raise RefusedError(Code.UNKNOWN_PEER)


def lapsed(last: date, at: int) -> RefusedError | None:
    """Return the refusal of a card or certificate whose last day has passed."""
    return RefusedError(Code.EXPIRED, day=last) if moment_of(at).date() > last else None


def entered(
    tx: Transaction, serial: str, kind: SecretKind, right: bool
) -> tuple[tuple[Event[SecretEntered], ...], RefusedError | None]:
    """Count the entry of a card's secret; return what happened, and why the card does not open."""
    row = tx.one(_FAILURES, card=serial)
    counts = dict(zip(SecretKind, row or (0, 0), strict=True))
    before = Secret(kind, counts[kind])
    after, refused = before.enter(right)
    counted = () if after == before else (Event(serial, SecretEntered(kind, after.failures)),)
    if refused is None:
        return counted, None
    wrong = refused.code is Refusal.WRONG_SECRET
    return counted, RefusedError(Code.WRONG_PASSWORD) if wrong else refused_by_rule(refused)


def card_of(portal: Portal, serial: str) -> Card | None:
    """Return the card of a serial; None if nobody has it."""
    person = portal.people.person(int(serial.removeprefix(_PREFIX)))
    return None if person is None else person.card


def _session(call: WebCall, portal: Portal, kind: str, subject: str, number: int) -> Answer:
    until = ends(call.at, portal.session_s)
    key = portal.tokens.issue(Token(kind, subject, "", (), until, f"{call.at}-{number}"))
    return reply(AccessKey(key, portal.session_s), call.request.path, call.lang, access_key=key)
