"""Messages of the resident register (住民記録システム) and of the section for cards at the counter.

Names follow a public reference design (https://github.com/highdefinitionaudiodriver/juki-web-reference); fields are
assumptions.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import (
    MOMENT,
    CardSerial,
    Cursor,
    Day,
    MunicipalityCode,
    Note,
    Owner,
    PerPage,
    Pin,
    ReferenceNumber,
)
from fakes.messages.telegrams import TelegramName
from fakes.messages.ward import AddressNumber
from fakes.package.application import MOST_MEMBERS, Address, Applicant, IndividualNumber, Member, Name, Relationship
from fakes.procedures import Procedure
from fakes.states.card import SecretKind
from fakes.states.register import PlannedState, RemovalState, TransactionState

Members = Annotated[list[AddressNumber], Meta(min_length=1, max_length=MOST_MEMBERS)]


class FindResidents(Message):
    """氏名・フリガナ・生年月日・宛名番号; at least one. Names from their beginning."""

    name: Annotated[str, Meta(max_length=100)] = ""
    kana: Annotated[str, Meta(max_length=100)] = ""
    birth_date: date | None = None
    address_number: AddressNumber | None = None
    after: Cursor = 0
    per_page: PerPage = 20


class FoundResident(Outcome):
    """A resident in a list; names and addresses are masked.

    Attributes
    ----------
    state
        住民, 除票 (転出予定), 除票 (確定).
    in_hand
        Whether somebody is changing the record.
    """

    address_number: AddressNumber
    household_number: AddressNumber
    name: str
    kana: str
    birth_year: int
    sex: str
    town: str
    state: Literal["resident", "leaving", "removed"]
    removal: RemovalState
    in_hand: bool
    owner_token: Owner


class FoundResidents(Outcome):
    """A page; `cursor` is where the next one begins, `more` whether there is one now."""

    residents: list[FoundResident]
    cursor: Cursor
    more: bool


class EnterOut(Message):
    """転出: the people of an application whose notice was accepted."""

    reference_number: ReferenceNumber
    event_date: date
    """転出予定年月日."""
    members: Members
    new_address: Address


class Newcomer(Message):
    """Who moves in, by the certificate data (転出証明書情報); as what in the new household."""

    telegram: TelegramName
    relationship: Relationship


class EnterIn(Message):
    """転入 on the card (特例転入), at the counter.

    Attributes
    ----------
    event_date
        First day at the new address (転入年月日).
    card_serial, card_pin
        Of the person who is here.
    joins
        世帯番号 of the household that they move into; empty for a household of their own.
    reentry
        Whether it was seen that they have lived here before, and that their record is used again.
    """

    members: Annotated[list[Newcomer], Meta(min_length=1, max_length=MOST_MEMBERS)]
    event_date: date
    new_address: Address
    card_serial: CardSerial
    card_pin: Pin
    reference_number: ReferenceNumber | None = None
    joins: AddressNumber | None = None
    reentry: bool = False


class EnterWithin(Message):
    """転居, at the counter; with the visit notice, or without."""

    members: Members
    event_date: date
    new_address: Address
    card_serial: CardSerial
    card_pin: Pin
    reference_number: ReferenceNumber | None = None


class Alert(Outcome):
    """What the staff has to look at: somebody of the same name, sex and date of birth is in the register."""

    address_number: AddressNumber
    reason: Literal["same_person", "same_name_sex_birth"]


class Transaction(Outcome):
    """A change to the register."""

    transaction: str
    kind: Literal["out", "in", "within"]
    state: TransactionState
    reference_number: str
    members: list[str]
    event_date: Day
    alerts: list[Alert]
    owner_token: str


class Approval(Message):
    """What is done with a change: 審査へ, 入力へ戻す, 承認 (which applies it), 取消し."""

    action: Literal["submit", "send_back", "approve", "cancel"] = "approve"


class FindPlanned(Message):
    """Planned move-ins (転入予定)."""

    kana: Annotated[str, Meta(max_length=100)] = ""
    after: Cursor = 0
    per_page: PerPage = 20


class Planned(Outcome):
    """A planned move-in; visible once the signing certificate is revoked, gone once the move-in is applied."""

    telegram: TelegramName
    sender: MunicipalityCode
    edition: int
    name: str
    kana: str
    relationship: str
    household_members: int
    position: int
    planned_move_out: Day
    state: PlannedState
    moved_in: bool
    reference_number: str
    owner_token: str


class PlannedList(Outcome):
    """A page; `cursor` is where the next one begins, `more` whether there is one now."""

    planned: list[Planned]
    cursor: Cursor
    more: bool


class TelegramSent(Outcome):
    """A telegram that the town sends, and how far it is."""

    telegram: str
    telegram_id: str
    destination: MunicipalityCode
    number: int
    edition: int
    state: Literal["waiting", "sent", "delivered", "acked", "refused"]
    code: str
    reference_number: str


class FindSent(Message):
    """Telegrams that the town sends."""

    after: Cursor = 0
    per_page: PerPage = 20


class SentTelegrams(Outcome):
    """A page; `cursor` is where the next one begins, `more` whether there is one now."""

    telegrams: list[TelegramSent]
    cursor: Cursor
    more: bool


class UnlockCard(Message):
    """ロック解除 at the counter, of a card that is here."""

    card_serial: CardSerial
    secrets: Annotated[list[SecretKind], Meta(min_length=1, max_length=2)]


class CardUnlocked(Outcome):
    """The counter's own count is cleared; the portal learns it by the relay."""

    card_serial: CardSerial
    address_number: AddressNumber


class ShinseiData(Message):
    """申請データ for 基幹, in the style of 住登外者宛名番号付番API仕様 第2.0版; who reads 申請管理 sends it.

    Attributes
    ----------
    member_number
        異動者 1 to 8, 0 for the applicant.
    """

    municipality: MunicipalityCode
    reference_number: ReferenceNumber
    procedure: Procedure
    address_number: AddressNumber | None = None
    individual_number: IndividualNumber = ""
    applicant: Applicant | None = None
    members: Annotated[tuple[Member, ...], Meta(max_length=MOST_MEMBERS)] = ()
    new_address: Address | None = None


class ShinseiDataTaken(Outcome):
    """One result a row, as the official API has it."""

    reference_number: ReferenceNumber
    address_number: str
    name: Name
    note: Note


class FindEvents(Message):
    """Conditions of the auditor: from, to (moments), user (操作者), resident (宛名番号 or 受付番号)."""

    since: Annotated[str, Meta(max_length=32, pattern=f"^({MOMENT})?$")] = ""
    until: Annotated[str, Meta(max_length=32, pattern=f"^({MOMENT})?$")] = ""
    user: Annotated[str, Meta(max_length=64)] = ""
    resident: Annotated[str, Meta(max_length=64)] = ""
    after: Cursor = 0
    per_page: PerPage = 100


class AuditEvent(Outcome):
    """One call."""

    seq: int
    at: str
    actor: str
    source: str
    method: str
    endpoint: str
    subject: str
    status: int
    code: str
    request_id: str
    attempt: int


class AuditEvents(Outcome):
    """A page; `more` whether there may be further ones after `cursor`."""

    events: list[AuditEvent]
    cursor: Cursor
    more: bool
