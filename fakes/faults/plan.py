"""Which faults strike a call: a seeded decision, the same for the same seed, request and order of calls.

A server asks `FaultPlan.at` in each phase. Draws are keyed by the seed, the fault and the applicant or the try, never
by time or by what else happens; only `nth`, `every` and `Stall` count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import NormalDist
from typing import Final

from msgspec import Struct

from fakes.faults.effects import AnyEffect, ClockSkew, ConnectionCap, Effect, Phase, Slow, Stall, StandDown
from fakes.faults.fault import FAR, Fault, FaultError, Where, checked
from fakes.servers import Server
from fakes.streams import Stream

_WHOLE: Final = 2**128
_NORMAL: Final = NormalDist()
MICROS_PER_S: Final = 1_000_000


class Facts(Struct, frozen=True):
    """What is known of a call.

    Attributes
    ----------
    server, route, path
        Server, name of the endpoint, path.
    municipality
        The town that calls or is called; empty if none.
    applicant
        Whom it is about: a card, a receipt number; empty if nobody. Shares of applicants are drawn by it.
    request_id, attempt
        From the headers.
    in_flight
        Calls that the server has under way, this one among them.
    """

    server: Server
    route: str
    path: str = ""
    municipality: str = ""
    applicant: str = ""
    request_id: str = ""
    attempt: int = 1
    in_flight: int = 1


class Injection(Struct, frozen=True):
    """A fault strikes a call.

    Attributes
    ----------
    id
        Of this strike, for the log: the fault's id and a digest of request, try and phase.
    fault_id, phase, effect
        What strikes, and when.
    wait_s
        Real seconds that `Slow` waits besides its factor, as drawn; 0 for other effects.
    """

    id: str
    fault_id: str
    phase: Phase
    effect: AnyEffect
    wait_s: float = 0.0


NOTHING: Final[tuple[Injection, ...]] = ()


@dataclass(slots=True)
class Active:
    """A fault in a plan, with what it has counted.

    Attributes
    ----------
    start, end
        Its window, microseconds since 1970.
    fitting
        Calls that fitted in all but `nth` and `every`.
    injected
        Strikes.
    """

    fault: Fault
    start: int
    end: int
    draw: Stream
    wait: Stream
    fitting: int = 0
    injected: int = 0
    period: int | None = field(default=None, repr=False)


class FaultPlan:
    """All faults of one server's process.

    Parameters
    ----------
    seed
        Of all draws.
    faults
        Faults to begin with, those of a scenario.

    Raises
    ------
    FaultError
        As `add`.
    """

    def __init__(self, seed: int = 0, faults: Iterable[Fault] = ()) -> None:
        self._seed = seed
        self._active: dict[str, Active] = {}
        self._live = 0
        self.any = False
        """Whether there is any fault at all, now or later; a server asks nothing more while there is none."""
        self.by_town = False
        """Whether any asks for the town that a call is about."""
        self._quiet = (-FAR, FAR)
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> Fault:
        """Take in a fault and return it with its id.

        Raises
        ------
        FaultError
            For a fault that cannot be (`checked`), or `E-fault-twice` for an id that is there already.
        """
        if not fault.id:
            self._live += 1
            fault = _named(fault, f"live-{self._live}")
        checked(fault)
        if fault.id in self._active:
            raise FaultError("E-fault-twice", fault=fault.id)
        start, end = fault.window.micros
        draw, wait = (Stream(self._seed, f"fault/{fault.id}/{name}") for name in ("draw", "wait"))
        self._active[fault.id] = Active(fault, start, end, draw, wait)
        self._changed()
        return fault

    def clear(self, fault_id: str) -> bool:
        """Take out a fault; return whether it was there."""
        found = self._active.pop(fault_id, None) is not None
        self._changed()
        return found

    def follow(self, faults: Iterable[Fault]) -> None:
        """Hold exactly these faults from now on; those that it holds already go on counting."""
        wanted = {fault.id: fault for fault in faults}
        for own in self.listed():
            if wanted.get(own.fault.id) != own.fault:
                self.clear(own.fault.id)
        for fault in wanted.values():
            if fault.id not in self._active:
                self.add(fault)

    def stands_down(self, since: int, now: int) -> bool:
        """Whether an instance that leads since then has to stop: it led when a fault began. Any thread may ask."""
        return any(
            since < own.start <= now < own.end for own in self.listed() if isinstance(own.fault.effect, StandDown)
        )

    def listed(self) -> list[Active]:
        """Every fault with its counts, in the order in which they came."""
        return list(self._active.values())

    def active(self, now: int) -> list[Active]:
        """Faults whose window is open, for the page of a server."""
        return [own for own in self._active.values() if own.start <= now < own.end]

    def at(self, phase: Phase, facts: Facts, now: int, kind: type[Struct] = Effect) -> tuple[Injection, ...]:
        """Return what strikes a call in a phase, in the order in which the faults came.

        Parameters
        ----------
        now
            The scenario's time without skew, microseconds since 1970.
        kind
            Of these effects only; the others do not count the call either.
        """
        if not self.any:
            return NOTHING
        quiet_from, quiet_until = self._quiet
        if quiet_from <= now < quiet_until:
            return NOTHING
        found: list[Injection] = []
        some_open = False
        for own in self._active.values():
            if not own.start <= now < own.end:
                continue
            some_open = True
            if not isinstance(own.fault.effect, kind):
                continue
            if own.fault.strikes_in is phase and self._strikes(own, facts, now):
                found.append(self._injection(own, phase, facts))
        if not some_open:
            self._quiet = self._quiet_around(now)
        return tuple(found)

    def skew(self, server: Server, now: int) -> timedelta:
        """Return how far a server's clock is ahead; several skews add up."""
        if not self.any:
            return timedelta(0)
        seconds = sum(
            own.fault.effect.ahead_s
            for own in self.active(now)
            if isinstance(own.fault.effect, ClockSkew) and own.fault.where.server in (None, server)
        )
        return timedelta(seconds=seconds)

    def _strikes(self, own: Active, facts: Facts, now: int) -> bool:
        where, effect = own.fault.where, own.fault.effect
        if isinstance(effect, ClockSkew | StandDown) or not _fits(where, facts) or not _drawn(own, facts):
            return False
        if isinstance(effect, ConnectionCap) and facts.in_flight <= effect.at_once:
            return False
        own.fitting += 1
        if (where.nth and own.fitting != where.nth) or (where.every and own.fitting % where.every):
            return False
        if isinstance(effect, Stall):
            period = (now - max(own.start, 0)) // (effect.every_s * MICROS_PER_S) if effect.every_s else 0
            if own.period == period:
                return False
            own.period = period
        own.injected += 1
        return True

    def _injection(self, own: Active, phase: Phase, facts: Facts) -> Injection:
        fault = own.fault
        attempt = f"{facts.request_id}/{facts.attempt}/{phase}"
        wait = _wait(fault.effect, own.wait.of(attempt)) if isinstance(fault.effect, Slow) else 0.0
        mark = own.draw.of(f"id/{attempt}") >> 80
        return Injection(f"{fault.id}:{mark:012x}", fault.id, phase, fault.effect, wait)

    def _changed(self) -> None:
        self.any = bool(self._active)
        self.by_town = any(own.fault.where.municipalities for own in self._active.values())
        self._quiet = (0, 0)

    def _quiet_around(self, now: int) -> tuple[int, int]:
        """The stretch of time around a quiet moment in which no window opens."""
        return (
            max((own.end for own in self._active.values() if own.end <= now), default=-FAR),
            min((own.start for own in self._active.values() if own.start > now), default=FAR),
        )


