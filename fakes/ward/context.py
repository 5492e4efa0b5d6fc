"""What the handlers of this server need beside the call."""

from __future__ import annotations

from dataclasses import dataclass

from fakes.clock import ScenarioClock
from fakes.people import People
from fakes.store.store import Store
from fakes.web.authentication import Peer
from fakes.web.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Ward:
    """The ward.

    Attributes
    ----------
    seed
        Of the scenario: of the people and of owner tokens.
    peers
        The allow-list, by name.
    """

    store: Store
    clock: ScenarioClock
    tokens: Tokens
    people: People
    peers: dict[str, Peer]
    seed: int
