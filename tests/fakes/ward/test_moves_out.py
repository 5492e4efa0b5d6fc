"""A move-out is entered from an accepted notice, by one person at a time, and sends the certificate data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fakes.package.application import Application
from fakes.people import Household
from tests.fakes.clients import DESTINATION, ORIGIN
from tests.fakes.ward.towns import Town, Towns, filed, moved_out


def family(towns: Towns) -> Household:
    """Return a household of several people."""
    return next(one for place in range(12) if len((one := towns.household(place)).members) > 2)


def numbers(household: Household) -> list[str]:
    return [person.address_number for person in household.members]


@pytest.fixture
def accepted(towns: Towns, origin: Town) -> tuple[str, Application, Household]:
    """An application of a family that is accepted."""
    household = family(towns)
    number, application = filed(towns, household)
    origin.say_all()
    origin.accept(number)
    return number, application, household


def test_applied_it_removes_the_people_sends_their_data_in_order_and_tells_the_applicant(
    origin: Town, accepted: tuple[str, Application, Household]
) -> None:
    number, application, household = accepted
    entered = origin.out(number, numbers(household), application)
    assert (entered.status, entered.result["state"]) == (201, "draft")
    change = entered.result["transaction"]
    assert entered.json["_links"]["reference"]["href"] == f"/juki/v1/transactions/{change}"
    assert origin.approve(change).result["state"] == "applied"
    for person in household.members:
        left = origin.resident(person.address_number)
        assert (left["state"], left["removal"]) == ("leaving", "not_confirmed")
    said = origin.say_all()
    telegrams = [task["telegram"] for task in said if task["kind"] == "telegram"]
    assert [one["number"] for one in telegrams] == [1] * len(household.members)
    assert {one["destination"] for one in telegrams} == {DESTINATION}
    assert {one["reference_number"] for one in telegrams} == {number}
    assert said[-1]["status"]["state"] == "completed"
    details = origin.details(number)
    assert (details["state"], details["transactions"]) == ("completed", [change])


def test_the_certificate_data_are_those_of_the_register(
    origin: Town, accepted: tuple[str, Application, Household]
) -> None:
    number, application, household = accepted
    change = origin.out(number, numbers(household), application).result["transaction"]
    origin.approve(change)
    bodies = [task["telegram"]["body"] for task in origin.say_all() if task["kind"] == "telegram"]
    for place, (body, person) in enumerate(zip(bodies, household.members, strict=True), start=1):
        sent = body["person"]
        assert (sent["resident_code"], sent["individual_number"]) == (person.resident_code, person.individual_number)
        assert (sent["name"], sent["birth_date"]) == (person.name, person.birth_date.isoformat())
        serial = person.card.signing.serial if person.card is not None and person.card.signing is not None else 0
        assert sent.get("signing_serial", 0) == serial
        assert body["household"] == {
            "members": len(household.members),
            "position": place,
            "head": household.head.name,
        }
        assert body["planned_move_out"] == application.moving_date.isoformat()
        assert body["old_address"]["lot"] == household.address.lot


def test_before_the_relay_knows_of_the_acceptance_nothing_is_entered(towns: Towns, origin: Town) -> None:
    household = towns.household()
    number, application = filed(towns, household)
    assert origin.out(number, numbers(household), application).code == "E6002"
    origin.say_all()
    origin.review(number, "begin_review")
    origin.review(number, "formal_check", result="passed")
    origin.review(number, "substantive_check", result="passed")
    origin.review(number, "accept_notice")
    assert origin.out(number, numbers(household), application).code == "E6002"
    origin.say_all()
    assert origin.out(number, numbers(household), application).status == 201


def test_people_are_in_hand_of_one_at_a_time(origin: Town, accepted: tuple[str, Application, Household]) -> None:
    number, application, household = accepted
    first = origin.out(number, numbers(household), application).result["transaction"]
    assert origin.resident(numbers(household)[0])["in_hand"] is True
    second = origin.out(number, numbers(household)[:1], application)
    assert second.status == 409
    assert origin.approve(first, "cancel").result["state"] == "cancelled"
    assert origin.resident(numbers(household)[0])["in_hand"] is False
    assert origin.out(number, numbers(household), application).status == 201


def test_two_applications_of_one_person_are_not_in_hand_at_once(towns: Towns, origin: Town) -> None:
    household = towns.household()
    first, application = filed(towns, household)
    second, _ = filed(towns, household)
    origin.say_all()
    for number in (first, second):
        origin.accept(number)
    assert origin.out(first, numbers(household), application).status == 201
    refused = origin.out(second, numbers(household), application)
    assert (refused.status, refused.code) == (409, "E6010")


def test_a_change_that_lay_too_long_lets_the_people_go(towns: Towns, origin: Town) -> None:
    household = towns.household()
    first, application = filed(towns, household)
    second, _ = filed(towns, household)
    origin.say_all()
    origin.accept(first)
    origin.accept(second)
    old = origin.out(first, numbers(household), application).result["transaction"]
    towns.wait(minutes=30)
    assert origin.resident(household.head.address_number)["in_hand"] is False
    new = origin.out(second, numbers(household), application).result["transaction"]
    assert origin.approve(old).code == "E6010"
    assert origin.approve(new).status == 200
    assert origin.approve(old).code == "E6010"


def test_a_change_goes_to_review_and_back_and_is_applied_once(
    origin: Town, accepted: tuple[str, Application, Household]
) -> None:
    number, application, household = accepted
    change = origin.out(number, numbers(household), application).result["transaction"]
    assert origin.approve(change, "send_back").code == "E6002"
    assert origin.approve(change, "submit").result["state"] == "review"
    assert origin.approve(change, "send_back").result["state"] == "draft"
    assert origin.approve(change).result["state"] == "applied"
    for action in ("approve", "cancel", "submit"):
        late = origin.approve(change, action)
        assert (late.status, late.code) == (409, "E6002")
    assert origin.staff().get(f"/juki/v1/transactions/{change}").result["state"] == "applied"


@pytest.mark.parametrize("change", ["999999", "x", "20230301000000001"])
def test_a_change_that_is_not_there_is_not_found(origin: Town, change: str) -> None:
    assert origin.approve(change).status == 404
    assert origin.staff().get(f"/juki/v1/transactions/{change}").status == 404


def test_a_change_of_another_town_is_not_found(
    origin: Town, destination: Town, accepted: tuple[str, Application, Household]
) -> None:
    number, application, household = accepted
    change = origin.out(number, numbers(household), application).result["transaction"]
    assert destination.approve(change).status == 404
    assert destination.out(number, numbers(household), application).status in {400, 404}


def test_only_people_of_one_household_who_live_here_leave_and_to_where_they_said(
    towns: Towns, origin: Town, accepted: tuple[str, Application, Household]
) -> None:
    number, application, household = accepted
    own = numbers(household)
    other = towns.household(11).head.address_number
    assert other not in own
    wrong: list[tuple[list[str], dict[str, Any]]] = [
        ([other, own[0]], {}),
        ([own[0], own[0]], {}),
        (["000000000000000"], {}),
        ([towns.household(0, DESTINATION).head.address_number], {}),
        (own, {"new_address": towns.household(0, ORIGIN).address}),
        (own, {"event_date": "1900-01-01"}),
    ]
    for members, others in wrong:
        assert origin.out(number, members, application, **others).code == "E0004"
    assert origin.out(number, [], application).status == 400
    address = {**vars_of(application), "municipality": "131016"}
    assert origin.out(number, own, application, new_address=address).code == "E2004"


def vars_of(application: Application) -> dict[str, str]:
    address = application.new_address
    return {name: getattr(address, name) for name in address.__struct_fields__}


def test_who_has_left_cannot_leave_again(towns: Towns, origin: Town) -> None:
    household = towns.household()
    again, application = filed(towns, household)
    moved_out(towns, household)
    origin.accept(again)
    assert origin.out(again, numbers(household), application).code == "E0004"


def test_a_planned_day_can_be_corrected_when_it_is_entered(
    origin: Town, accepted: tuple[str, Application, Household]
) -> None:
    number, application, household = accepted
    day = (application.moving_date + timedelta(2)).isoformat()
    assert origin.out(number, numbers(household), application, event_date=day).result["event_date"] == day
