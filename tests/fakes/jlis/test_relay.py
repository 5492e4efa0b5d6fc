"""What the portal brings reaches the right towns, once or labelled, and what becomes of it comes back in order."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.endpoints import Server
from fakes.procedures import Procedure
from fakes.serving.starting import Running, start
from tests.fakes.clients import OWNER, Client, Portal, Town
from tests.fakes.conftest import PEERS, SEED, START, settings_in
from tests.fakes.inprocess import Local
from tests.fakes.jlis.applications import DESTINATION, ORIGIN, OTHER, number_of, package, service

LATER = timedelta(minutes=6)
ONE = number_of(1)


def brought(portal_side: Portal, number: str = ONE, index: int = 0) -> str:
    """Bring an application from the origin to the destination."""
    assert portal_side.push(number, package(index), service()).status == 200
    return number


def listed(town: Town) -> list[Any]:
    return list(town.search()["applications"])


def test_both_towns_get_their_procedures_and_the_portal_learns_what_becomes_of_it(
    portal_side: Portal, origin: Town, destination: Town
) -> None:
    answer = portal_side.push(ONE, package(), service(), signature=b"CMS", signing_serial="17").result
    assert answer["destinations"] == [
        {"municipality": ORIGIN, "procedures": ["move_out"]},
        {"municipality": DESTINATION, "procedures": ["move_in_visit"]},
    ]
    [row] = listed(origin)
    assert (row["state"], row["lease"], row["signing_serial"], row["files"]) == ("arrived", "available", 17, 2)
    assert origin.get(f"/receive/v1/applications/{ONE}/signature").body == b"CMS"
    given = origin.fetch(ONE)
    assert (given.body, given.headers["content-type"]) == (package(), "application/zip")
    assert given.headers["x-digest"] == hashlib.sha256(package()).hexdigest()
    assert (given.headers["x-delivery"], given.headers["x-redelivery"]) == ("1", "false")
    assert (given.headers["x-owner-token"], given.headers["x-lease-until"]) == (OWNER, "2023-03-01T09:05:00+09:00")
    assert origin.acknowledge(ONE, 1).result["state"] == "downloaded"
    assert destination.acknowledge(ONE, int(destination.fetch(ONE).headers["x-delivery"])).status == 200
    for state in ("in_review", "notice_accepted", "in_review", "notice_accepted", "completed"):
        assert origin.report(ONE, state).result["state"] == state
    changes = portal_side.changes()
    assert [change["state"] for change in changes] == [
        *("downloaded", "in_review", "notice_accepted", "in_review", "notice_accepted", "completed")
    ]
    assert {(change["subject"], change["owner_token"], change["municipality"]) for change in changes} == {
        (ONE, OWNER, ORIGIN)
    }
    [told] = destination.statuses()["statuses"]
    assert (told["state"], told["decides"], told["procedures"]) == ("completed", False, ["move_in_visit"])


def test_a_move_within_a_town_goes_to_that_town_alone(portal_side: Portal, origin: Town) -> None:
    code = service(ORIGIN, Procedure.MOVE_WITHIN_VISIT)
    told = portal_side.push(ONE, package(3, ORIGIN, ORIGIN), code).result
    assert told["destinations"] == [{"municipality": ORIGIN, "procedures": ["move_within_visit"]}]
    origin.acknowledge(ONE, int(origin.fetch(ONE).headers["x-delivery"]))
    assert origin.report(ONE, "in_review").status == 200


def test_what_is_brought_again_is_there_once_and_other_content_is_refused(portal_side: Portal, origin: Town) -> None:
    first, again = (portal_side.push(ONE, package(), service()) for _ in range(2))
    assert (first.status, first.result) == (200, again.result)
    assert len(listed(origin)) == 1
    assert portal_side.push(ONE, package(1), service()).code == "E5020"
    assert portal_side.push(ONE, package(), service(), owner="1" * 32).status == 409


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"code": service(OTHER)}, "E0004"),
        ({"sha256": "0" * 64}, "E0004"),
        ({"accepted_at": "2023-02-30T09:00:00+09:00"}, "E0002"),
        ({"package": package()[:-9]}, "E1003"),
        ({"signing_serial": "x"}, "E5000"),
        ({"unknown": "field"}, "E5000"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    portal_side: Portal, origin: Town, others: dict[str, Any], code: str
) -> None:
    choices = {"package": package(), "code": service(), **others}
    assert portal_side.push(ONE, **choices).code == code
    assert listed(origin) == []


def test_unmarked_data_are_refused(portal_side: Portal) -> None:
    del portal_side.headers["X-Test-Data"]
    assert portal_side.push(ONE, package(), service()).status == 422


def test_nothing_of_another_town_is_seen_taken_acknowledged_or_changed(local: Local, portal_side: Portal) -> None:
    brought(portal_side)
    other = local.town(OTHER)
    assert (listed(other), other.statuses()["statuses"], other.take()) == ([], [], [])
    tried = [other.fetch(ONE), other.acknowledge(ONE, 1), other.report(ONE, "in_review")]
    tried += [other.get(f"/receive/v1/applications/{ONE}/signature")]
    assert [answer.status for answer in tried] == [404] * 4
    assert other.acknowledge_all([(ONE, 1)])[0]["code"] == "E5004"
    assert local.town(ORIGIN).fetch(ONE).headers["x-delivery"] == "1"


def test_a_leased_application_is_for_its_terminal_alone_and_given_to_it_again_with_a_label(
    portal_side: Portal, origin: Town
) -> None:
    brought(portal_side)
    origin.fetch(ONE, "a")
    assert (origin.fetch(ONE, "b").status, origin.fetch(ONE, "b").code) == (409, "E6002")
    again = origin.fetch(ONE, "a")
    assert (again.headers["x-delivery"], again.headers["x-redelivery"]) == ("2", "true")
    assert [origin.acknowledge(ONE, delivery).status for delivery in (1, 3, 2, 2)] == [409, 409, 200, 200]
    assert (origin.fetch(ONE, "a").status, origin.fetch(ONE, "a").code) == (410, "E6003")


def test_a_delivery_after_the_lease_is_labelled_as_a_repetition(
    local: Local, portal_side: Portal, origin: Town
) -> None:
    brought(portal_side)
    origin.fetch(ONE, "a")
    local.advance(LATER)
    assert origin.acknowledge(ONE, 1).status == 200, "late, but nobody else has it"
    brought(portal_side, number_of(2), 1)
    origin.fetch(number_of(2), "a")
    local.advance(LATER)
    again = origin.fetch(number_of(2), "b")
    assert (again.headers["x-delivery"], again.headers["x-redelivery"]) == ("2", "true")
    assert [origin.acknowledge(number_of(2), delivery).status for delivery in (1, 2)] == [409, 200]


def test_what_is_given_back_is_there_for_others_with_a_label(portal_side: Portal, origin: Town) -> None:
    brought(portal_side)
    origin.fetch(ONE, "a")
    assert origin.post(f"/receive/v1/applications/{ONE}/release", {"delivery": 1}).status == 200
    assert origin.fetch(ONE, "b").headers["x-redelivery"] == "true"


def test_a_batch_takes_what_nobody_has_and_acknowledges_one_by_one(portal_side: Portal, origin: Town) -> None:
    numbers = [brought(portal_side, number_of(n), n) for n in range(4)]
    origin.fetch(numbers[0], "elsewhere")
    taken = origin.take(limit=2)
    assert [one["reference_number"] for one in taken] == numbers[1:3]
    assert [one["reference_number"] for one in origin.take()] == numbers[3:]
    results = origin.acknowledge_all([(numbers[1], 1), (numbers[2], 7), (numbers[1], 1), (number_of(99), 1)])
    assert [result["code"] for result in results] == ["", "E6002", "", "E5004"]
    waiting = origin.search(waiting=True)["applications"]
    assert [one["reference_number"] for one in waiting] == [numbers[0], numbers[2], numbers[3]]


def test_states_follow_the_machine_and_a_return_needs_a_message(
    portal_side: Portal, origin: Town, destination: Town
) -> None:
    brought(portal_side)
    assert origin.report(ONE, "in_review").code == "E6002"
    origin.acknowledge(ONE, int(origin.fetch(ONE).headers["x-delivery"]))
    assert origin.report(ONE, "completed").code == "E6002"
    assert origin.report(ONE, "in_review").status == 200
    assert (destination.report(ONE, "rejected", "no").status, destination.report(ONE, "rejected", "no").code) == (
        403,
        "E6001",
    )
    assert origin.report(ONE, "needs_resubmit").code == "E0004"
    assert origin.report(ONE, "needs_resubmit", "番地が抜けています。").status == 200
    assert origin.report(ONE, "rejected", "no").status == 409
    assert portal_side.changes()[-1]["message"] == "番地が抜けています。"
    [told] = destination.statuses()["statuses"]
    assert (told["message"], told["status_code"]) == ("", "008")


def test_a_withdrawal_reaches_both_towns_until_the_notice_is_accepted(
    portal_side: Portal, origin: Town, destination: Town
) -> None:
    first, second = brought(portal_side), brought(portal_side, number_of(2), 1)
    origin.fetch(first)
    seen = origin.statuses()["cursor"]
    assert portal_side.withdraw(first, "日程の変更").result["state"] == "withdrawn"
    assert portal_side.withdraw(first).status == 409
    [told] = origin.statuses(after=seen)["statuses"]
    assert (told["reference_number"], told["state"]) == (first, "withdrawn")
    assert destination.statuses(states=["withdrawn"])["statuses"][0]["reference_number"] == first
    assert destination.fetch(first).status == 410
    assert origin.acknowledge(first, 1).result["state"] == "withdrawn", "the town has it, and learns that it is void"
    origin.acknowledge(second, int(origin.fetch(second).headers["x-delivery"]))
    origin.report(second, "in_review")
    origin.report(second, "notice_accepted")
    assert portal_side.withdraw(second).code == "E6002"
    assert portal_side.withdraw(number_of(9)).status == 404
    told = [(change["subject"], change["state"]) for change in portal_side.changes()]
    assert told[0] == (first, "withdrawn"), "the portal learns it though it asked: it may have been killed meanwhile"
    assert [subject for subject, _ in told[1:]] == [second] * 3


def test_changes_are_leased_and_those_of_one_application_stay_in_order(
    local: Local, portal_side: Portal, origin: Town
) -> None:
    one, two = brought(portal_side), brought(portal_side, number_of(2), 1)
    for number in (one, two):
        origin.acknowledge(number, int(origin.fetch(number).headers["x-delivery"]))
    [first] = portal_side.changes(limit=1)
    assert (first["subject"], first["delivery"], first["redelivered"]) == (one, 1, False)
    origin.report(one, "in_review")
    [other] = portal_side.changes()
    assert other["subject"] == two, "what follows a change that somebody has waits for it"
    assert portal_side.acknowledge(first, other, other) == [
        {"subject": str(change["change"]), "code": "", "message": ""} for change in (first, other, other)
    ]
    [review] = portal_side.changes()
    assert (review["subject"], review["state"]) == (one, "in_review")
    local.advance(LATER)
    [again] = portal_side.changes()
    assert (again["change"], again["delivery"], again["redelivered"]) == (review["change"], 2, True)
    assert portal_side.acknowledge(review)[0]["code"] == "E6002", "the newer delivery counts"
    assert portal_side.acknowledge(again)[0]["code"] == ""
    assert portal_side.changes() == []
    assert portal_side.acknowledge({"change": 10**6, "delivery": 1})[0]["code"] == "E5004"


def test_pages_of_a_list_meet_without_gaps(portal_side: Portal, origin: Town) -> None:
    numbers = [brought(portal_side, number_of(n), n) for n in range(5)]
    seen: list[str] = []
    more, cursor = True, 0
    while more:
        page = origin.search(per_page=2, after=cursor)
        seen += [one["reference_number"] for one in page["applications"]]
        more, cursor = page["more"], page["cursor"]
    assert seen == numbers
    assert origin.search(procedures=["move_in_visit"])["applications"] == []
    assert (
        len(origin.search(states=["arrived", "completed"], arrived_from="2023-03-01T00:00:00+09:00")["applications"])
        == 5
    )
    assert origin.search(arrived_to="2023-03-01T00:00:00+09:00")["applications"] == []
    assert [one["reference_number"] for one in origin.statuses(reference_numbers=numbers[1:3])["statuses"]] == numbers[
        1:3
    ]
    assert origin.post("/receive/v1/applications/search", {"per_page": 101}).status == 400
    assert origin.post("/receive/v1/applications/search", {"arrived_to": "2023-13-01T00:00:00+09:00"}).code == "E0002"


@pytest.mark.parametrize("peer", ["", "nobody", "town-131041", "town-990019"])
def test_only_the_portal_brings_applications_and_learns_changes(local: Local, portal_side: Portal, peer: str) -> None:
    portal_side.headers["X-Peer"] = peer
    assert portal_side.push(ONE, package(), service()).status == 403
    assert portal_side.post("/relay/v1/statuses", {}).status == 403
    portal_side.headers["X-Peer"] = "portal"
    assert portal_side.get("/cs/v1/inbox").code == "E5012"


def test_over_a_real_server_an_application_survives_a_kill_and_is_delivered_with_its_label(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, Server.JLIS, peers=PEERS)
    running = start(settings)
    portal_side, origin = Portal(running.url), Town(running.url, SEED, ORIGIN)
    brought(portal_side)
    origin.login()
    assert origin.fetch(ONE, "a").status == 200
    running.kill()
    _closed(portal_side, origin)
    later = settings_in(tmp_path, Server.JLIS, peers=PEERS, start=START + LATER)
    with start(later, running.port):
        again = origin.fetch(ONE, "b")
        assert (again.body, again.headers["x-delivery"], again.headers["x-redelivery"]) == (package(), "2", "true")
        assert portal_side.push(ONE, package(), service()).status == 200
        assert len(listed(origin)) == 1
        _closed(portal_side, origin)


def test_several_processes_hand_each_application_to_one_terminal_only(tmp_path: Path) -> None:
    with start(settings_in(tmp_path, Server.JLIS, peers=PEERS), workers=2) as running:
        portal_side = Portal(running.url)
        numbers = [brought(portal_side, number_of(n), n) for n in range(6)]
        terminals = _terminals(running, 6)
        taken = [one["reference_number"] for town in terminals for one in town.take(limit=1)]
        assert sorted(taken) == numbers
        _closed(portal_side, *terminals)


def _terminals(running: Running, count: int) -> list[Town]:
    """Connections of a town, which the kernel divides among the processes; one login serves for all."""
    towns = [Town(running.url, SEED, ORIGIN) for _ in range(count)]
    towns[0].login()
    for town in towns[1:]:
        town.headers["Authorization"] = towns[0].headers["Authorization"]
    return towns


def _closed(*clients: Client) -> None:
    for client in clients:
        client.close()
