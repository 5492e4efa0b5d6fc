"""Locks of a card's secrets: so many wrong entries in a row, and only a counter unlocks.

A real card counts on its chip, for all who ask; the portal counts here because it plays the card.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fakes.states.machine import Actor, Arrow, Machine, Refusal, Refused
from scenarios.law import PIN_TRIES, SIGNING_PASSWORD_TRIES


class SecretState(StrEnum):
    """Whether a secret can be entered."""

    USABLE = "usable"
    LOCKED = "locked"


class SecretEvent(StrEnum):
    """What can happen to a secret."""

    ENTER_RIGHT = "enter_right"
    ENTER_WRONG = "enter_wrong"
    ENTER_WRONG_LAST = "enter_wrong_last"
    UNLOCK = "unlock"


class SecretKind(StrEnum):
    """Secrets of a card that the portal asks for."""

    PIN = "pin"
    """利用者証明用, four digits."""
    SIGNING_PASSWORD = "signing_password"  # noqa: S105 - a name, no password
    """署名用, 6 to 16 letters and digits."""


TRIES: Final = {SecretKind.PIN: PIN_TRIES, SecretKind.SIGNING_PASSWORD: SIGNING_PASSWORD_TRIES}
"""Wrong entries in a row that lock."""

COUNTER: Final = (Actor.ORIGIN_STAFF, Actor.DESTINATION_STAFF)

SECRET: Final = Machine(
    "secret",
    SecretState.USABLE,
    [
        Arrow((SecretState.USABLE,), SecretEvent.ENTER_RIGHT, (Actor.APPLICANT,), SecretState.USABLE),
        Arrow((SecretState.USABLE,), SecretEvent.ENTER_WRONG, (Actor.APPLICANT,), SecretState.USABLE),
        Arrow((SecretState.USABLE,), SecretEvent.ENTER_WRONG_LAST, (Actor.APPLICANT,), SecretState.LOCKED),
        Arrow(tuple(SecretState), SecretEvent.UNLOCK, COUNTER, SecretState.USABLE),
    ],
)


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of one card: its wrong entries in a row."""

    kind: SecretKind
    failures: int = 0

    @property
    def state(self) -> SecretState:
        """Whether it can be entered."""
        return SecretState.LOCKED if self.failures >= TRIES[self.kind] else SecretState.USABLE

    @property
    def tries_left(self) -> int:
        """Wrong entries until it locks."""
        return max(0, TRIES[self.kind] - self.failures)

    def enter(self, right: bool) -> tuple[Secret, Refused | None]:
        """Return the secret after an entry, and why the entry did not open the card (None when it did).

        A right entry starts the count again; a locked secret is not even compared, so nothing changes.
        """
        if self.state is SecretState.LOCKED:
            event = SecretEvent.ENTER_RIGHT if right else SecretEvent.ENTER_WRONG
            return self, Refused(Refusal.LOCKED, SECRET.name, self.state, event)
        if right:
            return replace(self, failures=0), None
        after = replace(self, failures=self.failures + 1)
        if after.state is SecretState.LOCKED:
            return after, Refused(Refusal.LOCKED, SECRET.name, after.state, SecretEvent.ENTER_WRONG_LAST)
        event, left = SecretEvent.ENTER_WRONG, str(after.tries_left)
        return after, Refused(Refusal.WRONG_SECRET, SECRET.name, after.state, event, left)

    def unlock(self, actor: Actor) -> Secret | Refused:
        """Return the secret as it leaves the counter, or why nobody unlocks it."""
        if isinstance(step := SECRET.step(self.state, SecretEvent.UNLOCK, actor), Refused):
            return step
        return replace(self, failures=0)
