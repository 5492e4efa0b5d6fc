"""What one server is started with: plain values that travel to its process."""

from __future__ import annotations

import time
from datetime import date, datetime
from typing import Final

from msgspec import Struct, field

from fakes.clock import JST, ScenarioClock
from fakes.endpoints import Server
from fakes.faults.fault import Fault
from fakes.web.authentication import Peer

LOOPBACK: Final = "127.0.0.1"


class Settings(Struct, frozen=True, kw_only=True):
    """One server.

    Attributes
    ----------
    database
        `sqlite:///…` or `postgresql://…`.
    seed
        Of the scenario.
    start, speed, began
        The clock: see `ScenarioClock`; the same for all processes, also after a restart.
    certificates
        Folder of TLS certificates (`fakes.pki.peers.write_certificates`); empty for no TLS.
    cards
        Folder of the cards' authorities and keys (`CardIssuer.save`): J-LIS needs it, a portal to check signatures.
    jlis
        Addresses of J-LIS, primary first, for those who call it; empty for a server alone.
    link_s
        Real seconds between the portal's looks at J-LIS.
    poll_s
        Seconds of the scenario between those of a town's link server: five minutes, of one to thirty (assumption).
    peers
        The allow-list, by name.
    providers
        Private-sector portals: SHA-256 of the password, by ID.
    sources
        Addresses that providers have registered; from others their calls are refused. Empty for any.
    operator_key
        For the control of faults.
    households
        Of each town when the scenario begins, in the resident register.
    faults
        Those of the scenario's incidents (`fakes.faults.incidents.faults_of`), of all servers.
    processes
        How many serve from the store; `start` sets it.
    queue
        Calls that may wait for the writer.
    rate, burst
        Calls a second and at once of one caller; 0 for no limit.
    holds_when_closed
        Whether the resident network takes telegrams at night and delivers them in the morning; else it refuses them.
    links
        Whether this process does what is done without being called (fetching from J-LIS, handing over).
    people_day
        Day in Japan on which people's ages and cards are taken; None for the clock's first day.
    log
        File for what the process has to say; empty for standard error.
    instance, takeover_s
        Name of this one of several instances on a store, of which one leads, and real seconds until another does after
        it is gone; without a name nobody else is expected.
    defects
        Seeded defects that are on, as `name` or `name=amount`.
    faults
        Of the scenario; live ones come over the control endpoint.
    """

    server: Server
    database: str
    seed: int = 1
    start: datetime
    speed: float = 1.0
    began: int = field(default_factory=time.time_ns)
    certificates: str = ""
    cards: str = ""
    jlis: tuple[str, ...] = ()
    link_s: float = 1.0
    poll_s: float = 300.0
    peers: dict[str, Peer] = {}
    providers: dict[str, str] = {}
    sources: tuple[str, ...] = ()
    operator_key: str = ""
    households: int = 200
    faults: tuple[Fault, ...] = ()
    processes: int = 1
    queue: int = 4096
    rate: float = 0.0
    burst: int = 100
    holds_when_closed: bool = False
    links: bool = True
    people_day: date | None = None
    log: str = ""
    instance: str = ""
    takeover_s: float = 5.0
    defects: tuple[str, ...] = ()

    def clock(self) -> ScenarioClock:
        """Return the clock of the scenario."""
        return ScenarioClock(self.start, self.speed, self.began)

    @property
    def name(self) -> str:
        """Server, and which of several instances."""
        return f"{self.server.value}-{self.instance}" if self.instance else self.server.value

    @property
    def first_day(self) -> date:
        """Day in Japan on which the scenario begins."""
        return self.people_day or self.start.astimezone(JST).date()
