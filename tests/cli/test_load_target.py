"""`hikkoshi load --target`: systems on which the scenario's incidents do not happen are not tested for bearing them."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest

from cli.errors import CommandError
from cli.load import running
from cli.load.asked import Asked, asked_of
from cli.load.ground import Ground
from cli.load.options import LoadOptions, sizes_of
from fakes.clock import JST
from loadtests.history import FaultSpan
from loadtests.plan import Plan, Servers


@pytest.fixture(scope="module")
def asked() -> Asked:
    options = LoadOptions(window="2023-03-27 09:30/11:00", scale="40")
    return asked_of("relay_failover", options, sizes_of(options))


def checked(asked: Asked, monkeypatch: pytest.MonkeyPatch, *there: str) -> None:
    """Hold a scenario against systems that say that these faults happen on them."""
    start = asked.window.start.replace(tzinfo=JST)
    nowhere = Servers("", ("",), "", "", "")
    ground = Ground(nowhere, 1, date(2023, 3, 27), start, 0, ())
    plan = cast("Plan", type("Plan", (), {"speed": asked.schedule.speed, "drain_s": 60.0}))
    spans = tuple(FaultSpan(name, "jlis", 0, 1) for name in there)
    monkeypatch.setattr(running, "_faults", lambda *_: spans)
    running._check_faults(asked, ground, plan)


def test_an_incident_of_the_scenario_has_to_be_one_of_the_systems(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    incidents = {fault.incident for fault in asked.faults}
    assert incidents
    checked(asked, monkeypatch, *incidents, "another")
    with pytest.raises(CommandError) as refused:
        checked(asked, monkeypatch, "another")
    assert refused.value.code == "E-load-target-faults"
    for lang in ("ja", "en"):
        said = refused.value.say(cast("Any", lang))
        assert "another" in said
        assert all(name in said for name in incidents)
