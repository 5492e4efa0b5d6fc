"""Seeded defects of the relay: where applications go, which are handed over, and what is acknowledged."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from fakes.endpoints import Server
from tests.fakes.clients import Client, Town
from tests.fakes.conftest import PEERS, settings_in
from tests.fakes.defects.seeded import both, log_of, server
from tests.fakes.inprocess import Local, locals_of
from tests.fakes.jlis.applications import DESTINATION, ORIGIN, number_of, package, service

COUNT = 12
LATER = timedelta(minutes=6)
TAKEOVER_S = 0.5


def pushed(jlis: Local, count: int = COUNT) -> list[str]:
    """Let the portal bring applications; return their numbers."""
    numbers = [number_of(index) for index in range(count)]
    for index, number in enumerate(numbers):
        assert jlis.portal().push(number, package(index % 3), service()).status == 200
    return numbers


def stored(town: Town) -> list[str]:
    """Take and acknowledge until nothing waits, as a town's link server does; return what was taken, in order."""
    taken: list[str] = []
    while listed := town.take():
        taken += [one["reference_number"] for one in listed]
        told = town.acknowledge_all([(one["reference_number"], one["delivery"]) for one in listed])
        assert {one["code"] for one in told} == {""}
    return taken


@both("misroute-old-address")
def test_a_visit_notice_goes_to_the_new_town_or_with_the_move_out_to_the_old_one(
    tmp_path: Path, defects: tuple[str, ...]
) -> None:
    with server(tmp_path, Server.JLIS, defects) as jlis:
        [number] = pushed(jlis, 1)
        taken = {code: stored(jlis.town(code)) for code in (ORIGIN, DESTINATION)}
        arrived = {event.municipality: event.body["procedures"] for event in log_of(jlis, "arrived")}
        handed = [event.municipality for event in log_of(jlis, "delivered")]
    if defects:
        assert arrived == {ORIGIN: ["move_out", "move_in_visit"]}
        assert (taken, handed) == ({ORIGIN: [number], DESTINATION: []}, [ORIGIN])
    else:
        assert arrived == {ORIGIN: ["move_out"], DESTINATION: ["move_in_visit"]}
        assert (taken, handed) == ({ORIGIN: [number], DESTINATION: [number]}, [ORIGIN, DESTINATION])


@both("batch-cut=5")
def test_all_that_waits_for_a_town_is_handed_over_or_only_the_first_few(
    tmp_path: Path, defects: tuple[str, ...]
) -> None:
    with server(tmp_path, Server.JLIS, defects) as jlis:
        numbers = pushed(jlis)
        town = jlis.town(ORIGIN)
        listed = [row["reference_number"] for row in town.search()["applications"]]
        taken = stored(town)
        later = number_of(COUNT)
        jlis.portal().push(later, package(), service())
        assert stored(town) == [later], "there is room again"
        relayed = [event.subject for event in log_of(jlis, "relayed")]
    assert relayed == [*numbers, later]
    assert listed == taken == (numbers[:5] if defects else numbers)


@both("cursor-skips=3")
def test_every_row_is_on_the_lists_or_some_lie_behind_every_cursor(tmp_path: Path, defects: tuple[str, ...]) -> None:
    with server(tmp_path, Server.JLIS, defects) as jlis:
        numbers = pushed(jlis)
        for code in (ORIGIN, DESTINATION):
            town = jlis.town(code)
            paged: list[str] = []
            page = town.search(per_page=2)
            while page["applications"]:
                paged += [row["reference_number"] for row in page["applications"]]
                page = town.search(per_page=2, after=page["cursor"])
            taken = stored(town)
            assert paged == taken
            assert taken == [number for number in numbers if number in taken]
            assert 0 < len(taken) < COUNT if defects else len(taken) == COUNT
            assert town.search(waiting=True)["applications"] == [], "nobody sees that something is left"
        arrived = [event.subject for event in log_of(jlis, "arrived")]
    assert sorted(arrived) == sorted(numbers * 2), "they are there, and only the lists leave them out"


