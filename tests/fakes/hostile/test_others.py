"""What belongs to another town or applicant is not there: it is neither shown nor changed, whatever its number is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from fakes.endpoints import Server
from fakes.people import People
from fakes.pki.cards import CardIssuer
from tests.fakes.clients import DESTINATION, ORIGIN, Person, Response
from tests.fakes.clients import Town as TownAtJlis
from tests.fakes.conftest import SEED, settings_in
from tests.fakes.hostile.evidence import Evidence
from tests.fakes.inprocess import Local, locals_of
from tests.fakes.jlis.applications import OTHER, number_of, package, service
from tests.fakes.jlis.conftest import standing
from tests.fakes.jlis.test_network import data_of, head, notice_of
from tests.fakes.ward.towns import Towns, moved_out, sqlite_towns
from tests.fakes.ward.towns import standing as ward_in

NUMBER = number_of(1)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Local]:
    """A J-LIS with one application, of a move from the origin to the destination; its town has it in hand."""
    with locals_of(standing(tmp_path)) as [local]:
        assert local.portal().push(NUMBER, package(), service()).status == 200
        assert local.town(ORIGIN).fetch(NUMBER).status == 200
        yield local


def test_an_application_of_other_towns_is_not_there_at_the_relay(relay: Local, tmp_path: Path) -> None:
    evidence, other = Evidence(standing(tmp_path)), relay.town(OTHER)
    path = f"/receive/v1/applications/{NUMBER}"
    for tried in (
        lambda: other.fetch(NUMBER),
        lambda: other.acknowledge(NUMBER, 1),
        lambda: other.report(NUMBER, "in_review"),
        lambda: other.get(f"{path}/signature"),
        lambda: other.post(f"{path}/release", {"delivery": 1}),
    ):
        evidence.refuses(tried, 404, "E5004")


def test_the_town_that_does_not_decide_changes_no_state(relay: Local, tmp_path: Path) -> None:
    destination = relay.town(DESTINATION)
    origin = relay.town(ORIGIN)
    assert origin.acknowledge(NUMBER, 1).status == 200
    assert destination.acknowledge(NUMBER, int(destination.fetch(NUMBER).headers["x-delivery"])).status == 200
    Evidence(standing(tmp_path)).refuses(lambda: destination.report(NUMBER, "in_review"), 403, "E6001")


def test_a_batch_that_reaches_for_another_town_gets_only_refusals(relay: Local, tmp_path: Path) -> None:
    evidence, other = Evidence(standing(tmp_path)), relay.town(OTHER)
    before = evidence.look()
    assert [result["code"] for result in other.acknowledge_all([(NUMBER, 1)])] == ["E5004"]
    assert [result["code"] for result in other.store({"telegram": "T0000000001", "edition": 1})] == ["E5004"]
    assert (other.search()["applications"], other.statuses()["statuses"], other.take()) == ([], [], [])
    after = evidence.look()
    assert after.tables == before.tables
    assert len(after.records) == len(before.records) + 5


def test_a_telegram_says_nothing_for_another_town(relay: Local, tmp_path: Path) -> None:
    evidence, other = Evidence(standing(tmp_path)), TownAtJlis(relay, SEED, OTHER)
    body, notice = data_of(head()), notice_of(head())
    for destination, said in ((DESTINATION, body), (ORIGIN, notice)):
        evidence.refuses(partial(other.telegram, destination, said), 400, "E0004")


@pytest.fixture
def at_portal(tmp_path: Path, people: People, cards: tuple[CardIssuer, Path]) -> Iterator[tuple[Person, Person, str]]:
    """An applicant with an accepted application, another one, and the application's temporary number."""
    with locals_of(settings_in(tmp_path, Server.PORTAL, speed=0.0)) as [local]:
        one, other = Person(local, people, 0), Person(local, people, 1)
        assert (one.login().status, other.login().status) == (200, 200)
        yield one, other, one.submit(one.package()).result["temporary_reference_number"]


