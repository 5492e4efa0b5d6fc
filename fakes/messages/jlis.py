"""Messages of the relay and of the receipt API (電子申請等情報受取等API).

Names of the receipt API's calls are published, fields are not: they are assumptions.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, field

from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import (
    CityServiceCode,
    Cursor,
    Delivery,
    HexDigest,
    Moment,
    MunicipalityCode,
    Note,
    Owner,
    Password,
    PerPage,
    ReferenceNumber,
    StaffId,
    Terminal,
)
from fakes.procedures import Procedure
from fakes.states.application import ApplicationState
from fakes.states.lease import LeaseState

MOST_ACKNOWLEDGED: Final = 500
"""Acknowledgements in one call (assumption)."""


class PushApplication(Message):
    """The portal hands over an application that has its receipt number.

    Attributes
    ----------
    sha256
        Of `application_zip`, so that what arrives is what was sent.
    signature
        CMS, detached; empty for an application without a signature.
    signing_serial
        Serial number of the signing certificate; 0 without one.
    resubmission_of
        The returned application (要再申請) in whose place this one comes.
    """

    reference_number: ReferenceNumber
    city_service_code: CityServiceCode
    accepted_at: Moment
    owner_token: Owner
    sha256: HexDigest
    application_zip: bytes
    signature: Annotated[bytes, Meta(max_length=16 * 1024)] = b""
    signing_serial: Annotated[int, Meta(ge=0, le=2**31)] = 0
    resubmission_of: ReferenceNumber | None = None


class Routed(Outcome):
    """A town that gets an application, and the procedures for which it does."""

    municipality: MunicipalityCode
    procedures: list[Procedure]


class Relayed(Outcome):
    """The application has arrived (到達). The first destination is the one that decides on it."""

    reference_number: ReferenceNumber
    arrived_at: Moment
    destinations: list[Routed]
    digest: HexDigest
    owner_token: Owner


class Withdrawal(Message):
    """The applicant takes an application back."""

    reason: Note = ""


class ChangesWanted(Message):
    """The portal asks what has changed; what it is given is leased to it until it acknowledges."""

    terminal: Terminal = ""
    limit: PerPage = 100


class ChangeKind(StrEnum):
    """What a change is about."""

    APPLICATION = "application"
    """`subject` is a receipt number, `state` an `ApplicationState`."""
    CARD_UNLOCKED = "card_unlocked"
    """`subject` is the serial of a card, `state` a `SecretKind`: a counter has unlocked it."""


class Change(Outcome):
    """One change for the portal; those of one subject are handed over in their order.

    Attributes
    ----------
    change
        Its number, increasing.
    delivery, redelivered
        How often it was handed over, and whether this is a repetition.
    until
        When the lease ends.
    """

    change: int
    delivery: Delivery
    redelivered: bool
    until: Moment
    kind: ChangeKind
    subject: str
    state: str
    message: Note
    municipality: str
    changed_at: Moment
    owner_token: str


class Changes(Outcome):
    """What has changed; empty if nothing has."""

    changes: list[Change]


class ChangeTaken(Message):
    """A delivery of a change that the portal has stored."""

    change: Cursor
    delivery: Delivery


class AcknowledgeChanges(Message):
    """The portal has stored these."""

    acknowledgements: Annotated[list[ChangeTaken], Meta(min_length=1, max_length=MOST_ACKNOWLEDGED)]


class AcknowledgementResult(Outcome):
    """What came of one acknowledgement; `code` is empty when it was taken, or was before."""

    subject: str
    code: str
    message: str


class Acknowledged(Outcome):
    """One result for each acknowledgement, in their order."""

    results: list[AcknowledgementResult]


class StaffLogin(Message):
    """ログインAPI."""

    municipality: MunicipalityCode
    staff_id: StaffId
    password: Password


class StaffToken(Outcome):
    """A bearer token, and what it entitles to."""

    token: str
    expires_in: int
    """Seconds of the scenario."""
    authorities: list[str]


class SearchApplications(Message):
    """申請データ一覧取得API. Poll with `after` = `cursor` of the answer before.

    Attributes
    ----------
    procedures, states
        Empty for all.
    waiting
        Only what nobody has acknowledged yet.
    """

    procedures: Annotated[list[Procedure], Meta(max_length=3)] = field(default_factory=list)
    states: Annotated[list[ApplicationState], Meta(max_length=16)] = field(default_factory=list)
    arrived_from: Moment | None = None
    arrived_to: Moment | None = None
    waiting: bool = False
    after: Cursor = 0
    per_page: PerPage = 100


class ApplicationRow(Outcome):
    """An application in a list."""

    reference_number: ReferenceNumber
    procedures: list[Procedure]
    city_service_code: CityServiceCode
    arrived_at: Moment
    files: int
    size: int
    digest: HexDigest
    owner_token: Owner
    state: ApplicationState
    lease: LeaseState
    deliveries: int
    signing_serial: int
    resubmission_of: str
    cursor: Cursor


class ApplicationRows(Outcome):
    """A page; `cursor` is where the next one begins, `more` whether there is one now."""

    applications: list[ApplicationRow]
    cursor: Cursor
    more: bool


class TakeApplication(Message):
    """申請データ取得API: who takes it; a name of the town's choice, the staff ID if empty."""

    terminal: Terminal = ""


class TakeApplications(Message):
    """Take several that nobody has, oldest first, as many as fit into an answer."""

    terminal: Terminal = ""
    limit: PerPage = 20


class TakenApplication(Outcome):
    """An application, leased until a moment."""

    reference_number: ReferenceNumber
    delivery: Delivery
    redelivered: bool
    until: Moment
    digest: HexDigest
    owner_token: Owner
    application_zip: bytes


class TakenApplications(Outcome):
    """What was taken; empty if there is nothing."""

    applications: list[TakenApplication]


class AcknowledgeApplication(Message):
    """The town has stored a delivery (header `X-Delivery`), or gives it back."""

    delivery: Delivery


class ApplicationTaken(Message):
    """A delivery that the town has stored."""

    reference_number: ReferenceNumber
    delivery: Delivery


class AcknowledgeApplications(Message):
    """The town has stored these."""

    acknowledgements: Annotated[list[ApplicationTaken], Meta(min_length=1, max_length=MOST_ACKNOWLEDGED)]


class SearchStatuses(Message):
    """申請処理状況一覧取得API. With `after` it tells what changed since, withdrawals too."""

    reference_numbers: Annotated[list[ReferenceNumber], Meta(max_length=100)] = field(default_factory=list)
    states: Annotated[list[ApplicationState], Meta(max_length=16)] = field(default_factory=list)
    after: Cursor = 0
    per_page: PerPage = 100


class StatusRow(Outcome):
    """State of an application; `decides` whether the asking town is the one that decides on it."""

    reference_number: ReferenceNumber
    procedures: list[Procedure]
    decides: bool
    state: ApplicationState
    status_code: str
    status_name: str
    message: Note
    changed_at: Moment
    owner_token: Owner
    cursor: Cursor


class StatusRows(Outcome):
    """A page, as `ApplicationRows`."""

    statuses: list[StatusRow]
    cursor: Cursor
    more: bool


class SetStatus(Message):
    """The town changes the state; a return and a rejection need a message to the applicant."""

    state: Literal["in_review", "notice_accepted", "completed", "needs_resubmit", "rejected"]
    message: Note = ""


class StatusSet(Outcome):
    """The state now."""

    reference_number: ReferenceNumber
    state: ApplicationState
    changed_at: Moment
    owner_token: Owner
