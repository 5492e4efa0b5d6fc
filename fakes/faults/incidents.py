"""From the incidents of a scenario to faults of the fake systems: one table of kinds, one of systems.

The simulation reads the same incidents (`sim/incidents.py`); what it plays as capacity and slowness of a system is
played here by answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from fakes.faults.effects import (
    EFFECTS,
    AnyEffect,
    BehindStandby,
    ConnectionCap,
    Outage,
    Phase,
    Slow,
    StandDown,
)
from fakes.faults.fault import Fault, FaultError, Where, Window, checked
from fakes.servers import Server
from scenarios.schema import Scenario
from scenarios.schema.faults import FakeFault
from scenarios.schema.systems import Incident, connections_left

SYSTEMS: Final = {
    "portal": Where(Server.PORTAL),
    "relay": Where(Server.JLIS, ("/relay/", "/receive/")),
    "jlis": Where(Server.JLIS, ("/cs/", "/cards/", "/jpki/")),
    "ward": Where(Server.WARD),
}
"""Where each system of a scenario is: the relay and the network of J-LIS are two systems on one server."""

AMOUNTS: Final = {
    "outage": "status",
    "slow": "mean_ms",
    "slow_first_byte": "wait_ms",
    "dribble": "bytes_per_s",
    "connection_cap": "at_once",
    "stall": "stop_ms",
    "queue_full": "retry_after_s",
    "swap": "wait_ms",
    "duplicate": "copies",
    "reorder": "among",
    "stale_cursor": "back",
    "behind_standby": "behind_s",
    "clock_skew": "ahead_s",
}
"""The field of an effect that the amount of a scenario's fault fills."""


class Stretch(NamedTuple):
    """Part of an incident: what, from when to when after its start, and where if not all over its system."""

    effect: AnyEffect
    start: float
    end: float
    suffix: str = ""
    phase: Phase | None = None
    where: Where = Where()


Mapped = Callable[[Incident, Scenario, float], Iterator[Stretch]]


def _outage(incident: Incident, _scenario: Scenario, _speed: float) -> Iterator[Stretch]:
    yield Stretch(Outage(), 0.0, float(incident.minutes))


def _slow(incident: Incident, scenario: Scenario, speed: float) -> Iterator[Stretch]:
    """The work of the system takes `factor` times as long: what the scenario says it takes, and what it takes here."""
    usual = {"portal": scenario.portal.submit, "relay": scenario.relay.message, "jlis": scenario.jlis.call}
    factor = _given(incident.factor)
    longer = (factor - 1.0) * float(usual[incident.system]) * 60_000 / speed
    yield Stretch(Slow(factor, max(0, round(longer))), 0.0, float(incident.minutes))


def _capped(incident: Incident, scenario: Scenario, _speed: float) -> Iterator[Stretch]:
    yield Stretch(_remaining(incident, scenario), 0.0, float(incident.minutes))


def _failover(incident: Incident, scenario: Scenario, _speed: float) -> Iterator[Stretch]:
    down = float(incident.minutes)
    until = down + _given(incident.degraded)
    yield Stretch(Outage(), 0.0, down)
    yield Stretch(StandDown(), 0.0, until, "-primary")
    yield Stretch(_remaining(incident, scenario), down, until, "-standby")
    if incident.behind is not None and int(incident.behind) > 0:
        yield Stretch(BehindStandby(int(incident.behind)), down, until, "-behind")


def _fault(incident: Incident, _scenario: Scenario, _speed: float) -> Iterator[Stretch]:
    fault = incident.fault
    assert fault is not None, "the schema asks for it"
    where = Where(
        routes=() if fault.route is None else (fault.route,),
        municipalities=fault.municipalities,
        share=fault.share,
        of=fault.of,
        nth=fault.nth,
        every=fault.every,
    )
    phase = None if fault.phase is None else Phase(fault.phase)
    yield Stretch(effect_of(fault), 0.0, float(incident.minutes), phase=phase, where=where)


KINDS: Final[dict[str, Mapped]] = {
    "outage": _outage,
    "slow": _slow,
    "connection_cap": _capped,
    "failover": _failover,
    "fault": _fault,
}
"""What each kind of incident is here."""


def faults_of(
    scenario: Scenario, speed: float = 1.0, starts: Mapping[str, Sequence[datetime]] | None = None
) -> tuple[Fault, ...]:
    """Return the faults of a scenario's incidents, in their order.

    Parameters
    ----------
    speed
        Scenario seconds in a real second: what takes time in the scenario takes so much less here.
    starts
        When incidents that strike on busy days do so, by their ids; a simulation draws those days.

    Raises
    ------
    FaultError
        `E-fault-no-time` for such an incident without a start; as `checked` for a fault that cannot be.
    """
    found: list[Fault] = []
    for incident in scenario.incidents:
        moments = _starts(incident, starts or {})
        for number, start in enumerate(moments, 1):
            name = incident.id if len(moments) == 1 else f"{incident.id}-{number}"
            stretches = KINDS[incident.kind](incident, scenario, speed)
            found += [checked(_of(incident, name, start, stretch)) for stretch in stretches]
    return tuple(found)


def effect_of(fault: FakeFault) -> AnyEffect:
    """Return the effect of a scenario's fault."""
    amount = {} if fault.amount is None else {AMOUNTS[fault.what]: fault.amount}
    made: Any = EFFECTS[fault.what](**amount)
    return made  # type: ignore[no-any-return]


def _of(incident: Incident, name: str, start: datetime, stretch: Stretch) -> Fault:
    begins, ends = (start + timedelta(minutes=minutes) for minutes in (stretch.start, stretch.end))
    system = SYSTEMS[incident.system]
    where = replace(stretch.where, server=system.server, routes=stretch.where.routes or system.routes)
    return Fault(stretch.effect, name + stretch.suffix, where, Window(begins, ends), stretch.phase, incident.id)


def _starts(incident: Incident, starts: Mapping[str, Sequence[datetime]]) -> Sequence[datetime]:
    if incident.at is not None:
        return [incident.at]
    if not starts.get(incident.id):
        raise FaultError("E-fault-no-time", incident=incident.id)
    return starts[incident.id]


def _remaining(incident: Incident, scenario: Scenario) -> ConnectionCap:
    connections = {
        "portal": scenario.portal.connections,
        "relay": scenario.relay.connections,
        "jlis": scenario.jlis.connections,
    }
    return ConnectionCap(connections_left(int(connections[incident.system]), _given(incident.standby)))


def _given(value: Any) -> float:
    assert value is not None, "the schema asks for it"
    return float(value)
