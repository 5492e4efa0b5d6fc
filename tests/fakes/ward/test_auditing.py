"""The auditor sees who did what, when, about whom: all of the own town, nothing of another."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.store.audit import verify
from fakes.ward import auditing
from tests.fakes.ward.lives import whole_move
from tests.fakes.ward.towns import Town, Towns, filed


def trail(town: Town, **conditions: Any) -> list[Any]:
    """Return all pages."""
    auditor, events, cursor = town.staff("audit01"), [], 0
    while True:
        page = auditor.get("/audit/v1/events", after=cursor, per_page=20, **conditions).result
        events += page["events"]
        cursor = page["cursor"]
        if not page["more"]:
            return events


def test_every_call_of_the_town_is_there_once(towns: Towns, origin: Town, destination: Town) -> None:
    whole_move(towns)
    own, other = trail(origin), trail(destination)
    assert len({event["seq"] for event in own}) == len(own)
    assert {event["seq"] for event in own}.isdisjoint({event["seq"] for event in other})
    assert {"shinsei_import", "juki_out", "juki_approve"} <= {event["endpoint"] for event in own}
    assert {"juki_in", "juki_approve"} <= {event["endpoint"] for event in other}
    assert verify(towns.view()).whole


def test_it_is_searched_by_user_resident_and_time(towns: Towns, origin: Town) -> None:
    number, _ = filed(towns, towns.household())
    origin.details(number)
    resident = towns.household().head.address_number
    origin.resident(resident)
    assert {event["endpoint"] for event in trail(origin, resident=number)} == {"shinsei_import", "shinsei_application"}
    assert [event["actor"] for event in trail(origin, resident=resident)] == [f"staff:{origin.code}:clerk01"]
    assert {event["actor"] for event in trail(origin, user="clerk01")} == {f"staff:{origin.code}:clerk01"}
    towns.wait(hours=1)
    origin.details(number)
    later = trail(origin, since="2023-03-01T09:30:00+09:00", user="clerk01")
    assert [event["endpoint"] for event in later] == ["shinsei_application"]
    assert trail(origin, until="2023-03-01T08:00:00+09:00") == []
    assert origin.staff("audit01").get("/audit/v1/events", since="2023-13-01T08:00:00+09:00").code == "E0002"


def test_a_long_trail_is_looked_through_piece_by_piece(
    towns: Towns, origin: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_move(towns)
    before = trail(origin)
    monkeypatch.setattr(auditing, "_STEP", 5)
    monkeypatch.setattr(auditing, "_SCANNED", 10)
    after = trail(origin)
    assert [event["seq"] for event in after][: len(before)] == [event["seq"] for event in before]


def test_refused_calls_are_there_too(origin: Town) -> None:
    origin.login("clerk01", "wrong")
    origin.staff("insured01").get("/shinsei/v1/applications")
    refused = {(event["endpoint"], event["status"]) for event in trail(origin) if event["status"] >= 400}
    assert {("staff_login", 401), ("shinsei_applications", 403)} <= refused
