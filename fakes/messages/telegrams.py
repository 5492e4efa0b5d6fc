"""Telegrams of the resident network (住基ネット): kinds and items are those of the standard specification
(住民記録システム標準仕様書 第1.0版 第3章), their layout is an assumption: one telegram is about one person.

The sender numbers a person's telegrams without gaps (連番); the receiver gets them in that order.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import (
    Cursor,
    Delivery,
    Flag,
    HexDigest,
    IndividualNumber,
    Moment,
    MunicipalityCode,
    Owner,
    OwnerIfAny,
    PerPage,
    ReferenceNumber,
    ReferenceNumberIfAny,
    ResidentCode,
    Terminal,
)
from fakes.messages.jlis import MOST_ACKNOWLEDGED
from fakes.package.application import MOST_MEMBERS, Address, Name, Relationship, Sex
from fakes.states.telegram import TelegramState

CERTIFICATE_DATA, MOVE_IN_NOTICE, FAMILY_REGISTER_NOTICE = "8101", "8102", "8103"
"""電文ID X(4) (assumption)."""

TelegramId = Literal["8101", "8102", "8103"]
TelegramName = Annotated[str, Meta(min_length=1, max_length=40, pattern="^[0-9A-Za-z-]+$", title="受付ID")]
Domicile = Annotated[str, Meta(max_length=300, title="本籍 N(300), 長さは仮定")]
TelegramNumber = Annotated[int, Meta(ge=1, le=1_000_000, title="連番")]
Edition = Annotated[int, Meta(ge=1, le=1_000_000, title="版")]
Position = Annotated[int, Meta(ge=1, le=MOST_MEMBERS, title="世帯内の順")]


class PersonOfTelegram(Message):
    """Who moves; numbers in the profile `test`.

    Attributes
    ----------
    birth_date_unknown
        生年月日不詳フラグ.
    card_valid
        カード有効状況.
    signing_serial
        署名用電子証明書シリアル番号, which the network revokes once the destination has the data; 0 without one.
    """

    resident_code: ResidentCode
    individual_number: IndividualNumber
    name: Name
    kana: Name
    birth_date: date
    sex: Sex
    relationship: Relationship
    former_name: Annotated[str, Meta(max_length=50, title="旧氏 N(50)")] = ""
    birth_date_unknown: Flag = "0"
    registered_domicile: Domicile = ""
    registered_head: Annotated[str, Meta(max_length=100, title="筆頭者 N(100)")] = ""
    national_health_insurance: Flag = "0"
    latter_stage_elderly: Flag = "0"
    long_term_care: Flag = "0"
    pension: Flag = "0"
    child_allowance: Flag = "0"
    card_valid: Flag = "0"
    signing_serial: Annotated[int, Meta(ge=0, le=2**31)] = 0


class HouseholdOfTelegram(Message):
    """The household that moves together: how many telegrams there are, and which of them this is."""

    members: Position
    position: Position
    head: Name


class CertificateData(Message, tag_field="telegram_id", tag=CERTIFICATE_DATA):
    """転出証明書情報, from the town that is left to that of the new address."""

    planned_move_out: date
    notified_on: date
    old_address: Address
    new_address: Address
    household: HouseholdOfTelegram
    person: PersonOfTelegram


class MoveInNotice(Message, tag_field="telegram_id", tag=MOVE_IN_NOTICE):
    """転入通知情報, back to the town that was left."""

    resident_code: ResidentCode
    name: Name
    moved_in_on: date
    notified_on: date
    new_address: Address


class FamilyRegisterNotice(Message, tag_field="telegram_id", tag=FAMILY_REGISTER_NOTICE):
    """戸籍附票記載事項通知情報, to the town of the registered domicile (本籍地)."""

    resident_code: ResidentCode
    name: Name
    registered_domicile: Domicile
    lives_there_from: date
    new_address: Address


TelegramBody = CertificateData | MoveInNotice | FamilyRegisterNotice


class SendTelegram(Message):
    """One telegram.

    Attributes
    ----------
    number
        連番: its place among the sender's telegrams about the person, from 1, without gaps.
    resend
        Replaces what was sent under the number, if `created_at` is newer.
    reference_number, owner_token
        Of the application that it follows from, if there is one.
    """

    destination: MunicipalityCode
    number: TelegramNumber
    created_at: Moment
    body: TelegramBody
    resend: bool = False
    reference_number: ReferenceNumber | None = None
    owner_token: Owner | None = None


class TelegramTaken(Outcome):
    """Its receipt; `deliverable_from` is when the network is open, now or later."""

    telegram: TelegramName
    number: TelegramNumber
    edition: Edition
    destination: MunicipalityCode
    sent_at: Moment
    deliverable_from: Moment


class SearchTelegrams(Message):
    """What became of the telegrams that the asking town sent; poll with `after` = `cursor` of the answer before."""

    after: Cursor = 0
    per_page: PerPage = 100


class TelegramRow(Outcome):
    """A telegram that was sent."""

    telegram: TelegramName
    telegram_id: TelegramId
    destination: MunicipalityCode
    number: TelegramNumber
    edition: Edition
    state: TelegramState
    changed_at: Moment
    reference_number: ReferenceNumberIfAny
    cursor: Cursor


class TelegramRows(Outcome):
    """A page; `cursor` is where the next one begins, `more` whether there is one now."""

    telegrams: list[TelegramRow]
    cursor: Cursor
    more: bool


class InboxWanted(Message):
    """What waits for the asking town; what it is given is leased to it until it acknowledges."""

    terminal: Terminal = ""
    limit: PerPage = 100


class DeliveredTelegram(Outcome):
    """A telegram in the inbox.

    Attributes
    ----------
    delivery, redelivered
        How often this edition was handed over, and whether this is a repetition.
    until
        When the lease ends.
    digest
        SHA-256 of `body` as it stands here.
    """

    telegram: TelegramName
    sender: MunicipalityCode
    number: TelegramNumber
    edition: Edition
    delivery: Delivery
    redelivered: bool
    until: Moment
    created_at: Moment
    sent_at: Moment
    reference_number: ReferenceNumberIfAny
    owner_token: OwnerIfAny
    digest: HexDigest
    body: TelegramBody


class Inbox(Outcome):
    """At most one telegram of one sender about one person: the oldest that is not acknowledged."""

    telegrams: list[DeliveredTelegram]


class TelegramStored(Message):
    """An edition of a telegram that the receiver has stored."""

    telegram: TelegramName
    edition: Edition


class AcknowledgeTelegrams(Message):
    """The receiver has stored these."""

    acknowledgements: Annotated[list[TelegramStored], Meta(min_length=1, max_length=MOST_ACKNOWLEDGED)]