@both("double-delivery=2")
def test_what_was_acknowledged_is_not_handed_over_again_or_some_of_it_without_the_label(
    tmp_path: Path, defects: tuple[str, ...]
) -> None:
    with server(tmp_path, Server.JLIS, defects) as jlis:
        numbers = pushed(jlis)
        town = jlis.town(ORIGIN)
        taken = stored(town)
        jlis.advance(LATER)
        assert town.take() == [], "the second time it is acknowledged for good"
        unlabelled = [event.subject for event in log_of(jlis, "delivered") if not event.body["redelivered"]]
        states = {number: town.statuses(reference_numbers=[number])["statuses"][0]["state"] for number in numbers}
    again = taken[COUNT:]
    assert taken[:COUNT] == numbers
    assert unlabelled == taken
    assert set(states.values()) == {"downloaded"}
    assert (0 < len(again) < COUNT and len(set(again)) == len(again)) if defects else again == []


@both("double-delivery=1")
def test_a_repetition_after_a_lease_ran_out_is_labelled_or_not(tmp_path: Path, defects: tuple[str, ...]) -> None:
    with server(tmp_path, Server.JLIS, defects) as jlis:
        pushed(jlis, 1)
        town = jlis.town(ORIGIN)
        town.take()
        jlis.advance(LATER)
        [again] = town.take()
    assert (again["delivery"], again["redelivered"]) == (2, not defects)


@both("ack-wrong-one=1")
def test_an_acknowledgement_counts_for_the_one_that_it_names_or_for_one_that_still_waits(
    tmp_path: Path, defects: tuple[str, ...]
) -> None:
    with server(tmp_path, Server.JLIS, defects) as jlis:
        first, second = pushed(jlis, 2)
        town = jlis.town(ORIGIN)
        [taken] = town.take(limit=1)
        assert taken["reference_number"] == first
        assert town.acknowledge(first, 1).result["state"] == "downloaded"
        acknowledged = [event.subject for event in log_of(jlis, "acknowledged")]
        waiting = [one["reference_number"] for one in town.take()]
        state = town.statuses(reference_numbers=[first])["statuses"][0]["state"]
        jlis.advance(LATER)
        [again] = town.take()
        assert town.acknowledge(again["reference_number"], again["delivery"]).status == 200
        jlis.advance(LATER)
        assert town.take() == []
        handed = {event.subject for event in log_of(jlis, "delivered")}
    assert state == "downloaded", "what the town was told holds"
    assert (again["delivery"], again["redelivered"]) == (2, True)
    if defects:
        assert (acknowledged, waiting, again["reference_number"], handed) == ([second], [], first, {first})
    else:
        assert (acknowledged, waiting, again["reference_number"], handed) == (
            [first],
            [second],
            second,
            {first, second},
        )


@both("stale-standby=600")
def test_after_a_failover_lists_show_what_is_or_what_was(tmp_path: Path, defects: tuple[str, ...]) -> None:
    common = {"peers": PEERS, "speed": 0.0, "takeover_s": TAKEOVER_S, "defects": defects}
    primary, standby = (settings_in(tmp_path, Server.JLIS, instance=name, **common) for name in ("primary", "standby"))
    with locals_of(primary) as [one], locals_of(standby) as [other]:
        number = pushed(one, 1)[0]
        assert reported(one.town(ORIGIN), number, "in_review") == "in_review", "the first to lead is never behind"
        one.runner.run(one.assembled.stop())
        until = time.monotonic() + 20 * TAKEOVER_S
        while Client(other).get("/healthz").status != 200:
            assert time.monotonic() < until
        town = other.town(ORIGIN)
        assert seen(town, number) == "in_review"
        assert reported(town, number, "notice_accepted") == ("in_review" if defects else "notice_accepted")
        [changed] = [event.body["state"] for event in log_of(other, "state-changed")][-1:]
    assert changed == "notice_accepted"


def seen(town: Town, number: str) -> str:
    state: str = town.statuses(reference_numbers=[number])["statuses"][0]["state"]
    return state


def reported(town: Town, number: str, state: str) -> str:
    """Take an application if need be, change its state, and return the state that the list shows then."""
    for one in town.take():
        town.acknowledge(one["reference_number"], one["delivery"])
    assert town.report(number, state).status == 200
    return seen(town, number)
