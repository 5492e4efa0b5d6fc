"""Messages of the portal, as public clients of it show them; what is marked (assumption) is ours."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import (
    CardSerial,
    CityServiceCode,
    Cursor,
    Flag,
    HashedPassword,
    Moment,
    Note,
    Owner,
    Page,
    PerPage,
    Pin,
    ProviderId,
    ReferenceNumber,
    SigningPassword,
    TemporaryNumber,
)


class ProviderLogin(Message):
    """認証: a private-sector portal; the password is sent as its SHA-256."""

    id: ProviderId
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
    card_serial: CardSerial | None = None
    """Whose card will sign, when a provider submits; it can also say so with the signature (assumption)."""
    resubmission_of: ReferenceNumber | None = None
    """受付番号 of the returned application (要再申請) in whose place this one comes (assumption)."""


class Submitted(Outcome):
    """仮受付番号."""

    temporary_reference_number: TemporaryNumber
    owner_token: Owner
    duplicate_of: str
    """仮受付番号 of an application with the same content that is not ended; empty if there is none (assumption)."""


class SubmissionInquiry(Message):
    """処理状況照会・受付番号確認."""

    temporary_reference_number: TemporaryNumber


class ApplicantMessage(Outcome):
    """A message to the applicant."""

    message_id: str
    message_type: str
    new_arrivals: bool
    """Whether it is the newest."""
    datetime: Moment
    title: str
    """The state that it tells, in words."""
    text: Note
    """What the town says to it; may be empty."""
    document_id: str


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
    customers_copy: str
    """控え (base64 of a text); empty until it is finished."""
    notification: list[ApplicantMessage]
    """The newest messages, at most 20."""
    owner_token: Owner


class SubmitSignature(Message):
    """Signature over the file for signature: CMS, detached, with the certificate in it, base64 (assumption)."""

    temporary_reference_number: TemporaryNumber
    signature: bytes
    signing_password: SigningPassword
    """The portal plays the card, which signs only with it."""
    card_serial: CardSerial | None = None
    """Whose card signed, when a provider submits and has not said so before."""


class Accepted(Outcome):
    """受付番号 (assumption)."""

    reference_number: ReferenceNumber
    finished: bool
    owner_token: Owner


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
    """The newest, at most 20; all of them are a list of their own."""
    duplicate_of: str
    resubmission_of: str
    owner_token: Owner


class OwnApplications(Message):
    """List one's own applications. Go on with `after` = `cursor` of the answer before (assumption)."""

    after: Cursor = 0
    per_page: PerPage = 100


class OwnApplication(Outcome):
    """An application in a list; without `reference_number` until it is accepted."""

    temporary_reference_number: TemporaryNumber
    reference_number: str
    procedures: list[CityServiceCode]
    status_code: str
    status_name: str
    submitted_at: Moment
    duplicate_of: str
    resubmission_of: str
    owner_token: Owner
    cursor: Cursor


class OwnApplicationRows(Outcome):
    """A page; `cursor` is where the next one begins, `more` whether there is one now."""

    applications: list[OwnApplication]
    cursor: Cursor
    more: bool


class ApplicantMessageRows(Outcome):
    """A page of messages, oldest first."""

    messages: list[ApplicantMessage]
    cursor: Cursor
    more: bool


class Withdraw(Message):
    """取下げ: take an application back (assumption)."""

    reason: Note = ""


class Withdrawn(Outcome):
    """The state now (assumption)."""

    reference_number: ReferenceNumber
    state: Literal["withdrawn"]
    status_code: Literal["003"]
    status_name: str
    owner_token: Owner


ProviderName = Annotated[str, Meta(max_length=64, title="民間サービス事業者ID")]
ProviderPassword = Annotated[str, Meta(max_length=64, title="SHA-256, 16進")]
Keyword = Annotated[str, Meta(min_length=1, max_length=50)]


class ProcedureSearch(Message, rename="camel"):
    """手続一覧検索: what a town takes online. What is missing is refused with EE002, so nothing is required by type.

    Attributes
    ----------
    city_code
        Five digits: the code of the municipality without its check digit.
    keyword
        All of them must occur.
    page, per_page
        Assumption.
    """

    id: ProviderName = ""
    password: ProviderPassword = ""
    city_code: Annotated[str, Meta(max_length=5, pattern="^([0-9]{5})?$")] = ""
    keyword: Annotated[list[Keyword], Meta(max_length=10)] | None = None
    service_code: Annotated[str, Meta(max_length=10)] = ""
    is_e_applicable: bool | None = None
    page: Page = 1
    per_page: PerPage = 100


class ProcedureDetail(Message, rename="camel"):
    """手続詳細検索."""

    id: ProviderName = ""
    password: ProviderPassword = ""
    psid: Annotated[str, Meta(max_length=40)] = ""


class SearchResult(Outcome, rename="camel"):
    """How a search went."""

    result_name: Literal["OK", "NG"]
    errors: list[str]
    hit_count: int
    """Of all pages."""


class ProcedureInfo(Outcome, rename="camel"):
    """A procedure of a town in a list."""

    psid: str
    official_name: str
    alias_name: str
    summary: str
    service_code: str
    is_e_applicable: bool
    procedure_period_date_from: str
    procedure_period_date_to: str
    procedure_period_time_from: str
    procedure_period_time_to: str
    jurisdiction_department: str
    open_start_datetime: Moment
    open_end_datetime: str
    procedure_version: str
    update_date_time: Moment


class RelatedLink(Outcome, rename="camel"):
    """A link of a procedure."""

    title: str
    url: str


class ProcedureInfoDetail(ProcedureInfo, rename="camel"):
    """A procedure of a town with all that is told of it."""

    body: str
    target: str
    target_age_from: str
    target_age_to: str
    allowance_detail: str
    usage_fee: str
    procedure_method: str
    eligible_person: str
    requirements: str
    contact: str
    target_area: str
    related_link_list: list[RelatedLink]
    muni_serv_link_list: list[RelatedLink]
    form_link_list: list[RelatedLink]


class ProcedureList(Outcome, rename={"procedures": "eLinkServProcInfoList"}):
    """Answer to a search of procedures, in the form of its own API (no envelope)."""

    result: SearchResult
    procedures: list[ProcedureInfo]


class ProcedureFound(Outcome, rename={"procedure": "eLinkServProcInfo"}):
    """Answer to a search of one procedure."""

    result: SearchResult
    procedure: ProcedureInfoDetail | None
