"""The incidents of a scenario as faults: where the simulation lowers a system's capacity, the fakes answer so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from fakes.clock import JST, micros_of
from fakes.faults.effects import (
    EFFECTS,
    BehindStandby,
    ConnectionCap,
    Dribble,
    Outage,
    Phase,
    Slow,
    StandDown,
)
from fakes.faults.fault import Fault, FaultError
from fakes.faults.incidents import AMOUNTS, KINDS, SYSTEMS, effect_of, faults_of
from fakes.faults.plan import Facts, FaultPlan
from fakes.servers import Server
from scenarios.errors import ScenarioError
from scenarios.replacing import replace
from scenarios.schema import Scenario
from scenarios.schema.faults import FakeFault
from scenarios.schema.systems import Incident
from sim.demand.horizon import horizon_of
from sim.incidents import draw_troubles
from sim.streams import Streams
from tests.sim.small import SEED, file

TEN = datetime(2023, 3, 27, 10)
BEFORE_NOW = {"what": "queue_full", "seconds": -3}


def scenario_with(**incident: Any) -> Scenario:
    usual = {"id": "t", "label": {"ja": "障害", "en": "t"}, "system": "relay", "minutes": 60, "at": TEN}
    return replace(file("launch"), {"incidents": [usual | incident]})


def mapped(**incident: Any) -> list[tuple[object, float, float]]:
    """Effect, start and end in minutes after ten."""
    found: list[tuple[object, float, float]] = []
    for fault in faults_of(scenario_with(**incident)):
        start, end = (fault.window.start, fault.window.end)
        assert start is not None
        assert end is not None
        found.append((fault.effect, (start - TEN) / timedelta(minutes=1), (end - TEN) / timedelta(minutes=1)))
    return found


def test_an_outage_is_answered_with_503_all_over_its_system() -> None:
    assert mapped(kind="outage") == [(Outage(), 0.0, 60.0)]
    (fault,) = faults_of(scenario_with(kind="outage"))
    plan = FaultPlan(0, [fault])
    ten = micros_of(TEN.replace(tzinfo=JST))
    met = {
        (server, path): bool(plan.at(Phase.BEFORE, Facts(server, "any", path), ten))
        for server in Server
        for path in ("/relay/v1/applications", "/receive/v1/login", "/cs/v1/telegrams", "/apply/submit")
    }
    assert [key for key, hit in met.items() if hit] == [
        (Server.JLIS, "/relay/v1/applications"),
        (Server.JLIS, "/receive/v1/login"),
    ]
    assert fault.incident == fault.id == "t"


def test_a_cap_and_a_failover_leave_the_connections_that_the_simulation_leaves() -> None:
    connections = int(file("launch").relay.connections)
    left = connections * 3 // 10
    assert mapped(kind="connection_cap", standby=0.3) == [(ConnectionCap(left), 0.0, 60.0)]
    assert mapped(kind="failover", standby=0.3, degraded=180, behind=5) == [
        (Outage(), 0.0, 60.0),
        (StandDown(), 0.0, 240.0),
        (ConnectionCap(left), 60.0, 240.0),
        (BehindStandby(5), 60.0, 240.0),
    ]


def test_slowness_is_the_longer_time_of_the_systems_work_at_the_clocks_speed() -> None:
    scenario = scenario_with(kind="slow", factor=3.0, system="jlis")
    call = float(scenario.jlis.call)
    for speed in (1.0, 60.0):
        (fault,) = faults_of(scenario, speed)
        assert fault.effect == Slow(3.0, round(2.0 * call * 60_000 / speed))


def test_troubles_of_the_simulation_and_windows_of_faults_are_the_same() -> None:
    for kind in (
        {"kind": "outage"},
        {"kind": "slow", "factor": 2.0},
        {"kind": "connection_cap", "standby": 0.5},
        {"kind": "failover", "standby": 0.5, "degraded": 30},
    ):
        scenario = scenario_with(**kind)
        horizon = horizon_of(scenario)
        ten = horizon.minute_of(TEN)
        troubles = draw_troubles(scenario, horizon, Streams(SEED, 0))
        played = [own[1:] for own in mapped(**kind) if own[0] != StandDown()]
        assert [(own.start - ten, own.end - ten) for own in troubles] == played


@pytest.mark.parametrize("what", EFFECTS)
def test_every_fault_can_stand_in_a_scenario_and_the_simulation_leaves_it_out(what: str) -> None:
    scenario = scenario_with(kind="fault", system="ward", fault={"what": what, "share": 0.25, "route": "submit"})
    (fault,) = faults_of(scenario)
    assert isinstance(fault.effect, EFFECTS[what])
    assert (fault.where.server, fault.where.routes, fault.where.share) == (Server.WARD, ("submit",), 0.25)
    assert draw_troubles(scenario, horizon_of(scenario), Streams(SEED, 0)) == []


def test_a_fault_of_a_scenario_says_how_much_where_and_when() -> None:
    fault = {"what": "dribble", "bytes_per_second": 7, "municipalities": ["990019"], "nth": 2, "phase": "answer"}
    (found,) = faults_of(scenario_with(kind="fault", fault=fault))
    assert found.effect == Dribble(7)
    assert (found.where.municipalities, found.where.nth, found.phase) == (("990019",), 2, Phase.ANSWER)
    assert found.where.routes == SYSTEMS["relay"].routes


@pytest.mark.parametrize("what", AMOUNTS)
def test_every_amount_fills_the_field_of_its_effect(what: str) -> None:
    keys = ("milliseconds", "seconds", "count", "bytes_per_second", "status")
    made = []
    for key in keys:
        try:
            made.append(effect_of(FakeFault.model_validate({"what": what, key: 33})))
        except ValueError:
            continue
    (effect,) = made
    assert getattr(effect, AMOUNTS[what]) == 33


@pytest.mark.parametrize(
    ("incident", "code", "key"),
    [
        ({"kind": "fault"}, "E-incident_needs", "incidents.t.fault"),
        ({"kind": "outage", "fault": {"what": "hang"}}, "E-fault_elsewhere", "incidents.t.fault"),
        ({"kind": "outage", "system": "ward"}, "E-ward_incident", "incidents.t.system"),
        ({"kind": "fault", "fault": {"what": "hang", "count": 3}}, "E-fault_amount", "incidents.t.fault.count"),
        ({"kind": "fault", "fault": BEFORE_NOW}, "E-fault_amount", "incidents.t.fault.seconds"),
        ({"kind": "fault", "fault": {"what": "hnag"}}, "E-literal_error", "incidents.t.fault.what"),
        ({"kind": "fault", "fault": {"what": "hang", "share": 2}}, "E-less_than_equal", "incidents.t.fault.share"),
    ],
)
def test_what_cannot_be_is_refused_at_its_key(incident: dict[str, Any], code: str, key: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario_with(**incident)
    (problem,) = caught.value.problems
    assert (problem.code, problem.key) == (code, key)
    assert problem.sentence("ja") != problem.sentence("en")


def test_a_phase_in_which_a_fault_has_no_meaning_is_refused() -> None:
    with pytest.raises(FaultError) as caught:
        faults_of(scenario_with(kind="fault", fault={"what": "swap", "phase": "before"}))
    assert caught.value.code == "E-fault-phase"


def test_an_incident_of_busy_days_needs_its_moments_and_strikes_at_each() -> None:
    scenario = file("jlis_slow")
    with pytest.raises(FaultError) as caught:
        faults_of(scenario)
    assert caught.value.code == "E-fault-no-time"
    starts = [datetime(2023, 3, 27, 9, 40), datetime(2023, 4, 3, 10, 0)]
    found = faults_of(scenario, starts={"card_slow": starts})
    assert [own.window.start for own in found] == starts
    assert [own.id for own in found] == ["card_slow-1", "card_slow-2"]
    assert {own.incident for own in found} == {"card_slow"}


def test_every_kind_of_incident_is_mapped() -> None:
    assert set(KINDS) == set(Incident.model_fields["kind"].annotation.__args__)  # type: ignore[union-attr]


def test_a_scenario_without_incidents_has_no_faults() -> None:
    assert faults_of(file("launch")) == ()
    assert all(isinstance(own, Fault) for own in faults_of(file("relay_failover")))
