"""Who may come in: passwords of staff, PINs at the counter, assertions and tokens of systems."""

from __future__ import annotations

from sqlalchemy import bindparam, update

from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import EventBody, Recorded
from fakes.ward.events.base import PROJECTIONS
from fakes.ward.tables import ACCOUNT, ASSERTION, COUNTER_PIN, REVOKED


class PasswordEntered(EventBody, tag="password-entered"):
    """A member of staff entered a password, or was unlocked; wrong ones in a row since, and until when they lock."""

    failures: int
    locked_until: int


class CounterPinEntered(EventBody, tag="counter-pin-entered"):
    """The PIN of a card was entered at a counter, or unlocked there; `failures` in a row since."""

    failures: int


class AssertionUsed(EventBody, tag="assertion-used"):
    """A system showed an assertion; the same one counts no second time."""

    jti: str
    until: int


class TokenRevoked(EventBody, tag="token-revoked"):
    """A system gave back a token; the subject is its number."""


_ACCOUNT = Statement(
    update(ACCOUNT)
    .where(ACCOUNT.c.municipality == bindparam("town"), ACCOUNT.c.id == bindparam("staff"))
    .values(failures=bindparam("count"), locked_until=bindparam("moment"))
)
_NEW_ACCOUNT = insertion(ACCOUNT)
_PIN = Statement(
    update(COUNTER_PIN).where(COUNTER_PIN.c.card == bindparam("serial")).values(failures=bindparam("count"))
)
_NEW_PIN = insertion(COUNTER_PIN)
_ASSERTION = insertion(ASSERTION)
_REVOKED = insertion(REVOKED)


@PROJECTIONS.on(PasswordEntered)
def _password(tx: Transaction, event: Recorded[PasswordEntered]) -> None:
    town, failures, until = event.municipality, event.body.failures, event.body.locked_until
    if not tx.run(_ACCOUNT, town=town, staff=event.subject, count=failures, moment=until):
        tx.run(_NEW_ACCOUNT, municipality=town, id=event.subject, failures=failures, locked_until=until)


@PROJECTIONS.on(CounterPinEntered)
def _pin(tx: Transaction, event: Recorded[CounterPinEntered]) -> None:
    if not tx.run(_PIN, serial=event.subject, count=event.body.failures):
        tx.run(_NEW_PIN, card=event.subject, failures=event.body.failures)


@PROJECTIONS.on(AssertionUsed)
def _assertion(tx: Transaction, event: Recorded[AssertionUsed]) -> None:
    tx.run(_ASSERTION, client=event.subject, jti=event.body.jti, until=event.body.until)


@PROJECTIONS.on(TokenRevoked)
def _revoked(tx: Transaction, event: Recorded[TokenRevoked]) -> None:
    tx.run(_REVOKED, number=event.subject, at=event.at)
