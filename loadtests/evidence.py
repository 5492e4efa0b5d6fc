"""What the servers' logs say, as facts: which call came, what was stored, handed over, received, in which state it is.

Each server's log has a reader that takes its events one by one. Some facts need what another log says (a notice of the
resident network is numbered at J-LIS, and where a telegram belongs is what its town says), so they are read in one
order: portal, ward, J-LIS.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fakes.messages.logs import LoggedCall, LoggedEvent
from fakes.procedures import Procedure
from fakes.servers import Server
from fakes.states.application import ApplicationState, status_code
from loadtests.history import Fact, FaultSpan, Kind
from loadtests.serverlogs import ServerLog

OWN_WORK: Final = "LINK"
"""Method of records of what a server does without being called."""

GONE: Final = (ApplicationState.WITHDRAWN, ApplicationState.REJECTED, ApplicationState.EXPIRED)
"""Nobody is given an application any more that has ended so."""
STORED, OUT, VISIT, TELEGRAM = "stored", "out", "visit", "telegram"


class Told(Struct, frozen=True):
    """What is read of the bodies of all events; what an event does not say is empty."""

    temporary: str = ""
    reference: str | None = None
    state: str = ""
    procedures: str | list[str] = ""
    redelivered: bool = False
    delivery: int = 0
    sender: str = ""
    person: str = ""
    destination: str = ""
    number: int = 0
    edition: int = 1
    members: int = 0


_told: Final = msgspec.json.Decoder(Told).decode


def facts_of(logs: Iterable[ServerLog], zero_us: int) -> Iterator[Fact]:
    """Yield every fact of the servers whose logs are given; memory is what is needed to tell parts and telegrams apart.

    What happened before the run began is another run's, on the same servers; calls are not, because towns log in early.

    Parameters
    ----------
    zero_us
        Moment of the scenario at which the run began, microseconds since 1970.

    Raises
    ------
    LoadError
        E-load-log when a log cannot be read.
    """
    given = {log.server: log for log in logs}
    reader = Reader(zero_us)
    for server in (Server.PORTAL, Server.WARD, Server.JLIS):
        if (log := given.get(server)) is not None:
            for event in log.events():
                yield from (fact for fact in reader.event(server, event) if fact.at >= 0)
            for call in log.calls():
                yield from reader.call(server, call)
    yield from (fact for fact in reader.held_back() if fact.at >= 0)


def spans_of(logs: Iterable[ServerLog], zero_us: int, end_us: int) -> tuple[FaultSpan, ...]:
    """Return the faults that servers say they have and that are at work between a run's beginning and its end.

    Parameters
    ----------
    zero_us, end_us
        Moments of the scenario at which the run began and ended, microseconds since 1970.

    Raises
    ------
    LoadError
        E-load-log when a server does not answer.
    """
    spans = set()
    for log in logs:
        for fault in log.faults():
            start, end = fault.window.micros
            where = fault.where.server
            if where in (None, log.server) and start < end_us and end > zero_us:
                span = FaultSpan(
                    fault.incident or fault.id, log.server.value, start - zero_us, min(end, end_us) - zero_us
                )
                spans.add(span)
    return tuple(sorted(spans, key=lambda span: (span.start, span.id, span.server, span.end)))


def _parts(procedures: Collection[str]) -> tuple[str, ...]:
    """Return which parts of what was filed a town has for these procedures; one that got both has both."""
    out = [OUT] if Procedure.MOVE_OUT in procedures else []
    return *out, *([VISIT] if len(procedures) > len(out) else [])


class Reader:
    """Turns events and audit records into facts."""

    def __init__(self, zero_us: int) -> None:
        self._zero = zero_us
        self._submitted: dict[str, Fact] = {}
        self._accepted: dict[str, Fact] = {}
        self._parts: dict[tuple[str, str], tuple[str, ...]] = {}
        self._waiting: dict[str, list[str]] = {}
        self._destinations: dict[tuple[str, str, int], str] = {}
        self._telegrams: dict[str, tuple[str, int]] = {}
        self._held: list[tuple[str, Fact]] = []
        self._readers: Mapping[Server, Mapping[str, Any]] = {
            Server.PORTAL: {
                "submitted": self._portal_submitted,
                "signed": self._portal_signed,
                "relayed": self._portal_relayed,
                "application-changed": self._portal_changed,
            },
            Server.JLIS: {
                "arrived": self._arrived,
                "delivered": self._delivered,
                "state-changed": self._state_changed,
                "telegram-sent": self._telegram_sent,
                "telegram-delivered": self._telegram_delivered,
            },
            Server.WARD: {
                "application-imported": self._imported,
                "application-redelivered": self._imported_again,
                "application-reviewed": self._reviewed,
                "telegram-queued": self._telegram_queued,
                "certificate-data-came": self._data_came,
                "move-in-notice-came": self._notice_came,
                "telegram-came-again": self._notice_came,
            },
        }

    def event(self, server: Server, event: LoggedEvent) -> Iterable[Fact]:
        """Return what an event of a server's log says."""
        reader = self._readers[server].get(event.kind)
        return () if reader is None else reader(event, _told(event.body), self._base(server, event))

    def call(self, server: Server, call: LoggedCall) -> Iterable[Fact]:
        """Return what an audit record says: that a copy of a request came, and that it left its record."""
        if call.method == OWN_WORK:
            return
        for kind in (Kind.SEEN, Kind.AUDITED):
            yield Fact(
                kind,
                server.value,
                call.at - self._zero,
                seq=call.seq,
                request=call.request_id,
                attempt=call.attempt,
                fault=call.fault_id,
            )

    def held_back(self) -> Iterator[Fact]:
        """Yield what could not be told before all logs were read."""
        for name, fact in self._held:
            reference, number = self._telegrams.get(name, (name, 0))
            yield replace(fact, reference=reference, number=number)

    def _base(self, server: Server, event: LoggedEvent) -> Fact:
        return Fact(
            Kind.STATE,
            server.value,
            event.at - self._zero,
            seq=event.seq,
            request=event.request_id,
            attempt=event.attempt,
            reference=event.subject,
            town=event.municipality,
            owner=event.owner,
            digest=event.digest,
            fault=event.fault_id,
        )

    def _portal_submitted(self, _: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        stored = replace(base, kind=Kind.STORED, reference=told.temporary, part=STORED, town=Server.PORTAL.value)
        if told.reference is None:  # it waits for its signature
            self._submitted[told.temporary] = stored
            return (stored,)
        accepted = replace(stored, reference=told.reference)
        self._accepted[accepted.reference] = accepted
        return accepted, self._in_state(accepted, ApplicationState.ACCEPTED)

    def _portal_signed(self, _: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        # What is accepted is the package; the event's own document is the signature.
        package = self._submitted.pop(told.temporary, None)
        digest = package.digest if package is not None else ""
        own = replace(base, kind=Kind.STORED, part=STORED, town=Server.PORTAL.value, digest=digest, signed=True)
        self._accepted[own.reference] = own
        return own, self._in_state(own, ApplicationState.ACCEPTED)

    def _portal_relayed(self, _: LoggedEvent, __: Told, base: Fact) -> Iterable[Fact]:
        # Only what is still waiting to be sent becomes one that has arrived.
        if self._accepted.pop(base.reference, None) is not None:
            yield self._in_state(base, ApplicationState.ARRIVED)

    def _portal_changed(self, _: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        self._accepted.pop(base.reference, None)
        yield self._in_state(base, ApplicationState(told.state))

    @staticmethod
    def _in_state(base: Fact, state: ApplicationState) -> Fact:
        """What the portal's applicants are told is a code that several states share."""
        code = status_code(state)
        return replace(base, kind=Kind.STATE, part="", digest="", state="" if code is None else code.value)

    def _arrived(self, event: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        self._parts[event.subject, event.municipality] = _parts(told.procedures)
        self._waiting.setdefault(event.subject, []).append(event.municipality)
        yield replace(base, state=ApplicationState.ARRIVED.value, digest="")

    def _delivered(self, event: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        waiting = self._waiting.get(event.subject, [])
        if event.municipality in waiting:
            waiting.remove(event.municipality)
            if not waiting:
                del self._waiting[event.subject]
        for part in self._parts.get((event.subject, event.municipality), (OUT,)):
            yield replace(base, kind=Kind.HANDED_OVER, part=part, repeated=told.redelivered)

    def _state_changed(self, event: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        yield replace(base, state=told.state, digest="")
        if told.state in GONE:
            for town in self._waiting.pop(event.subject, []):
                for part in self._parts.get((event.subject, town), (OUT,)):
                    yield replace(base, kind=Kind.ENDED, part=part, town=town, digest="")

    def _telegram_sent(self, event: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        self._telegrams[event.subject] = line, number = f"{told.sender}/{told.person}", told.number
        # Where it has to arrive is what the sender wanted, not where the relay put it.
        town = self._destinations.get((told.sender, told.person, number), event.municipality)
        yield replace(
            base, kind=Kind.SENT, reference=line, part=TELEGRAM, number=number, edition=told.edition, town=town
        )

    def _telegram_delivered(self, event: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        line, number = self._telegrams.get(event.subject, (event.subject, 0))
        own = replace(base, kind=Kind.HANDED_OVER, reference=line, part=TELEGRAM, number=number)
        yield replace(own, edition=told.edition, repeated=told.redelivered)

    def _imported(self, event: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        self._parts[event.subject, event.municipality] = parts = _parts(str(told.procedures).split(","))
        own = replace(base, kind=Kind.RECEIVED, members=told.members, repeated=told.redelivered)
        return *(replace(own, part=part) for part in parts), self._at_town(base, told.state)

    def _imported_again(self, event: LoggedEvent, _: Told, base: Fact) -> Iterable[Fact]:
        for part in self._parts.get((event.subject, event.municipality), (OUT,)):
            yield replace(base, kind=Kind.RECEIVED, part=part, repeated=True)

    def _reviewed(self, _: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        yield self._at_town(base, told.state)

    @staticmethod
    def _at_town(base: Fact, state: str) -> Fact:
        """Each of two towns has a state of its own."""
        return replace(base, kind=Kind.STATE, reference=f"{base.reference}@{base.town}", state=state, digest="")

    def _telegram_queued(self, event: LoggedEvent, told: Told, _: Fact) -> Iterable[Fact]:
        self._destinations[event.municipality, event.subject, told.number] = told.destination
        return ()

    def _data_came(self, _: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        line = f"{told.sender}/{told.person}"
        own = replace(base, kind=Kind.RECEIVED, reference=line, part=TELEGRAM, number=told.number)
        yield replace(own, edition=told.edition, repeated=told.redelivered)

    def _notice_came(self, event: LoggedEvent, told: Told, base: Fact) -> Iterable[Fact]:
        repeated = told.redelivered or event.kind == "telegram-came-again"
        own = replace(base, kind=Kind.RECEIVED, part=TELEGRAM, edition=told.edition, repeated=repeated)
        self._held.append((event.subject, own))
        return ()
