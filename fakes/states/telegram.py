"""Telegrams of the resident network: their states, and the order of one person's telegrams.

The time order of changes must hold, and of several notices for one person the newest wins (住民記録システム標準仕様書
第1.0版 第3章, https://github.com/AkihiraYOSHIMOTO/jyuki-stnd). So each sender numbers a person's telegrams (連番)
without gaps, the network hands over the oldest unacknowledged one only, and a number that is sent again replaces what
was sent under it. Sending the certificate data (転出証明書情報) again is the act of a supervisor.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from fakes.states.machine import Actor, Arrow, Machine, Refusal, Refused


class TelegramState(StrEnum):
    """States of a telegram."""

    UNSENT = "unsent"
    SENT = "sent"
    DELIVERED = "delivered"
    ACKED = "acked"


class TelegramEvent(StrEnum):
    """What can happen to a telegram."""

    SEND = "send"
    DELIVER = "deliver"
    ACK = "ack"
    RESEND = "resend"


_S, _E = TelegramState, TelegramEvent
_SENT: Final = (_S.SENT, _S.DELIVERED, _S.ACKED)


def _machine(receiver: Actor, resenders: tuple[Actor, ...]) -> Machine[TelegramState, TelegramEvent]:
    return Machine(
        "telegram",
        _S.UNSENT,
        [
            Arrow((_S.UNSENT,), _E.SEND, (Actor.SYSTEM,), _S.SENT),
            Arrow((_S.SENT, _S.DELIVERED), _E.DELIVER, (Actor.RELAY,), _S.DELIVERED),
            Arrow((_S.DELIVERED,), _E.ACK, (Actor.SYSTEM, receiver), _S.ACKED),
            Arrow(_SENT, _E.RESEND, resenders, _S.SENT),
        ],
    )


CERTIFICATE_DATA: Final = _machine(Actor.DESTINATION_STAFF, (Actor.ORIGIN_SUPERVISOR,))
"""Certificate data (転出証明書情報) from the origin to the destination."""

MOVE_IN_NOTICE: Final = _machine(Actor.ORIGIN_STAFF, (Actor.SYSTEM, Actor.DESTINATION_SUPERVISOR))
"""Notice of the move-in (転入通知) back to the origin."""


@dataclass(frozen=True, slots=True)
class Telegram:
    """One numbered telegram.

    Attributes
    ----------
    number
        Its place in the sender's order for the person (連番), from 1.
    created
        When the sender made this edition.
    edition
        How often it was sent, from 1.
    deliveries
        How often this edition was handed over; more than 1 is a labelled repetition.
    """

    number: int
    created: datetime
    state: TelegramState = TelegramState.SENT
    edition: int = 1
    deliveries: int = 0


@dataclass(frozen=True, slots=True)
class PersonLine:
    """All telegrams of one sender about one person, in the order of their numbers."""

    telegrams: tuple[Telegram, ...] = ()

    @property
    def head(self) -> Telegram | None:
        """Return the only telegram that may be handed over now: the oldest that is not acknowledged."""
        return next((own for own in self.telegrams if own.state is not TelegramState.ACKED), None)

    @property
    def next_number(self) -> int:
        """Number that the sender must give to a new telegram."""
        return len(self.telegrams) + 1

    def send(self, number: int, created: datetime) -> PersonLine | Refused:
        """Return the line with a new telegram; any other number than the next is OUT_OF_ORDER."""
        if number != self.next_number:
            return self._out_of_order(TelegramEvent.SEND)
        return PersonLine((*self.telegrams, Telegram(number, created)))

    def resend(self, number: int, created: datetime) -> PersonLine | Refused:
        """Return the line with a newer edition under a number that was sent before.

        An edition that is not newer than the one it would replace is OUTDATED: the newest wins, whatever arrives last.
        """
        if not 1 <= number < self.next_number:
            return self._out_of_order(TelegramEvent.RESEND)
        old = self.telegrams[number - 1]
        if created <= old.created:
            return Refused(Refusal.OUTDATED, "telegram", old.state, TelegramEvent.RESEND, str(number))
        return self._with(Telegram(number, created, TelegramState.SENT, old.edition + 1))

    def deliver(self, number: int) -> PersonLine | Refused:
        """Return the line after a telegram is handed over, once more if it was before; only the head may be."""
        head = self.head
        if head is None or head.number != number:
            return self._out_of_order(TelegramEvent.DELIVER)
        return self._with(replace(head, state=TelegramState.DELIVERED, deliveries=head.deliveries + 1))

    def acknowledge(self, number: int, edition: int) -> PersonLine | Refused:
        """Return the line after the receiver has stored an edition of a telegram.

        The same edition may be acknowledged again; an edition that was replaced since is OUTDATED.
        """
        if not 1 <= number < self.next_number:
            return self._out_of_order(TelegramEvent.ACK)
        own = self.telegrams[number - 1]
        if edition < own.edition:
            return Refused(Refusal.OUTDATED, "telegram", own.state, TelegramEvent.ACK, str(number))
        if edition > own.edition or own.state is TelegramState.SENT:
            return Refused(Refusal.ILLEGAL_TRANSITION, "telegram", own.state, TelegramEvent.ACK, str(number))
        return self._with(replace(own, state=TelegramState.ACKED))

    def _with(self, changed: Telegram) -> PersonLine:
        return PersonLine(tuple(changed if own.number == changed.number else own for own in self.telegrams))

    def _out_of_order(self, event: TelegramEvent) -> Refused:
        head = self.head
        wanted = self.next_number if head is None or event is not TelegramEvent.DELIVER else head.number
        return Refused(Refusal.OUT_OF_ORDER, "telegram", event=event, detail=str(wanted))
