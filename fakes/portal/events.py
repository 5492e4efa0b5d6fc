"""What happens at the portal, and how its tables follow."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import bindparam, delete, update

from fakes.portal.tables import APPLICATION, CARD, MESSAGE, OUTBOX, TABLES
from fakes.states.application import ApplicationState
from fakes.states.card import SecretKind
from fakes.store.projections import Projections
from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import EventBody, Recorded

PROJECTIONS: Final = Projections(TABLES)


class ApplicationSubmitted(EventBody, tag="submitted"):
    """An application passed its check and waits for its signature; its document is the ZIP."""

    temporary: str
    applicant: str
    services: list[str]
    moving_date: date
    card: str
    content: int
    state: ApplicationState
    reference: str | None = None
    duplicate_of: str = ""
    """Temporary number of an application with the same content that is not ended."""
    resubmission_of: str = ""
    """Receipt number of the returned application in whose place it comes."""


class ApplicationSigned(EventBody, tag="signed"):
    """An application was signed and has its receipt number; its document is the signature (CMS)."""

    temporary: str
    reference: str
    card: str
    signing_serial: int


class ApplicationRelayed(EventBody, tag="relayed"):
    """J-LIS has an application."""


class ApplicationChanged(EventBody, tag="application-changed"):
    """An application has another state: the town says so, its applicant took it back, or J-LIS cannot take it."""

    state: ApplicationState
    message: str = ""
    change: int = 0
    """Number of the change at J-LIS; 0 for one that is not from there."""


class ApplicationForgotten(EventBody, tag="forgotten"):
    """A seeded defect: an accepted application is dropped, and J-LIS never gets it."""


class SecretEntered(EventBody, tag="secret-entered"):
    """A secret of a card was entered; `failures` in a row since."""

    secret: SecretKind
    failures: int


_INSERT = insertion(APPLICATION)
_CHANGE = Statement(
    update(APPLICATION)
    .where(APPLICATION.c.reference == bindparam("number"))
    .values(
        state=bindparam("new_state"),
        changed_at=bindparam("at"),
        messages=APPLICATION.c.messages + 1,
        last_change=bindparam("change"),
    )
)
_ARRIVE = Statement(
    update(APPLICATION)
    .where(APPLICATION.c.reference == bindparam("number"), APPLICATION.c.state == ApplicationState.ACCEPTED.value)
    .values(state=ApplicationState.ARRIVED.value, changed_at=bindparam("at"))
)
_TELL = insertion(MESSAGE)
_SIGNED = Statement(
    update(APPLICATION)
    .where(APPLICATION.c.temporary == bindparam("number"))
    .values(
        state=ApplicationState.ACCEPTED.value,
        reference=bindparam("receipt"),
        accepted_at=bindparam("at"),
        changed_at=bindparam("at"),
        signature_seq=bindparam("signature"),
        signing_serial=bindparam("serial"),
        card=bindparam("whose"),
    )
)
_PUT_OUT = insertion(OUTBOX)
_GONE_OUT = Statement(delete(OUTBOX).where(OUTBOX.c.reference == bindparam("number")))
_NEW_CARD = insertion(CARD)
_PIN = Statement(update(CARD).where(CARD.c.serial == bindparam("card")).values(pin_failures=bindparam("failures")))
_PASSWORD = Statement(
    update(CARD).where(CARD.c.serial == bindparam("card")).values(password_failures=bindparam("failures"))
)
_FAILURES = {SecretKind.PIN: _PIN, SecretKind.SIGNING_PASSWORD: _PASSWORD}


@PROJECTIONS.on(ApplicationSubmitted)
def _submitted(tx: Transaction, event: Recorded[ApplicationSubmitted]) -> None:
    body = event.body
    tx.run(
        _INSERT,
        seq=event.seq,
        temporary=body.temporary,
        reference=body.reference,
        applicant=body.applicant,
        municipality=event.municipality,
        services=" ".join(body.services),
        moving_day=body.moving_date.toordinal(),
        card=body.card,
        content=body.content,
        duplicate_of=body.duplicate_of,
        resubmission_of=body.resubmission_of or None,
        state=body.state,
        owner=event.owner,
        digest=event.digest,
        submitted_at=event.at,
        accepted_at=None if body.reference is None else event.at,
        signature_seq=None,
        signing_serial=None,
        messages=0,
        last_change=0,
        changed_at=event.at,
    )
    if body.reference is not None:
        tx.run(_PUT_OUT, seq=event.seq, reference=body.reference)


@PROJECTIONS.on(ApplicationSigned)
def _signed(tx: Transaction, event: Recorded[ApplicationSigned]) -> None:
    body = event.body
    signed = {"number": body.temporary, "receipt": body.reference, "serial": body.signing_serial, "whose": body.card}
    tx.run(_SIGNED, **signed, at=event.at, signature=event.seq)
    tx.run(_PUT_OUT, seq=event.seq, reference=body.reference)


@PROJECTIONS.on(ApplicationRelayed)
def _relayed(tx: Transaction, event: Recorded[ApplicationRelayed]) -> None:
    tx.run(_GONE_OUT, number=event.subject)
    tx.run(_ARRIVE, number=event.subject, at=event.at)


@PROJECTIONS.on(ApplicationChanged)
def _changed(tx: Transaction, event: Recorded[ApplicationChanged]) -> None:
    body, number = event.body, event.subject
    tx.run(_CHANGE, number=number, new_state=body.state, at=event.at, change=body.change)
    tx.run(_TELL, seq=event.seq, reference=number, at=event.at, state=body.state, text=body.message)
    tx.run(_GONE_OUT, number=number)


@PROJECTIONS.on(ApplicationForgotten)
def _forgotten(tx: Transaction, event: Recorded[ApplicationForgotten]) -> None:
    tx.run(_GONE_OUT, number=event.subject)


@PROJECTIONS.on(SecretEntered)
def _entered(tx: Transaction, event: Recorded[SecretEntered]) -> None:
    statement = _FAILURES[event.body.secret]
    if not tx.run(statement, card=event.subject, failures=event.body.failures):
        tx.run(_NEW_CARD, serial=event.subject, pin_failures=0, password_failures=0)
        tx.run(statement, card=event.subject, failures=event.body.failures)
