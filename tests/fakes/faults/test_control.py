"""Live control: add, list, clear and reset, as JSON, and what the plan holds afterwards."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from fakes.endpoints.endpoint import Server
from fakes.faults.control import AnyControl, Counted, carry_out
from fakes.faults.effects import Hang, Phase
from fakes.faults.fault import Fault, FaultError, Where
from fakes.faults.plan import Facts, FaultPlan

HANG = {"effect": {"what": "hang"}, "where": {"routes": ["/relay/"], "nth": 2}}
CALL = Facts(Server.JLIS, "push", "/relay/v1/applications")


def told(plan: FaultPlan, **message: Any) -> list[Counted]:
    return carry_out(msgspec.json.decode(json.dumps(message), type=AnyControl), plan, 0)


def test_a_fault_lives_from_when_it_is_added_until_it_is_cleared() -> None:
    plan = FaultPlan()
    (added,) = told(plan, do="add", fault=HANG)
    assert (added.fault.id, added.open, added.fitting, added.injected) == ("live-1", True, 0, 0)
    assert [bool(plan.at(Phase.BEFORE, CALL, 0)) for _ in range(3)] == [False, True, False]
    (listed,) = told(plan, do="list")
    assert (listed.fitting, listed.injected) == (3, 1)
    assert told(plan, do="clear", id="live-1") == []
    assert not plan.any


def test_faults_without_a_name_get_one_each_and_a_cleared_name_is_not_given_again() -> None:
    plan = FaultPlan()
    told(plan, do="add", fault=HANG)
    told(plan, do="clear", id="live-1")
    assert [own.fault.id for own in told(plan, do="add", fault=HANG)] == ["live-2"]


def test_clearing_what_is_not_there_changes_nothing() -> None:
    plan = FaultPlan(0, [Fault(Hang(), "kept")])
    assert [own.fault.id for own in told(plan, do="clear", id="other")] == ["kept"]


def test_a_reset_takes_out_the_scenarios_faults_too() -> None:
    plan = FaultPlan(0, [Fault(Hang(), "of-scenario", incident="x")])
    told(plan, do="add", fault=HANG)
    assert told(plan, do="reset") == []


def test_a_name_that_is_there_is_refused_and_nothing_changes() -> None:
    plan = FaultPlan(0, [Fault(Hang(), "there", Where(nth=1))])
    with pytest.raises(FaultError):
        told(plan, do="add", fault={"id": "there", "effect": {"what": "reset"}})
    (kept,) = told(plan, do="list")
    assert kept.fault == Fault(Hang(), "there", Where(nth=1))


@pytest.mark.parametrize(
    "message",
    [
        {"do": "add"},
        {"do": "add", "fault": {"effect": {"what": "hnag"}}},
        {"do": "add", "fault": {"effect": {"what": "hang", "often": 1}}},
        {"do": "add", "fault": HANG | {"phase": "later"}},
        {"do": "clear"},
        {"do": "explode"},
        {},
    ],
)
def test_a_message_that_is_not_declared_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        told(FaultPlan(), **message)
