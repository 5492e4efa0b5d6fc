"""Messages about cards and their certificates; fields are assumptions. OCSP and lists come and go as DER."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import CardSerial, Day, IndividualNumber, Moment
from fakes.package.application import Address, Name
from fakes.states.card import SecretKind

CertificateSerial = Annotated[int, Meta(ge=1, le=2**31, title="電子証明書シリアル番号 (仮定)")]


class CardQuestion(Message):
    """Whose card."""

    individual_number: IndividualNumber


class CardState(StrEnum):
    """Whether a card can be used."""

    VALID = "valid"
    EXPIRED = "expired"


class CertificateStatus(StrEnum):
    """State of a certificate on a card."""

    GOOD = "good"
    REVOKED = "revoked"
    EXPIRED = "expired"


class CertificateOnCard(Outcome):
    """The newest certificate of a kind."""

    serial: CertificateSerial
    status: CertificateStatus
    valid_until: Day


class CardStatus(Outcome):
    """カード発行状況."""

    card_serial: CardSerial
    state: CardState
    valid_until: Day
    authentication: CertificateOnCard
    signing: CertificateOnCard | None


class DeliveryInfo(Message):
    """送付先情報: where a card is sent."""

    individual_number: IndividualNumber
    name: Name
    address: Address


class DeliveryInfoTaken(Outcome):
    """Its receipt."""

    receipt: str


class UnlockCard(Message):
    """The counter unlocks secrets of a card; the portal, which plays the card, learns it with the changes."""

    card_serial: CardSerial
    secrets: Annotated[list[SecretKind], Meta(min_length=1, max_length=2)]


class CardUnlocked(Outcome):
    """The card."""

    card_serial: CardSerial
    unlocked_at: Moment


class RevokeCertificate(Message):
    """The town's register ends a signing certificate: 転居, a change of name, or by hand."""

    serial: CertificateSerial
    reason: Literal["affiliation_changed", "superseded", "key_compromise", "cessation_of_operation"] = (
        "affiliation_changed"
    )


class CertificateRevoked(Outcome):
    """Since when it is revoked; the first revocation counts."""

    serial: CertificateSerial
    revoked_at: Moment


class IssueCertificate(Message):
    """The counter issues a new signing certificate for the address of the move, on the same card."""

    card_serial: CardSerial
    address: Address


class CertificateIssued(Outcome):
    """The certificate, DER (base64); its key is the one that the card has for the serial number."""

    card_serial: CardSerial
    serial: CertificateSerial
    valid_until: Day
    certificate: bytes
