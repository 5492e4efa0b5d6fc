"""Cards and their certificates."""

from __future__ import annotations

from fakes.jlis.events.projections import PROJECTIONS, tell_portal
from fakes.jlis.tables import ISSUED, REVOCATION
from fakes.messages.jlis import ChangeKind
from fakes.pki.oids import Purpose
from fakes.pki.register import Reason
from fakes.states.card import SecretKind
from fakes.store.statements import insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import EventBody, Recorded


class CertificateRevoked(EventBody, tag="certificate-revoked"):
    """A certificate was revoked."""

    purpose: Purpose
    serial: int
    reason: Reason


class CertificateIssued(EventBody, tag="certificate-issued"):
    """A new signing certificate (the document) for a card (`subject`); `valid_until` is a day, as `date.toordinal`."""

    serial: int
    valid_until: int


class DeliveryInfoTaken(EventBody, tag="delivery-info-taken"):
    """A town said where a card is sent; what it said is the document."""


class CardUnlocked(EventBody, tag="card-unlocked"):
    """A counter unlocked a secret of a card."""

    secret: SecretKind


_REVOKED = insertion(REVOCATION)
_ISSUED = insertion(ISSUED)


@PROJECTIONS.on(CertificateRevoked)
def _revoked(tx: Transaction, event: Recorded[CertificateRevoked]) -> None:
    body = event.body
    tx.run(_REVOKED, purpose=body.purpose, serial=body.serial, at=event.at, reason=body.reason)


@PROJECTIONS.on(CertificateIssued)
def _issued(tx: Transaction, event: Recorded[CertificateIssued]) -> None:
    tx.run(_ISSUED, serial=event.body.serial, card=event.subject, valid_until=event.body.valid_until)


@PROJECTIONS.on(DeliveryInfoTaken)
def _delivery_info_taken(_tx: Transaction, _event: Recorded[DeliveryInfoTaken]) -> None:
    """Nothing reads it but whoever looks into the log."""


@PROJECTIONS.on(CardUnlocked)
def _unlocked(tx: Transaction, event: Recorded[CardUnlocked]) -> None:
    tell_portal(tx, event, ChangeKind.CARD_UNLOCKED, event.body.secret)
