"""What the handlers of J-LIS need beside the call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fakes.clock import ScenarioClock
from fakes.people import People
from fakes.staff import Staff
from fakes.store.store import Store
from fakes.web.authentication import Peer
from fakes.web.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Jlis:
    """J-LIS.

    Attributes
    ----------
    peers
        The allow-list, by name.
    seed
        Of the scenario: of the people and of owner tokens.
    lease
        How long a town has for a delivery before it may be delivered again.
    token_s
        How long a token of staff lasts, seconds of the scenario.
    """

    store: Store
    clock: ScenarioClock
    tokens: Tokens
    people: People
    staff: Staff
    peers: dict[str, Peer]
    seed: int
    lease: timedelta = timedelta(minutes=5)
    token_s: int = 3600
