"""Leases of the relay: a town takes an application for some time, and acknowledges it when it has stored it.

When a lease runs out the same application may be delivered again; every delivery carries its number, so that a
repetition is labelled. Only the newest delivery can be acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from fakes.states.machine import Actor, Arrow, Machine, Refusal, Refused


class LeaseState(StrEnum):
    """States of one application in the relay."""

    AVAILABLE = "available"
    LEASED = "leased"
    ACKNOWLEDGED = "acknowledged"


class LeaseEvent(StrEnum):
    """What can happen to it."""

    TAKE = "take"
    EXPIRE = "expire"
    RELEASE = "release"
    ACKNOWLEDGE = "acknowledge"


_S, _E = LeaseState, LeaseEvent
_TOWN: Final = (Actor.SYSTEM, Actor.ORIGIN_STAFF, Actor.DESTINATION_STAFF)

LEASE: Final = Machine(
    "lease",
    _S.AVAILABLE,
    [
        Arrow((_S.AVAILABLE,), _E.TAKE, _TOWN, _S.LEASED),
        Arrow((_S.LEASED,), _E.EXPIRE, (Actor.RELAY,), _S.AVAILABLE),
        Arrow((_S.LEASED,), _E.RELEASE, _TOWN, _S.AVAILABLE),
        Arrow((_S.LEASED,), _E.ACKNOWLEDGE, _TOWN, _S.ACKNOWLEDGED),
    ],
    finished=(_S.ACKNOWLEDGED,),
)


@dataclass(frozen=True, slots=True)
class Lease:
    """One application in the relay.

    Attributes
    ----------
    deliveries
        How often it was taken; the number of the newest delivery, which stands in its answer.
    until
        When the newest delivery runs out; None if nobody has taken it, it was given back or acknowledged.
    acknowledged
        Number of the delivery that was acknowledged; None before.
    """

    deliveries: int = 0
    until: datetime | None = None
    acknowledged: int | None = None

    def state_at(self, at: datetime) -> LeaseState:
        """State at a moment: a lease that has run out is available."""
        if self.acknowledged is not None:
            return LeaseState.ACKNOWLEDGED
        return LeaseState.LEASED if self.until is not None and at < self.until else LeaseState.AVAILABLE

    @property
    def redelivered(self) -> bool:
        """Whether the newest delivery repeats an older one; its answer says so."""
        return self.deliveries > 1

    def take(self, at: datetime, length: timedelta) -> Lease | Refused:
        """Return the lease after a town takes the application, or why it cannot (LEASED by somebody, GONE)."""
        state = self.state_at(at)
        if state is LeaseState.ACKNOWLEDGED:
            return Refused(Refusal.GONE, LEASE.name, state, LeaseEvent.TAKE)
        if state is LeaseState.LEASED:
            assert self.until is not None
            return Refused(Refusal.LEASED, LEASE.name, state, LeaseEvent.TAKE, f"{self.until:%H:%M:%S}")
        return replace(self, deliveries=self.deliveries + 1, until=at + length)

    def acknowledge(self, delivery: int, at: datetime) -> Lease | Refused:
        """Return the lease after a delivery is acknowledged.

        The same delivery may be acknowledged again (a lost answer), and after its time as long as no newer delivery
        exists. An older delivery has lost: whoever holds the newer one has the application now.
        """
        if delivery == self.acknowledged:
            return self
        if (refused := self._not_held(delivery, at, LeaseEvent.ACKNOWLEDGE)) is not None:
            return refused
        return replace(self, until=None, acknowledged=delivery)

    def release(self, delivery: int, at: datetime) -> Lease | Refused:
        """Return the lease after a town gives the application back; the next delivery is labelled all the same."""
        return self._not_held(delivery, at, LeaseEvent.RELEASE) or replace(self, until=None)

    def _not_held(self, delivery: int, at: datetime, event: LeaseEvent) -> Refused | None:
        held = self.acknowledged is None and self.until is not None and delivery == self.deliveries
        return None if held else Refused(Refusal.LEASE_LOST, LEASE.name, self.state_at(at), event, str(delivery))
