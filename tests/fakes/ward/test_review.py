"""An application is reviewed step by step; whoever decides tells the relay, and the relay knows what came first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.ward.towns import Town, Towns, filed

PASSED = {"result": "passed"}


@pytest.fixture
def number(towns: Towns, origin: Town) -> str:
    """An application that has arrived, and of which the relay knows that."""
    made, _ = filed(towns, towns.household())
    origin.say_all()
    return made


def reviewed(town: Town, number: str) -> None:
    """Review an application up to the decision."""
    assert town.review(number, "begin_review").result["state"] == "in_review"
    assert town.review(number, "formal_check", **PASSED).result["formal_check"] == "passed"
    assert town.review(number, "substantive_check", **PASSED).result["substantive_check"] == "passed"


def told(town: Town) -> list[Any]:
    """Return the states that the relay is told, which it takes."""
    return [
        (task["status"]["state"], task["status"].get("message", ""))
        for task in town.say_all()
        if task["kind"] == "status"
    ]


def withdrawn(town: Town, number: str, state: str = "withdrawn") -> int:
    """Let the relay report a state; return whether anything changed."""
    message = {"cursor": 1, "statuses": [{"reference_number": number, "state": state}]}
    changed: int = town.system().post("/link/v1/statuses", message).result["changed"]
    return changed


def test_an_application_is_accepted_after_both_checks(origin: Town, number: str) -> None:
    reviewed(origin, number)
    assert origin.review(number, "accept_notice").result["state"] == "notice_accepted"
    assert told(origin) == [("in_review", ""), ("notice_accepted", "")]
    assert origin.details(number)["told"] == "notice_accepted"


def test_without_both_checks_nothing_is_accepted(origin: Town, number: str) -> None:
    assert origin.review(number, "accept_notice").code == "E6002"
    origin.review(number, "begin_review")
    assert origin.review(number, "accept_notice").code == "E6002"
    origin.review(number, "formal_check", **PASSED)
    origin.review(number, "substantive_check", result="failed")
    assert origin.review(number, "accept_notice").code == "E6002"
    origin.review(number, "substantive_check", **PASSED)
    assert origin.review(number, "accept_notice").status == 200


@pytest.mark.parametrize(("action", "state"), [("return", "needs_resubmit"), ("reject", "rejected")])
def test_a_return_and_a_rejection_need_words_to_the_applicant(
    origin: Town, number: str, action: str, state: str
) -> None:
    origin.review(number, "begin_review")
    assert origin.review(number, action).code == "E0001"
    assert origin.review(number, action, message="  ").code == "E0001"
    assert origin.review(number, action, message="住所を確認してください。").result["state"] == state
    assert told(origin)[-1] == (state, "住所を確認してください。")
    late = origin.review(number, "begin_review")
    assert (late.status, late.code) == (409, "E6002")


def test_an_acceptance_can_be_taken_back_and_the_register_is_looked_at_again(origin: Town, number: str) -> None:
    reviewed(origin, number)
    origin.review(number, "accept_notice")
    after = origin.review(number, "reopen").result
    assert (after["state"], after["formal_check"], after["substantive_check"]) == ("in_review", "passed", "")


def test_checks_belong_into_the_review_and_have_a_result(origin: Town, number: str) -> None:
    assert origin.review(number, "formal_check", **PASSED).code == "E6002"
    origin.review(number, "begin_review")
    assert origin.review(number, "formal_check").code == "E0004"
    assert origin.review(number, "return", message="x", **PASSED).code == "E0004"
    assert origin.review(number, "no_such_action").status == 400


def test_a_move_out_is_not_completed_by_hand(origin: Town, number: str) -> None:
    reviewed(origin, number)
    origin.review(number, "accept_notice")
    assert origin.review(number, "complete").code == "E6002"


def test_the_destination_prepares_and_decides_nothing(destination: Town, number: str) -> None:
    for action, others in (("begin_review", {}), ("formal_check", PASSED), ("reject", {"message": "x"})):
        refused = destination.review(number, action, **others)
        assert refused.status in {403, 409}
    assert destination.review(number, "formal_check", **PASSED).code == "E6001"
    assert destination.review(number, "finish_preparation").code == "E6002"
    assert destination.review(number, "begin_preparation").result["visit"] == "preparing"
    assert destination.review(number, "finish_preparation").result["visit"] == "prepared"
    assert told(destination) == []


def test_the_origin_prepares_nothing(origin: Town, number: str) -> None:
    assert origin.review(number, "begin_preparation").code == "E6002"


def test_a_withdrawal_ends_the_review_and_the_expected_visit(origin: Town, destination: Town, number: str) -> None:
    origin.review(number, "begin_review")
    destination.review(number, "begin_preparation")
    assert withdrawn(origin, number) == 1
    assert withdrawn(destination, number) == 1
    assert withdrawn(origin, number) == 0
    assert (origin.details(number)["state"], destination.details(number)["visit"]) == ("withdrawn", "cancelled")
    assert origin.review(number, "formal_check", **PASSED).code == "E6002"


def test_a_withdrawal_that_the_relay_took_first_undoes_an_acceptance(origin: Town, number: str) -> None:
    reviewed(origin, number)
    origin.review(number, "accept_notice")
    for item in origin.outbox():
        refused = "E6002" if item["task"]["status"]["state"] == "notice_accepted" else ""
        origin.said(item["number"], refused)
    assert origin.details(number)["told"] == "in_review"
    assert withdrawn(origin, number) == 1
    assert origin.details(number)["state"] == "withdrawn"


def test_a_withdrawal_after_the_acceptance_that_the_relay_took_changes_nothing(origin: Town, number: str) -> None:
    reviewed(origin, number)
    origin.review(number, "accept_notice")
    origin.say_all()
    assert withdrawn(origin, number) == 0
    assert origin.details(number)["state"] == "notice_accepted"


def test_the_destination_follows_what_the_origin_decides(destination: Town, number: str) -> None:
    assert withdrawn(destination, number, "in_review") == 1
    assert withdrawn(destination, number, "in_review") == 0
    assert destination.details(number)["visit"] == "received"
    assert withdrawn(destination, number, "rejected") == 1
    assert destination.details(number)["visit"] == "cancelled"
    assert withdrawn(destination, "20230301999999999") == 0
