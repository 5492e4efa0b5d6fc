"""Messages of J-LIS: what the portal brings to the relay, and what the towns fetch (電子申請等情報受取等API).

The names of the calls are published, their paths and fields are not: assumptions.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import (
    CityServiceCode,
    Moment,
    MunicipalityCode,
    Note,
    Owner,
    Page,
    Password,
    PerPage,
    ReferenceNumber,
    StaffId,
)
from fakes.states.application import ApplicationState

Cursor = Annotated[int, Meta(ge=0, le=2**53, title="通し番号")]
ReportedState = Annotated[str, Meta(pattern="^(in_review|notice_accepted|completed|needs_resubmit|rejected)$")]


class RelayApplication(Message):
    """An accepted application, from the portal."""

    reference_number: ReferenceNumber
    municipality: MunicipalityCode
    city_service_code: CityServiceCode
    owner_token: Owner
    application_zip: bytes


class Relayed(Outcome):
    """An application has arrived."""

    reference_number: ReferenceNumber
    municipality: MunicipalityCode
    arrived_at: Moment


class ChangesAfter(Message):
    """What has changed since; the portal remembers how far it has read."""

    after: Cursor = 0
    limit: PerPage = 100


class StateChange(Outcome):
    """A town has changed the state of an application."""

    seq: Cursor
    reference_number: ReferenceNumber
    state: ApplicationState
    message: str
    at: Moment


class Changes(Outcome):
    """Changes in order; `cursor` is to be asked with next."""

    changes: list[StateChange]
    cursor: Cursor
    more: bool


class StaffLogin(Message):
    """ログインAPI."""

    municipality: MunicipalityCode
    staff_id: StaffId
    password: Password


class StaffToken(Outcome):
    """認証トークン."""

    token: str
    expires_in: int


class ApplicationSearch(Message):
    """申請データ一覧取得API; pages, or from a cursor on."""

    city_service_code: CityServiceCode | None = None
    arrived_from: Moment | None = None
    arrived_to: Moment | None = None
    state: ApplicationState | None = None
    after: Cursor = 0
    page: Page = 1
    per_page: PerPage = 100


class Listed(Outcome):
    """Short information on one application."""

    seq: Cursor
    reference_number: ReferenceNumber
    city_service_code: CityServiceCode
    state: ApplicationState
    arrived_at: Moment
    size: int
    deliveries: int
    """How often it was delivered already."""
    owner_token: Owner


class Applications(Outcome):
    """A page; `cursor` is the number of its last one."""

    applications: list[Listed]
    page: int
    more: bool
    cursor: Cursor


class Acknowledge(Message):
    """The town has stored delivery number `delivery`."""

    delivery: Annotated[int, Meta(ge=1, le=1_000_000)]


class Acknowledged(Outcome):
    """The relay is done with it."""

    reference_number: ReferenceNumber
    delivery: int


class ReportState(Message):
    """A town reports the state of an application; the applicant is told."""

    state: ReportedState
    message: Note = ""


class Reported(Outcome):
    """The state is noted."""

    reference_number: ReferenceNumber
    state: ApplicationState
