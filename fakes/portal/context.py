"""What the portal's handlers need beside the call."""

from __future__ import annotations

from dataclasses import dataclass, field

from fakes.clock import ScenarioClock
from fakes.defects import Defects
from fakes.links import Link
from fakes.people import People
from fakes.pki.trust import TrustStore
from fakes.store.store import Store
from fakes.web.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal.

    Attributes
    ----------
    seed
        Of the scenario: of the people and of owner tokens.
    providers
        Private-sector portals: SHA-256 of the password by ID.
    sources
        Addresses from which providers may call; empty for any (on loopback there is only one).
    trust
        The authorities of cards' certificates; None where nothing can be signed.
    jlis
        The way to J-LIS; None for a portal alone, whose applications stay where they are.
    session_s
        How long an access key lasts, seconds of the scenario.
    defects
        Seeded defects that are on.
    """

    store: Store
    clock: ScenarioClock
    tokens: Tokens
    people: People
    seed: int
    providers: dict[str, str]
    sources: frozenset[str] = frozenset()
    trust: TrustStore | None = None
    jlis: Link | None = None
    session_s: int = 1800
    defects: Defects = field(default_factory=Defects)
