"""The relay over a real server: what the portal brings reaches the right town, once or labelled, and no other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.endpoints import Server
from fakes.serving.starting import Running, start
from tests.fakes.clients import BOUNDARY, Client, Response, Town, multipart
from tests.fakes.conftest import PEERS, SEED, START, settings_in

ORIGIN, OTHER = "990019", "990027"
OWNER = "0" * 32
PACKAGE = b"bytes of a package"


def relayed(portal: Client, number: str, package: bytes = PACKAGE, town: str = ORIGIN) -> Response:
    form: dict[str, str | bytes] = {
        "reference_number": number,
        "municipality": town,
        "city_service_code": f"{town}9101",
        "owner_token": OWNER,
        "application_zip": package,
    }
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return portal.send("POST", "/relay/v1/applications", multipart(form), Content_Type=kind)


@pytest.fixture
def portal_side(jlis: Running) -> Iterator[Client]:
    client = Client(jlis.url, {"X-Peer": "portal", "X-Test-Data": "synthetic"})
    yield client
    client.close()


@pytest.fixture
def town(jlis: Running) -> Iterator[Town]:
    client = Town(jlis.url, SEED, ORIGIN)
    client.login()
    yield client
    client.close()


@pytest.fixture
def other(jlis: Running) -> Iterator[Town]:
    client = Town(jlis.url, SEED, OTHER)
    client.login()
    yield client
    client.close()


def test_an_application_reaches_its_town_and_the_portal_learns_what_becomes_of_it(
    portal_side: Client, town: Town
) -> None:
    number = "20230301000000001"
    cursor = portal_side.post("/relay/v1/statuses/changes", {}).result["cursor"]
    assert relayed(portal_side, number).status == 202
    [listed] = [one for one in town.search()["applications"] if one["reference_number"] == number]
    assert (listed["state"], listed["deliveries"], listed["size"]) == ("arrived", 0, len(PACKAGE))
    package = town.fetch(number)
    assert (package.body, package.headers["content-type"]) == (PACKAGE, "application/zip")
    assert package.headers["x-digest"] == hashlib.sha256(PACKAGE).hexdigest()
    assert (package.headers["x-delivery"], package.headers["x-redelivery"]) == ("1", "false")
    assert package.headers["x-owner-token"] == OWNER
    assert town.acknowledge(number, 1).result == {"reference_number": number, "delivery": 1}
    for state in ("in_review", "notice_accepted", "completed"):
        assert town.report(number, state).status == 200
    changes = portal_side.post("/relay/v1/statuses/changes", {"after": cursor}).result["changes"]
    assert [change["state"] for change in changes if change["reference_number"] == number] == [
        *("arrived", "downloaded", "in_review", "notice_accepted", "completed")
    ]


def test_what_is_brought_again_is_there_once_and_other_content_is_refused(portal_side: Client, town: Town) -> None:
    number = "20230301000000002"
    first, again = relayed(portal_side, number), relayed(portal_side, number)
    assert (first.status, again.status, first.result) == (202, 202, again.result)
    assert len([one for one in town.search()["applications"] if one["reference_number"] == number]) == 1
    assert relayed(portal_side, number, b"other").status == 409
    assert relayed(portal_side, number, town=OTHER).status == 409


def test_nothing_of_another_town_is_seen_fetched_acknowledged_or_reported(
    portal_side: Client, town: Town, other: Town
) -> None:
    number = "20230301000000003"
    relayed(portal_side, number)
    assert number not in [one["reference_number"] for one in other.search()["applications"]]
    tried = [other.fetch(number), other.acknowledge(number, 1), other.report(number, "in_review")]
    assert [answer.status for answer in tried] == [404, 404, 404]
    assert town.fetch(number).headers["x-delivery"] == "1"


def test_a_leased_application_is_not_given_out_again_before_its_time(portal_side: Client, town: Town) -> None:
    number = "20230301000000004"
    relayed(portal_side, number)
    town.fetch(number)
    assert (town.fetch(number).status, town.acknowledge(number, 2).status) == (409, 409)
    assert [town.acknowledge(number, 1).status for _ in range(2)] == [200, 200]
    assert town.fetch(number).status == 410


def test_a_delivery_after_the_lease_is_labelled_as_a_repetition(tmp_path: Path) -> None:
    with start(settings_in(tmp_path, Server.JLIS, peers=PEERS)) as jlis:
        portal_side, town = (
            Client(jlis.url, {"X-Peer": "portal", "X-Test-Data": "synthetic"}),
            Town(jlis.url, SEED, ORIGIN),
        )
        relayed(portal_side, "20230301000000005")
        town.login()
        town.fetch("20230301000000005")
        town.close()
        portal_side.close()
    later = settings_in(tmp_path, Server.JLIS, peers=PEERS, start=START + timedelta(minutes=6))
    with start(later) as jlis:
        town = Town(jlis.url, SEED, ORIGIN)
        town.login()
        again = town.fetch("20230301000000005")
        assert (again.headers["x-delivery"], again.headers["x-redelivery"]) == ("2", "true")
        assert [town.acknowledge("20230301000000005", n).status for n in (1, 2)] == [409, 200]
        town.close()


def test_a_state_that_cannot_follow_is_refused(portal_side: Client, town: Town) -> None:
    number = "20230301000000006"
    relayed(portal_side, number)
    refused = town.report(number, "completed")
    assert (refused.status, refused.code) == (409, "E6002")


def test_pages_of_a_list_meet_without_gaps(portal_side: Client, town: Town) -> None:
    numbers = [f"202303020000000{i:02d}" for i in range(5)]
    for number in numbers:
        relayed(portal_side, number)
    seen, cursor = [], 0
    while (page := town.search(per_page=2, after=cursor))["applications"]:
        seen += [one["reference_number"] for one in page["applications"]]
        cursor = page["cursor"]
    assert seen[-5:] == numbers
    by_page = [one["reference_number"] for n in (1, 2) for one in town.search(per_page=2, page=n)["applications"]]
    assert by_page == seen[:4]
    assert town.search(city_service_code="9900199102")["applications"] == []
    assert len(town.search(state="arrived", arrived_from="2023-03-01T00:00:00+09:00")["applications"]) >= 5
    assert town.search(arrived_to="2023-03-01T00:00:00+09:00")["applications"] == []


@pytest.mark.parametrize("peer", ["", "nobody", "town-131041", "town-990019"])
def test_only_the_portal_brings_applications(jlis: Running, peer: str) -> None:
    client = Client(jlis.url, {"X-Peer": peer, "X-Test-Data": "synthetic"})
    assert relayed(client, "20230301000000007").status == 403
    client.close()


def test_staff_need_their_town_their_password_and_the_right_section(jlis: Running) -> None:
    town = Town(jlis.url, SEED, "990035")
    town.headers["X-Peer"] = f"town-{OTHER}"
    assert (town.login().status, town.login().code) == (403, "E5012")
    town.headers["X-Peer"] = "town-990035"
    assert town.login("nobody", "x").status == 401
    assert town.login("insured01").status == 200
    assert town.post("/receive/v1/applications/search", {}).code == "E5012"
    assert [town.login("clerk02", "wrong").status for _ in range(6)] == [401] * 5 + [423]
    assert town.login("clerk02").status == 423
    town.close()
