"""Messages of the ward's 申請管理: import, search, review, and the login of staff. Paths and fields are assumptions.

The register's are in `register`, those of the authorization server in `oauth`, of the link server in `linking`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import (
    DAY,
    Cursor,
    Day,
    Delivery,
    Flag,
    HexDigest,
    Moment,
    Note,
    Owner,
    Password,
    PerPage,
    ReferenceNumber,
    ReferenceNumberIfAny,
    StaffId,
)
from fakes.procedures import Procedure
from fakes.states.application import ApplicationState
from fakes.states.visit import VisitState

AddressNumber = Annotated[str, Meta(min_length=15, max_length=15, pattern="^[0-9]{15}$", title="宛名番号 X(15)")]


class Login(Message):
    """A person of the town's staff; the town is that of the client certificate."""

    staff_id: StaffId
    password: Password


class Session(Outcome):
    """A bearer token of staff."""

    token: str
    expires_in: int
    """Seconds of the scenario."""
    section: str
    authorities: list[str]


class AccountUnlocked(Outcome):
    """An account that was locked after wrong passwords can be used again."""

    staff_id: StaffId


class ImportApplication(Message):
    """An application package, as the relay handed it over.

    Attributes
    ----------
    procedures
        For which the town gets it, separated by commas.
    delivery, redelivered
        The relay's number of this delivery, and whether it repeats an earlier one.
    sha256
        Of the package.
    signing_serial
        Serial number of the signing certificate, from which the 宛名番号 is found; 0 without a signature.
    resubmission_of
        The returned application in whose place this one comes; empty for none.
    """

    reference_number: ReferenceNumber
    procedures: Annotated[str, Meta(pattern="^[a-z_]+(,[a-z_]+){0,2}$", max_length=100, title="手続")]
    delivery: Delivery
    redelivered: Flag
    arrived_at: Moment
    sha256: HexDigest
    owner_token: Owner
    application_zip: bytes
    signing_serial: Annotated[int, Meta(ge=0, le=2**31)] = 0
    resubmission_of: ReferenceNumberIfAny = ""


class Imported(Outcome):
    """取込ID."""

    import_id: int
    reference_number: ReferenceNumber
    owner_token: Owner


class FindApplications(Message):
    """Conditions of a list; those that are empty count nothing. `after` is `cursor` of the page before."""

    state: ApplicationState | None = None
    visit: VisitState | None = None
    procedure: Procedure | None = None
    planned_visit: Annotated[str, Meta(pattern=f"^({DAY})?$", max_length=10)] = ""
    """来庁予定日."""
    after: Cursor = 0
    per_page: PerPage = 20


class FoundApplication(Outcome):
    """An application in a list; the name is masked."""

    reference_number: ReferenceNumber
    import_id: int
    procedures: list[Procedure]
    state: ApplicationState
    visit: VisitState
    applicant: str
    moving_date: Day
    planned_visit_date: str
    arrived_at: Moment
    owner_token: Owner


class FoundApplications(Outcome):
    """A page; `cursor` is where the next one begins, `more` whether there is one now."""

    applications: list[FoundApplication]
    cursor: Cursor
    more: bool


class FoundPerson(Outcome):
    """Who of the application is who in the register (宛名番号変換); empty numbers where nobody fits."""

    name: str
    address_number: str
    by: Literal["certificate", "number", ""]
    """By the serial number of the signing certificate, by the resident-record code that was filed, or not at all."""
    differences: list[str]
    """Items in which application and register differ."""


class ApplicationDetails(Outcome):
    """An application as the staff that handles it sees it."""

    reference_number: ReferenceNumber
    import_id: int
    procedures: list[Procedure]
    state: ApplicationState
    visit: VisitState
    formal_check: Literal["", "passed", "failed"]
    substantive_check: Literal["", "passed", "failed"]
    told: ApplicationState
    """The newest state that the relay has confirmed."""
    people: list[FoundPerson]
    applicant: str
    moving_date: Day
    planned_visit_date: str
    old_municipality: str
    new_municipality: str
    resubmission_of: str
    deliveries: int
    message: Note
    transactions: list[str]
    owner_token: Owner


class ReviewStep(Message):
    """What the staff does with an application.

    Attributes
    ----------
    action
        審査開始, 形式審査, 実質審査, 受理, 受理の取消し, 差戻し, 却下, 完了 (転居予約のみ), 来庁準備の開始・終了.
    result
        Of a check.
    message
        To the applicant; a return and a rejection need one.
    """

    action: Literal[
        "begin_review", "formal_check", "substantive_check", "accept_notice", "reopen", "return", "reject", "complete",
        "begin_preparation", "finish_preparation",
    ]  # fmt: skip
    result: Literal["", "passed", "failed"] = ""
    message: Note = ""


class ReviewDone(Outcome):
    """Where the application is now."""

    reference_number: ReferenceNumber
    state: ApplicationState
    visit: VisitState
    formal_check: str
    substantive_check: str
    owner_token: Owner
