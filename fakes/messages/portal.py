"""Messages of the portal, as public clients of it show them; what is marked (assumption) is ours."""

from __future__ import annotations

from typing import Literal

from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import (
    CardSerial,
    CityServiceCode,
    Flag,
    HashedPassword,
    Moment,
    Owner,
    Pin,
    ReferenceNumber,
    SigningPassword,
    TemporaryNumber,
)


class ProviderLogin(Message):
    """認証: a private-sector portal; the password is sent as its SHA-256."""

    id: str
    password: HashedPassword


class CardLogin(Message):
    """An applicant's login with card and PIN; the portal plays the card, whose chip counts wrong tries (assumption)."""

    card_serial: CardSerial
    pin: Pin


class AccessKey(Outcome):
    """Answer to a login."""

    access_key: str
    expires_in: int
    """Seconds of the scenario."""


class SubmitApplicationSet(Message):
    """申請データ送信."""

    city_service_code: CityServiceCode
    application_zip: bytes
    sign_flg: Flag = "1"


class Submitted(Outcome):
    """仮受付番号."""

    temporary_reference_number: TemporaryNumber
    owner_token: Owner


class SubmissionInquiry(Message):
    """処理状況照会・受付番号確認."""

    temporary_reference_number: TemporaryNumber


class SubmissionStatus(Outcome):
    """001 and 002: ask again; 003: sign `file_for_signature` (base64); 999: the check found an error."""

    status_code: Literal["001", "002", "003", "999", ""]
    """Empty once it is finished."""
    finished: bool
    reference_number: str
    """受付番号, 17 digits; empty until it is finished."""
    city_service_code: CityServiceCode
    reception_date: Moment
    file_for_signature: str
    owner_token: Owner


class SubmitSignature(Message):
    """Signature over the file for signature: CMS, detached, with the certificate in it, base64 (assumption)."""

    temporary_reference_number: TemporaryNumber
    signature: bytes
    signing_password: SigningPassword
    """The portal plays the card, which signs only with it."""


class Accepted(Outcome):
    """受付番号 (assumption)."""

    reference_number: ReferenceNumber
    finished: bool
    owner_token: Owner


class ApplicantMessage(Outcome):
    """A message to the applicant."""

    message_id: str
    message_type: str
    new_arrivals: bool
    datetime: Moment
    title: str
    document_id: str


class ProcedureStatus(Outcome):
    """One procedure of an application."""

    procedure: str
    status_code: Literal["001", "002", "003", "008"]
    status_name: str


class ApplicationStatus(Outcome):
    """申請状況."""

    reference_number: ReferenceNumber
    municipality: str
    procedures: list[ProcedureStatus]
    messages: list[ApplicantMessage]
    owner_token: Owner
