"""What the handlers of J-LIS need beside the call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from fakes.clock import ScenarioClock
from fakes.defects import Defects
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.pki.ocsp import Responder
from fakes.pki.oids import Purpose
from fakes.staff import Staff
from fakes.states.rules import Rules
from fakes.store.store import Store
from fakes.web.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Jlis:
    """J-LIS.

    Attributes
    ----------
    issuer, responders
        The certification authorities, and what answers for them online.
    rules
        Hours of the resident network.
    seed
        Of the scenario: of the people and of owner tokens.
    lease
        How long a town, or the portal, has for a delivery before it may be delivered again.
    holds_when_closed
        Whether the network takes telegrams in hours in which it is closed, and delivers them later; else it refuses.
    token_s
        How long a token of staff lasts, seconds of the scenario.
    defects
        Seeded defects that are on.
    """

    store: Store
    clock: ScenarioClock
    tokens: Tokens
    people: People
    staff: Staff
    issuer: CardIssuer
    responders: dict[Purpose, Responder]
    rules: Rules
    seed: int
    lease: timedelta = timedelta(minutes=5)
    holds_when_closed: bool = False
    token_s: int = 3600
    defects: Defects = field(default_factory=Defects)
