"""What happens at the portal, and how its tables follow."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, delete, update

from fakes.portal.tables import APPLICATION, CARD, OUTBOX, TABLES
from fakes.states.application import ApplicationState
from fakes.states.card import SecretKind
from fakes.store.projections import Projections
from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import EventBody, Recorded

PROJECTIONS: Final = Projections(TABLES)


class ApplicationSubmitted(EventBody, tag="submitted"):
    """An application passed its check and waits for its signature, or is accepted at once; its document is the ZIP."""

    temporary: str
    applicant: str
    city_service_code: str
    state: ApplicationState
    reference: str | None = None


class ApplicationSigned(EventBody, tag="signed"):
    """An application was signed and has its receipt number; its document is the signature (CMS)."""

    temporary: str
    reference: str
    signing_serial: int


class ApplicationRelayed(EventBody, tag="relayed"):
    """J-LIS has an application."""

    state: ApplicationState = ApplicationState.ARRIVED


class ApplicationChanged(EventBody, tag="application-changed"):
    """The town changed the state of an application, and the portal learned it; or its time passed."""

    state: ApplicationState
    message: str = ""


class SecretEntered(EventBody, tag="secret-entered"):
    """A secret of a card was entered; `failures` in a row since."""

    secret: SecretKind
    failures: int


_INSERT = insertion(APPLICATION)
_CHANGE = Statement(
    update(APPLICATION)
    .where(APPLICATION.c.reference == bindparam("number"))
    .values(state=bindparam("new_state"), changed_at=bindparam("at"), message=bindparam("told"))
)
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
        city_service_code=body.city_service_code,
        state=body.state,
        owner=event.owner,
        digest=event.digest,
        submitted_at=event.at,
        accepted_at=None if body.reference is None else event.at,
        signature_seq=None,
        signing_serial=None,
        message="",
        changed_at=event.at,
    )
    if body.reference is not None:
        tx.run(_PUT_OUT, seq=event.seq, reference=body.reference)


@PROJECTIONS.on(ApplicationSigned)
def _signed(tx: Transaction, event: Recorded[ApplicationSigned]) -> None:
    body = event.body
    signed = {"number": body.temporary, "receipt": body.reference, "serial": body.signing_serial}
    tx.run(_SIGNED, **signed, at=event.at, signature=event.seq)
    tx.run(_PUT_OUT, seq=event.seq, reference=body.reference)


@PROJECTIONS.on(ApplicationRelayed)
def _relayed(tx: Transaction, event: Recorded[ApplicationRelayed]) -> None:
    tx.run(_GONE_OUT, number=event.subject)
    tx.run(_CHANGE, number=event.subject, new_state=event.body.state, at=event.at, told="")


@PROJECTIONS.on(ApplicationChanged)
def _changed(tx: Transaction, event: Recorded[ApplicationChanged]) -> None:
    tx.run(_CHANGE, number=event.subject, new_state=event.body.state, at=event.at, told=event.body.message)


@PROJECTIONS.on(SecretEntered)
def _entered(tx: Transaction, event: Recorded[SecretEntered]) -> None:
    statement = _FAILURES[event.body.secret]
    if not tx.run(statement, card=event.subject, failures=event.body.failures):
        tx.run(_NEW_CARD, serial=event.subject, pin_failures=0, password_failures=0)
        tx.run(statement, card=event.subject, failures=event.body.failures)
