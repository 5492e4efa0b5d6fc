"""What a town wants said to jlis, as events that put it into the outbox; telegrams are the documents of theirs."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.messages.jlis import SetStatus
from fakes.messages.linking import AckApplication, AckTelegram, Issue, Revoke, Task, TellStatus, Unlock
from fakes.messages.telegrams import CERTIFICATE_DATA, MOVE_IN_NOTICE, CertificateData, SendTelegram, TelegramBody
from fakes.package.application import Address
from fakes.states.application import ApplicationState
from fakes.states.card import SecretKind
from fakes.store.statements import Statement
from fakes.store.transaction import View
from fakes.store.unit import Event
from fakes.ward.cases import Held
from fakes.ward.events.applications import Queued
from fakes.ward.events.telegrams import TelegramQueued
from fakes.ward.tables import LINE, OUTBOX

_encode: Final = msgspec.json.Encoder().encode
_LAST = Statement(
    select(LINE.c.last).where(LINE.c.municipality == bindparam("town"), LINE.c.person == bindparam("whose"))
)
_WAITING = Statement(
    select(OUTBOX.c.task).where(
        OUTBOX.c.municipality == bindparam("town"), OUTBOX.c.state == "waiting", OUTBOX.c.line == bindparam("which")
    )
)


def acknowledge(town: str, reference: str, delivery: int, owner: str) -> Event[Queued]:
    """The town has stored a delivery of an application."""
    return _queued(town, reference, f"application:{reference}", AckApplication(reference, delivery), owner)


def tell(own: Held, state: ApplicationState, message: str = "") -> Event[Queued]:
    """The town has decided something, which the applicant is to learn."""
    status = msgspec.convert({"state": state.value, "message": message}, SetStatus)
    task = TellStatus(own.reference, status)
    return _queued(own.municipality, own.reference, f"application:{own.reference}", task, own.owner)


def acknowledge_telegram(town: str, telegram: str, edition: int, owner: str) -> Event[Queued]:
    """The town has stored a telegram."""
    return _queued(town, telegram, telegram_line(telegram), AckTelegram(telegram, edition), owner)


def revoke(town: str, card: str, serial: int, owner: str) -> Event[Queued]:
    """A signing certificate on a card ends, because its address does."""
    return _queued(town, str(serial), f"card:{card}", Revoke(serial), owner)


def issue(town: str, card: str, address: Address, owner: str) -> Event[Queued]:
    """The holder of a card gets a signing certificate for the new address, once the old one has ended."""
    return _queued(town, card, f"card:{card}", Issue(card, address), owner)


def unlock(town: str, card: str, secrets: list[SecretKind], owner: str) -> Event[Queued]:
    """The counter has unlocked secrets of a card."""
    return _queued(town, card, f"card:{card}", Unlock(card, secrets), owner)


def telegram_line(telegram: str) -> str:
    """Return the line in which acknowledgements of a telegram are said."""
    return f"telegram:{telegram}"


def waits(view: View, town: str, line: str, task: Task) -> bool:
    """Whether exactly this waits to be said already."""
    wanted = _encode(task).decode()
    return any(row[0] == wanted for row in view.all(_WAITING, town=town, which=line))


def _queued(town: str, subject: str, line: str, task: Task, owner: str) -> Event[Queued]:
    return Event(subject, Queued(line, _encode(task).decode()), town, owner)


def telegram(
    view: View, town: str, destination: str, person: str, body: TelegramBody, at: int, change: int, own: Held | None
) -> Event[TelegramQueued]:
    """Return the next telegram of a person's line; no two for one person in one decision.

    Parameters
    ----------
    own
        The application that it follows from.
    """
    row = view.one(_LAST, town=town, whose=person)
    number = (row[0] if row is not None else 0) + 1
    reference, owner = (own.reference, own.owner) if own is not None else (None, None)
    sent = SendTelegram(
        destination, number, moment_of(at).isoformat(), body, reference_number=reference, owner_token=owner
    )
    return telegram_event(town, person, sent, at, change)


def telegram_event(
    town: str, person: str, sent: SendTelegram, at: int, change: int, replaces: int = 0
) -> Event[TelegramQueued]:
    """Return a telegram as an event."""
    kind = CERTIFICATE_DATA if isinstance(sent.body, CertificateData) else MOVE_IN_NOTICE
    queued = TelegramQueued(kind, sent.destination, sent.number, at, sent.reference_number or "", change, replaces)
    return Event(person, queued, town, sent.owner_token or "", _encode(sent))
