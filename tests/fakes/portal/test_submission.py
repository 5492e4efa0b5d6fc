"""A submission over a real server: from login to the temporary number, and what is refused on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.identifiers import owner_token
from fakes.pki.cards import CardIssuer
from fakes.serving.starting import Running
from tests.fakes.clients import ORIGIN, Client, Person
from tests.fakes.conftest import SEED

NewPerson = Callable[[int], Person]


def test_an_application_gets_a_temporary_number_under_which_its_applicant_finds_it(person: NewPerson) -> None:
    one = person(0)
    assert one.login().result["expires_in"] == 1800
    answer = one.submit(one.package(), X_Request_Id="r-1", X_Attempt="2")
    number = answer.result["temporary_reference_number"]
    assert (len(number), number[:8]) == (20, "20230301")
    assert answer.result["owner_token"] == owner_token(SEED, one.card.serial, ORIGIN)
    assert {name: answer.headers[name] for name in ("x-test-data", "x-request-id", "x-attempt")} == {
        "x-test-data": "synthetic",
        "x-request-id": "r-1",
        "x-attempt": "2",
    }
    state = one.get(answer.json["_links"]["reference"]["href"]).result
    assert (state["status_code"], state["finished"], state["reference_number"]) == ("003", False, "")
    assert state["reception_date"].startswith("2023-03-01T09:")


def test_nothing_is_accepted_without_a_signature(person: NewPerson) -> None:
    one = person(1)
    one.login()
    refused = one.submit(one.package(), sign="0")
    assert (refused.status, refused.code) == (400, "E0004")
    assert one.get("/inquiries/applications").result["applications"] == []


def test_a_submission_sent_again_with_its_key_is_answered_as_before(person: NewPerson) -> None:
    one = person(2)
    one.login()
    first = one.submit(one.package(), Idempotency_Key="k-1")
    again = one.submit(one.package(), Idempotency_Key="k-1")
    assert first.body == again.body
    assert again.headers["idempotent-replay"] == "true"
    other = one.submit(one.package(in_days=6), Idempotency_Key="k-1")
    assert (other.status, other.code) == (409, "E5020")
    assert one.submit(one.package()).result != first.result


def test_nobody_else_is_told(person: NewPerson, cards: tuple[CardIssuer, Path]) -> None:
    one, other = person(3), person(4)
    one.login()
    other.login()
    number = one.submit(one.package()).result["temporary_reference_number"]
    key = cards[0].signing(one.household.head, one.household.address)
    reference = one.sign(number, key).result["reference_number"]
    assert (other.inquire(number).status, other.inquire(number).code) == (400, "E0010")
    assert other.get(f"/inquiries/applications/{reference}").status == 404
    assert one.inquire("0" * 20).code == "E0010"


def test_the_third_wrong_pin_locks_and_the_right_one_comes_too_late(person: NewPerson) -> None:
    one = person(5)
    wrong = "0000" if one.card.pin != "0000" else "0001"
    assert [one.login(wrong).status for _ in range(3)] == [403, 403, 423]
    assert (one.login().status, one.login().code) == (423, "E6004")


def test_a_right_pin_starts_the_count_again(person: NewPerson) -> None:
    one = person(6)
    wrong = "0000" if one.card.pin != "0000" else "0001"
    tried = [one.login(wrong), one.login(wrong), one.login(), one.login(wrong), one.login(wrong), one.login()]
    assert [answer.status for answer in tried] == [403, 403, 200, 403, 403, 200]


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_package_that_was_cut_is_refused(person: NewPerson, cut: int) -> None:
    one = person(7)
    one.login()
    answer = one.submit(one.package()[:cut])
    assert (answer.status, answer.code) == (400, "E1003")


def test_a_package_for_another_town_than_the_one_named_is_refused(person: NewPerson) -> None:
    one = person(8)
    one.login()
    answer = one.submit(one.package(), code="9900279101")
    assert (answer.status, answer.code) == (400, "E0004")


def test_data_without_the_mark_and_calls_without_a_key_are_refused(person: NewPerson) -> None:
    one = person(9)
    assert one.submit(one.package()).status == 401
    one.login()
    one.headers["X-Test-Data"] = "real"
    assert (one.submit(one.package()).status, one.submit(one.package()).code) == (422, "E2001")


def test_a_body_over_the_limit_is_refused_and_the_connection_goes_on(person: NewPerson) -> None:
    one = person(10)
    one.login()
    answer = one.submit(bytes(51 * 1024 * 1024))
    assert (answer.status, answer.code) == (413, "E5001")
    assert one.post("/accounts/login", {"card_serial": "x" * 70_000, "pin": "0000"}).status == 413
    assert one.get("/healthz").status == 200


def test_heads_that_are_too_large_are_refused(portal: Running) -> None:
    client = Client(portal.url)
    answer = client.get("/healthz", X_Long="x" * 20_000)
    assert (answer.status, answer.code) == (431, "E5003")
    client.close()


def test_the_openapi_document_is_served(portal: Running) -> None:
    client = Client(portal.url)
    described = client.get("/openapi.json").json
    assert described["openapi"] == "3.1.0"
    assert "/apply/submit_application_set" in described["paths"]
    client.close()
