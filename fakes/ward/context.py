"""What the handlers of this server need beside the call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from fakes.clock import ScenarioClock
from fakes.defects import Defects
from fakes.package.application import Package
from fakes.people import People
from fakes.staff import Staff
from fakes.states.rules import Rules
from fakes.store.store import Store
from fakes.ward.clients import Clients
from fakes.web.authentication import Peer
from fakes.web.tokens import Tokens

MICRO = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Brought:
    """A package that was brought, read, with its bytes, their SHA-256, and whose it is."""

    package: Package
    content: bytes
    digest: bytes
    owner: str


@dataclass(frozen=True, slots=True)
class Ward:
    """The ward.

    Attributes
    ----------
    seed
        Of the scenario: of the people and of owner tokens.
    staff, clients
        Who works for the towns, and their systems.
    peers
        The allow-list, by name.
    rules
        Rules of time.
    session_s, token_s
        How long a session of staff and an access token of a system last, seconds of the scenario.
    lock
        How long residents stay in hand of whoever enters a change.
    defects
        Seeded defects that are on.
    left_behind
        Packages that a seeded defect leaves in hand, by town and procedures.
    wakers
        By town: set when there may be something to say to jlis.
    """

    store: Store
    clock: ScenarioClock
    tokens: Tokens
    people: People
    staff: Staff
    clients: Clients
    peers: dict[str, Peer]
    rules: Rules
    seed: int
    session_s: int = 8 * 3600
    token_s: int = 300
    lock: timedelta = timedelta(minutes=30)
    defects: Defects = field(default_factory=Defects)
    left_behind: dict[tuple[str, str], Brought] = field(default_factory=dict)
    wakers: dict[str, asyncio.Event] = field(default_factory=dict)

    def wake(self, municipality: str) -> None:
        """Tell the town's link server, if it runs in this process, that the outbox has something soon."""
        if (waker := self.wakers.get(municipality)) is not None:
            waker.set()
