"""A move within the town changes the address at the counter, and the signing certificate with it."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.people import Household
from tests.fakes.clients import DESTINATION, ORIGIN, Response
from tests.fakes.ward.lives import move_within
from tests.fakes.ward.towns import Town, Towns, filed, move


@pytest.fixture
def household(towns: Towns) -> Household:
    households = (towns.household(place, DESTINATION) for place in range(12))
    return next(one for one in households if len(one.members) > 1)


def within(town: Town, household: Household, **others: Any) -> Response:
    """Enter the move of a household that came without a notice."""
    card = household.head.card
    assert card is not None
    application = move(town.towns, household)
    message = {
        "members": [person.address_number for person in household.members],
        "event_date": town.towns.clock.today().isoformat(),
        "new_address": application.new_address,
        "card_serial": card.serial,
        "card_pin": card.pin,
        **others,
    }
    return town.staff().post("/juki/v1/transactions/within", message)


def test_with_a_notice_the_whole_way_is_gone(towns: Towns, destination: Town) -> None:
    number = move_within(towns, 0)
    details = destination.details(number)
    assert (details["state"], details["visit"], details["told"]) == ("completed", "visited", "completed")


def test_people_come_without_a_notice_too(destination: Town, household: Household) -> None:
    entered = within(destination, household)
    assert entered.status == 201
    assert destination.approve(entered.result["transaction"]).result["state"] == "applied"


def test_certificates_of_the_old_address_end_and_the_holder_gets_a_new_one(
    destination: Town, household: Household
) -> None:
    entered = within(destination, household)
    destination.approve(entered.result["transaction"])
    lines = {item["task"]["kind"]: item["line"] for item in reversed(destination.outbox())}
    assert lines["revoke"] == lines["issue"]  # the old one first, else the new one is refused
    said = destination.say_all()
    cards = [person.card for person in household.members if person.card is not None]
    ended = [card.signing.serial for card in cards if card.signing is not None]
    assert sorted(task["serial"] for task in said if task["kind"] == "revoke") == sorted(ended)
    assert [task["card_serial"] for task in said if task["kind"] == "issue"] == [cards[0].serial]
    assert not [task for task in said if task["kind"] == "telegram"]
    assert (
        destination.resident(household.head.address_number)["town"]
        == move(destination.towns, household).new_address.town
    )


def test_nobody_lives_there_before_the_day_of_the_move(destination: Town, household: Household) -> None:
    early = within(destination, household, event_date="2023-03-02")
    assert (early.status, early.code) == (409, "E6002")


def test_it_is_taken_long_after_the_fourteen_days(destination: Town, household: Household) -> None:
    assert within(destination, household, event_date="2023-01-10").status == 201


def test_only_the_people_here_move_and_only_within(towns: Towns, destination: Town, household: Household) -> None:
    assert within(destination, household, new_address=towns.household(0, ORIGIN).address).code == "E0004"
    other = towns.household(11, DESTINATION).head
    assert within(destination, household, members=[other.address_number]).code == "E0004"
    assert within(destination, household, card_serial=other.card.serial if other.card else "").status in {403, 400}
    assert within(destination, household, card_pin="12").status == 400
    number, _ = filed(towns, towns.household(0, ORIGIN))
    assert within(destination, household, reference_number=number).code == "E0004"
    assert within(destination, household, reference_number="20230301999999999").status == 404


def test_a_withdrawn_move_out_can_be_followed_by_a_move_within(towns: Towns, household: Household) -> None:
    ward = towns.town(DESTINATION)
    number, application = filed(towns, household, ORIGIN)
    withdrawn = {"cursor": 1, "statuses": [{"reference_number": number, "state": "withdrawn"}]}
    ward.system().post("/link/v1/statuses", withdrawn)
    assert ward.out(number, [household.head.address_number], application).code == "E6002"
    assert within(ward, household).status == 201
