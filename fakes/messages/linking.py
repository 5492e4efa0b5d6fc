"""Messages between a town's link server (連携サーバ) and its systems; a load generator can play the link server.

The outbox is what the town's systems want said to jlis, in order; the link server says it and reports what came of it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from fakes.messages.cards import CertificateSerial
from fakes.messages.envelope import Message, Outcome
from fakes.messages.fields import CardSerial, Cursor, Delivery, Note, PerPage, ReferenceNumber
from fakes.messages.jlis import SetStatus
from fakes.messages.telegrams import DeliveredTelegram, Edition, SendTelegram, TelegramName, TelegramRow
from fakes.package.application import Address
from fakes.states.application import ApplicationState
from fakes.states.card import SecretKind

MOST_REPORTED = 100
OutboxNumber = Annotated[int, Meta(ge=1, le=2**53, title="送信番号")]


class Opened(Outcome):
    """A link server has started: the how-manieth start it is, and how far it has read at jlis."""

    start: int
    statuses: Cursor
    telegrams: Cursor


class AckApplication(Outcome, tag_field="kind", tag="ack_application"):
    """Acknowledge a delivery of the relay."""

    reference_number: ReferenceNumber
    delivery: Delivery


class TellStatus(Outcome, tag_field="kind", tag="status"):
    """Change the state of an application at the relay."""

    reference_number: ReferenceNumber
    status: SetStatus


class Send(Outcome, tag_field="kind", tag="telegram"):
    """Send a telegram."""

    telegram: SendTelegram


class AckTelegram(Outcome, tag_field="kind", tag="ack_telegram"):
    """Acknowledge a telegram in the inbox."""

    telegram: TelegramName
    edition: Edition


class Revoke(Outcome, tag_field="kind", tag="revoke"):
    """Revoke a signing certificate."""

    serial: CertificateSerial


class Issue(Outcome, tag_field="kind", tag="issue"):
    """Issue a signing certificate."""

    card_serial: CardSerial
    address: Address


class Unlock(Outcome, tag_field="kind", tag="unlock"):
    """Unlock secrets of a card."""

    card_serial: CardSerial
    secrets: list[SecretKind]


Task = AckApplication | TellStatus | Send | AckTelegram | Revoke | Issue | Unlock


class OutboxItem(Outcome):
    """Something to say.

    Attributes
    ----------
    number
        Increasing; idempotency key and request id are made of it.
    line
        Items of one line are said in their order, one after the other.
    start
        The start of the link server under which it came; said under a later one, it may be a repetition.
    """

    number: OutboxNumber
    line: str
    start: int
    task: Task


class OutboxWanted(Message):
    """`after` = `cursor` of the page before."""

    after: Cursor = 0
    per_page: PerPage = 100


class Outbox(Outcome):
    """What waits and can be said now, oldest first; `cursor` is the last number that was looked at."""

    items: list[OutboxItem]
    cursor: Cursor
    more: bool


class Said(Message):
    """What came of an item.

    Attributes
    ----------
    done
        Whether jlis took it.
    code
        Of the refusal.
    telegram, edition
        Receipt of a telegram.
    serial
        Of the certificate that was issued.
    """

    number: OutboxNumber
    done: bool
    code: Annotated[str, Meta(max_length=16)] = ""
    telegram: Annotated[str, Meta(max_length=40)] = ""
    edition: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    serial: Annotated[int, Meta(ge=0, le=2**31)] = 0


class SaidItem(Outcome):
    """Noted."""

    number: OutboxNumber
    state: Literal["done", "refused"]


class ReceivedTelegram(Message):
    """A telegram out of the inbox, as jlis handed it over."""

    telegram: DeliveredTelegram


class TelegramKept(Outcome):
    """It is stored and will be acknowledged; `repeated` when it was stored before."""

    telegram: TelegramName
    edition: Edition
    repeated: bool
    owner_token: str


class RelayState(Message):
    """State of an application at the relay; only what the town has to know."""

    reference_number: ReferenceNumber
    state: ApplicationState
    message: Note = ""


class ReportStatuses(Message):
    """States that have changed at the relay, up to `cursor`."""

    cursor: Cursor
    statuses: Annotated[list[RelayState], Meta(max_length=MOST_REPORTED)]


class ReportTelegrams(Message):
    """What became of telegrams that the town sent, up to `cursor`."""

    cursor: Cursor
    telegrams: Annotated[list[TelegramRow], Meta(max_length=MOST_REPORTED)]


class Reported(Outcome):
    """How many of them changed something."""

    changed: int
    cursor: Cursor
