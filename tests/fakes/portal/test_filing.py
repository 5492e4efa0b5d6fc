"""What may be filed when, and again: the window, moves within a town, duplicates, several procedures, sessions."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from fakes.filing import application_of
from fakes.package.building import build_package
from fakes.pki.cards import CardIssuer, CardKey
from fakes.procedures import Procedure, city_service_code
from tests.fakes.clients import DESTINATION, ORIGIN, Person
from tests.fakes.inprocess import Local

NewPerson = Callable[[int], Person]
Cards = tuple[CardIssuer, Path]


def key_of(one: Person, cards: Cards) -> CardKey:
    return cards[0].signing(one.household.head, one.household.address)


def accepted(one: Person, cards: Cards, package: bytes, code: str = "") -> tuple[str, str]:
    """Submit and sign; return the temporary number and the receipt number."""
    number: str = one.submit(package, code).result["temporary_reference_number"]
    receipt: str = one.sign(number, key_of(one, cards)).result["reference_number"]
    return number, receipt


@pytest.mark.parametrize(("in_days", "status"), [(31, 400), (30, 200), (-10, 200), (-11, 400)])
def test_the_window_is_from_30_days_before_to_10_days_after_the_move(
    applicant: NewPerson, in_days: int, status: int
) -> None:
    one = applicant(0)
    answer = one.submit(one.package(in_days))
    assert answer.status == status
    assert status == 200 or answer.code == "E6000"


def test_the_window_may_close_between_submission_and_signature(
    local: Local, applicant: NewPerson, cards: Cards
) -> None:
    one = applicant(1)
    key = cards[0].signing(one.household.head, one.household.address)
    number = one.submit(one.package(-10)).result["temporary_reference_number"]
    local.advance(timedelta(days=1))
    one.login()
    late = one.sign(number, key)
    assert (late.status, late.code) == (400, "E6000")
    assert one.inquire(number).result["finished"] is False


def test_a_session_ends_after_its_time(local: Local, applicant: NewPerson) -> None:
    one = applicant(2)
    local.advance(timedelta(seconds=1799))
    assert one.get("/inquiries/applications").status == 200
    local.advance(timedelta(seconds=1))
    ended = one.get("/inquiries/applications")
    assert (ended.status, ended.code) == (401, "E0901")
    one.login()
    assert one.get("/inquiries/applications").status == 200


def test_a_card_whose_certificate_has_lapsed_does_not_open_a_session(local: Local, applicant: NewPerson) -> None:
    one = applicant(3)
    local.advance(timedelta(days=366 * 5))
    lapsed = one.login()
    assert (lapsed.status, lapsed.code) == (409, "E3004")


def test_a_move_within_a_town_is_filed_to_it_as_a_visit_notice(applicant: NewPerson, cards: Cards) -> None:
    one = applicant(4)
    code = city_service_code(ORIGIN, Procedure.MOVE_WITHIN_VISIT)
    _, receipt = accepted(one, cards, one.package(destination=ORIGIN), code)
    assert [procedure["procedure"] for procedure in one.status(receipt)["procedures"]] == [code]
    assert one.submit(one.package(destination=ORIGIN)).code == "E0004"


def test_several_procedures_share_one_receipt_number_and_the_copy_names_them(
    applicant: NewPerson, cards: Cards
) -> None:
    one = applicant(5)
    number, _ = accepted(one, cards, one.package())
    told = one.inquire(number).result
    receipt = told["reference_number"]
    assert [procedure["procedure"] for procedure in one.status(receipt)["procedures"]] == [
        city_service_code(ORIGIN, Procedure.MOVE_OUT),
        city_service_code(DESTINATION, Procedure.MOVE_IN_VISIT),
    ]
    copy = base64.b64decode(told["customers_copy"]).decode()
    assert receipt in copy
    assert f"{Procedure.MOVE_OUT.label('ja')} (模擬市)" in copy
    assert one.household.head.name not in copy


def test_the_same_content_again_is_taken_and_marked_until_the_first_has_ended(
    applicant: NewPerson, cards: Cards
) -> None:
    one, other = applicant(6), applicant(7)
    first = one.submit(one.package()).result
    again = one.submit(one.package()).result
    assert first["duplicate_of"] == ""
    assert again["duplicate_of"] == first["temporary_reference_number"] != again["temporary_reference_number"]
    assert one.submit(one.package(6)).result["duplicate_of"] == ""
    assert other.submit(other.package()).result["duplicate_of"] == ""
    for told in (first, again):
        receipt = one.sign(told["temporary_reference_number"], key_of(one, cards)).result["reference_number"]
        assert one.withdraw(receipt).status == 200
    assert one.submit(one.package()).result["duplicate_of"] == ""


def test_only_a_move_between_towns_that_take_part_is_taken(applicant: NewPerson) -> None:
    one = applicant(8)
    today = one.people.today
    away = structs.replace(one.people.address(one.household.index, DESTINATION, 1), municipality="131130")
    package = build_package(application_of(one.household, away, today, today, today))
    assert one.submit(package).code == "E2004"


def test_own_applications_are_listed_in_pages_and_nobody_elses(applicant: NewPerson) -> None:
    one, other = applicant(9), applicant(10)
    made = [one.submit(one.package(days)).result["temporary_reference_number"] for days in (1, 2, 3)]
    other.submit(other.package())
    first = one.get("/inquiries/applications?per_page=2").result
    rest = one.get(f"/inquiries/applications?per_page=2&after={first['cursor']}").result
    listed = [row["temporary_reference_number"] for page in (first, rest) for row in page["applications"]]
    assert (listed, first["more"], rest["more"]) == (made, True, False)


def test_withdrawal_is_for_its_applicant_once_and_before_the_end(applicant: NewPerson, cards: Cards) -> None:
    one, other = applicant(11), applicant(12)
    number, receipt = accepted(one, cards, one.package())
    assert other.withdraw(receipt).status == 404
    first = one.withdraw(receipt, "日程の変更", Idempotency_Key="w-1")
    assert first.result["state"] == "withdrawn"
    assert one.withdraw(receipt, "日程の変更", Idempotency_Key="w-1").body == first.body
    assert (one.withdraw(receipt).status, one.withdraw(receipt).code) == (409, "E6002")
    [told] = one.get(f"/inquiries/applications/{receipt}/messages").result["messages"]
    assert (told["message_type"], told["text"], told["new_arrivals"]) == ("withdrawn", "日程の変更", True)
    assert one.inquire(number).result["notification"] == [told]
    assert other.get(f"/inquiries/applications/{receipt}/messages").status == 404


def test_only_what_was_returned_is_filed_again(applicant: NewPerson, cards: Cards) -> None:
    one = applicant(13)
    _, receipt = accepted(one, cards, one.package())
    again = one.submit(one.package(6), others={"resubmission_of": receipt})
    assert (again.status, again.code) == (409, "E6002")
    assert one.submit(one.package(6), others={"resubmission_of": "0" * 17}).code == "E0010"