def _fits(where: Where, facts: Facts) -> bool:
    if where.server is not None and where.server is not facts.server:
        return False
    if where.municipalities and facts.municipality not in where.municipalities:
        return False
    return not where.routes or any(
        facts.path.startswith(route) if route.startswith("/") else facts.route == route for route in where.routes
    )


def _drawn(own: Active, facts: Facts) -> bool:
    """Whether an applicant or a try belongs to the share; a call about nobody is drawn by its request."""
    where = own.fault.where
    if where.share >= 1.0:
        return True
    by_applicant = where.of == "applicants" and facts.applicant
    key = facts.applicant if by_applicant else f"{facts.request_id}/{facts.attempt}"
    return own.draw.of(key) < where.share * _WHOLE


def _wait(effect: Slow, draw: int) -> float:
    """Seconds of a lognormal wait with that mean and coefficient of variation."""
    mean = effect.mean_ms / 1000
    if not effect.spread:
        return mean
    variance = math.log1p(effect.spread**2)
    position = (draw + 0.5) / _WHOLE
    return mean * math.exp(math.sqrt(variance) * _NORMAL.inv_cdf(min(position, 1 - 2**-53)) - variance / 2)


def _named(fault: Fault, name: str) -> Fault:
    return Fault(fault.effect, name, fault.where, fault.window, fault.phase, fault.incident)