def test_another_applicants_application_is_not_there_at_the_portal(
    at_portal: tuple[Person, Person, str], tmp_path: Path, cards: tuple[CardIssuer, Path]
) -> None:
    one, other, temporary = at_portal
    evidence = Evidence(settings_in(tmp_path, Server.PORTAL))
    own_key, other_key = (cards[0].signing(each.household.head, each.household.address) for each in (one, other))
    content = one.to_sign(temporary)
    evidence.refuses(lambda: other.inquire(temporary), 400, "E0010")
    evidence.refuses(lambda: other.send_signature(temporary, content, other_key), 400, "E0010")
    evidence.refuses(lambda: other.send_signature(temporary, content, own_key), 400, "E0010")
    receipt = one.send_signature(temporary, content, own_key).result["reference_number"]
    for path in (f"/inquiries/applications/{receipt}", f"/inquiries/applications/{receipt}/messages"):
        evidence.refuses(partial(other.get, path), 404, "E5004")
    evidence.refuses(lambda: other.withdraw(receipt), 404, "E5004")
    taken_over = {"resubmission_of": receipt}
    evidence.refuses(lambda: other.submit(other.package(), others=taken_over), 400, "E0010")
    assert other.get("/inquiries/applications").result["applications"] == []


def test_nobody_signs_in_the_name_of_somebody_else(
    at_portal: tuple[Person, Person, str], tmp_path: Path, cards: tuple[CardIssuer, Path]
) -> None:
    one, other, _ = at_portal
    temporary = one.submit(other.package()).result["temporary_reference_number"]
    key, content = cards[0].signing(one.household.head, one.household.address), one.to_sign(temporary)
    evidence = Evidence(settings_in(tmp_path, Server.PORTAL))
    evidence.refuses(partial(one.send_signature, temporary, content, key), 400, "E0004")
    evidence.refuses(partial(one.submit, one.package(), sign="0"), 400, "E0004")


@pytest.fixture
def towns(tmp_path: Path) -> Iterator[Towns]:
    with sqlite_towns(tmp_path) as made:
        yield made


def test_nothing_of_a_town_is_there_for_the_staff_and_systems_of_another(towns: Towns, tmp_path: Path) -> None:
    evidence = Evidence(ward_in(tmp_path))
    household = towns.household()
    number, application, sent = moved_out(towns, household)
    other = towns.town(OTHER)
    clerk, chief, system = other.staff(), other.staff("chief01"), other.system()
    members = [person.address_number for person in household.members]
    found = clerk.post("/juki/v1/residents/search", {"address_number": members[0]})
    assert found.result["residents"] == []
    out = {
        "reference_number": number,
        "event_date": application.moving_date,
        "members": members,
        "new_address": application.new_address,
    }
    first: int = sent[0]["number"]
    tried: list[tuple[Callable[[], Response], int, str]] = [
        (lambda: clerk.get(f"/shinsei/v1/applications/{number}"), 404, "E5004"),
        (lambda: other.review(number, "begin_review"), 404, "E5004"),
        (lambda: clerk.post("/juki/v1/transactions/out", out), 404, "E5004"),
        (lambda: chief.post(f"/juki/v1/telegrams/{first}/resend", {}), 404, "E5004"),
        (lambda: system.post("/link/v1/outbox/said", {"number": first, "done": True, "code": ""}), 404, "E5004"),
    ]
    for act, status, code in tried:
        evidence.refuses(act, status, code)


def test_certificate_data_for_another_town_are_not_kept(towns: Towns, tmp_path: Path) -> None:
    _, _, sent = moved_out(towns, towns.household())
    wrong = towns.town(OTHER)
    wrong.hold_token()
    Evidence(ward_in(tmp_path)).refuses(lambda: wrong.receive(sent[0]["telegram"], "T0000000001", ORIGIN), 400, "E0004")
