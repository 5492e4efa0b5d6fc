"""A move-in is taken at the counter, on the card, once the data are here and in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fakes.filing import application_of
from fakes.package.application import Application
from fakes.package.building import build_package
from fakes.people import Household
from fakes.procedures import Procedure
from fakes.store.statements import Statement
from fakes.ward.tables import RESIDENT
from tests.fakes.clients import DESTINATION, ORIGIN
from tests.fakes.ward.lives import whole_move
from tests.fakes.ward.towns import NUMBERS, Town, Towns, arrived, filed, moved_out

Arrived = tuple[str, Application, dict[str, str]]


@pytest.fixture
def household(towns: Towns) -> Household:
    """A household of several people."""
    return next(one for place in range(12) if len((one := towns.household(place)).members) > 2)


@pytest.fixture
def here(towns: Towns, household: Household) -> Arrived:
    """A family whose data are here, on the day after its move."""
    made = arrived(towns, household)
    towns.wait(days=6)
    return made


def wrong_pin(household: Household) -> dict[str, str]:
    card = household.head.card
    assert card is not None
    return {"card_pin": "0000" if card.pin != "0000" else "0001"}


def living(towns: Towns, town: str, household: Household) -> list[Any]:
    """Return the rows of who lives in a town under the names of a household."""
    names = {person.name for person in household.members}
    rows = towns.view().all(Statement(select(RESIDENT).where(RESIDENT.c.municipality == town)))
    return [row for row in rows if row[4] in names and row[10] == "resident"]


def test_applied_the_people_live_here_and_the_old_town_is_told(
    towns: Towns, destination: Town, household: Household, here: Arrived
) -> None:
    number, application, telegrams = here
    entered = destination.come(telegrams, household.head, application, reference_number=number)
    assert (entered.status, entered.result["alerts"]) == (201, [])
    assert destination.details(number)["visit"] == "visited"
    change = entered.result["transaction"]
    assert destination.approve(change).result["state"] == "applied"
    rows = living(towns, DESTINATION, household)
    assert len(rows) == len(household.members)
    assert len({row[2] for row in rows}) == 1
    assert {row[1] for row in rows}.isdisjoint({person.address_number for person in household.members})
    said = destination.say_all()
    notices = [task["telegram"] for task in said if task["kind"] == "telegram"]
    assert {one["destination"] for one in notices} == {ORIGIN}
    assert [one["body"]["resident_code"] for one in notices] == [one.resident_code for one in household.members]
    [issued] = [task for task in said if task["kind"] == "issue"]
    assert household.head.card is not None
    assert issued["card_serial"] == household.head.card.serial
    assert destination.staff().get("/juki/v1/planned").result["planned"] == []
    holder = [row for row in living(towns, DESTINATION, household) if row[4] == household.head.name]
    assert holder[0][17] == 2_000_000_000 + issued["number"]


def test_before_the_data_are_acknowledged_they_cannot_be_used(
    towns: Towns, destination: Town, household: Household
) -> None:
    number, application, sent = moved_out(towns, household)
    towns.wait(days=6)
    telegrams = {}
    for task in sent:
        destination.receive(task["telegram"], task["receipt"], ORIGIN)
        telegrams[task["receipt"]] = task["telegram"]["body"]["person"]["relationship"]
    early = destination.come(telegrams, household.head, application, reference_number=number)
    assert (early.status, early.code) == (409, "E6002")
    assert destination.staff().get("/juki/v1/planned").result["planned"] == []
    destination.say_all()
    assert destination.come(telegrams, household.head, application, reference_number=number).status == 201


def test_a_visit_before_the_data_are_here_finds_nothing(towns: Towns, destination: Town, household: Household) -> None:
    number, application = filed(towns, household)
    early = destination.come({"T-1": "世帯主"}, household.head, application, reference_number=number)
    assert early.status == 404


@pytest.mark.parametrize(("days", "status"), [(4, 409), (5, 201), (19, 201), (20, 409)])
def test_the_card_route_is_open_from_the_move_for_fourteen_days(
    towns: Towns, destination: Town, household: Household, days: int, status: int
) -> None:
    # the move is on Monday, 6 March 2023
    _, application, telegrams = arrived(towns, household)
    towns.wait(days=days)
    entered = destination.come(telegrams, household.head, application)
    assert entered.status == status
    if status == 409:
        assert entered.code == "E6002"


def test_a_later_move_is_within_thirty_days_of_the_planned_one(
    towns: Towns, destination: Town, household: Household
) -> None:
    _, application, telegrams = arrived(towns, household)
    day = application.moving_date + timedelta(28)
    towns.wait(days=5 + 31)
    late = destination.come(telegrams, household.head, application, event_date=day.isoformat())
    assert (late.status, late.code) == (409, "E6002")


def test_three_wrong_pins_lock_the_card_and_the_counter_unlocks_it(
    destination: Town, household: Household, here: Arrived
) -> None:
    _, application, telegrams = here
    wrong = wrong_pin(household)
    tries = [destination.come(telegrams, household.head, application, **wrong).status for _ in range(3)]
    assert tries == [403, 403, 423]
    assert destination.come(telegrams, household.head, application).status == 423
    assert household.head.card is not None
    message = {"card_serial": household.head.card.serial, "secrets": ["pin", "signing_password"]}
    assert destination.staff("cards01").post("/cards/v1/unlock", message).status == 202
    [item] = [item for item in destination.outbox() if item["task"]["kind"] == "unlock"]
    assert item["task"] == {"kind": "unlock", **message}
    assert destination.come(telegrams, household.head, application).status == 201


def test_a_right_pin_starts_the_count_again(destination: Town, household: Household, here: Arrived) -> None:
    _, application, telegrams = here
    for _ in range(2):
        assert destination.come(telegrams, household.head, application, **wrong_pin(household)).status == 403
    assert destination.come({"T-none": "子"}, household.head, application).status == 404
    for _ in range(2):
        assert destination.come(telegrams, household.head, application, **wrong_pin(household)).status == 403
    assert destination.come(telegrams, household.head, application).status == 201


def test_somebody_elses_card_opens_nothing(
    towns: Towns, destination: Town, household: Household, here: Arrived
) -> None:
    _, application, telegrams = here
    other = towns.household(household.index % 1_000_000 + 1).head
    assert destination.come(telegrams, other, application).code == "E0004"
    assert destination.come(telegrams, household.head, application, card_serial="TEST999999999999").code == "E0009"


def test_an_address_elsewhere_or_a_household_that_is_not_here_is_refused(
    destination: Town, household: Household, here: Arrived
) -> None:
    _, application, telegrams = here
    elsewhere = household.address
    assert destination.come(telegrams, household.head, application, new_address=elsewhere).code == "E0004"
    assert destination.come(telegrams, household.head, application, joins=household.number).code == "E0004"
    assert destination.come(telegrams, household.head, application, event_date="9999-12-31").code == "E0004"


def test_people_can_move_into_a_household_that_is_here(
    towns: Towns, destination: Town, household: Household, here: Arrived
) -> None:
    _, application, telegrams = here
    joined = towns.household(0, DESTINATION).number
    entered = destination.come(telegrams, household.head, application, joins=joined)
    destination.approve(entered.result["transaction"])
    assert {row[2] for row in living(towns, DESTINATION, household)} == {joined}


def test_a_part_of_a_household_can_come_first(
    towns: Towns, destination: Town, household: Household, here: Arrived
) -> None:
    _, application, telegrams = here
    first = dict(list(telegrams.items())[:1])
    entered = destination.come(first, household.head, application)
    destination.approve(entered.result["transaction"])
    assert len(living(towns, DESTINATION, household)) == 1
    left = destination.staff().get("/juki/v1/planned").result["planned"]
    assert len(left) == len(household.members) - 1
    again = destination.come(first, household.head, application)
    assert again.code == "E0004"


def test_the_same_people_are_not_entered_twice_at_once(destination: Town, household: Household, here: Arrived) -> None:
    _, application, telegrams = here
    assert destination.come(telegrams, household.head, application).status == 201
    assert destination.come(telegrams, household.head, application).code == "E6010"


def test_who_comes_back_has_the_old_number_and_somebody_has_looked(towns: Towns) -> None:
    whole_move(towns, 0)
    household = towns.household(0)
    origin, destination = towns.town(ORIGIN), towns.town(DESTINATION)
    towns.wait(days=10)
    back = {person.name: person.address_number for person in household.members}
    number, application, sent = _back(towns, household)
    telegrams = {}
    for task in sent:
        assert origin.receive(task["telegram"], task["receipt"], DESTINATION).status == 202
        telegrams[task["receipt"]] = task["telegram"]["body"]["person"]["relationship"]
    origin.say_all()
    towns.wait(days=6)
    blocked = origin.come(telegrams, household.head, application)
    assert (blocked.status, blocked.code) == (409, "E6011")
    assert household.head.address_number in blocked.json["detail"]
    entered = origin.come(telegrams, household.head, application, reentry=True)
    assert {alert["reason"] for alert in entered.result["alerts"]} == {"same_person"}
    origin.approve(entered.result["transaction"])
    assert {row[4]: row[1] for row in living(towns, ORIGIN, household)} == back
    said = origin.say_all()
    assert {task["telegram"]["destination"] for task in said if task["kind"] == "telegram"} == {DESTINATION}
    assert number
    assert destination.staff().get("/juki/v1/planned").result["planned"] == []


def _back(towns: Towns, household: Household) -> tuple[str, Application, list[Any]]:
    """Let a household that moved in leave again, to where it came from."""
    destination = towns.town(DESTINATION)
    filed_on = towns.clock.today()
    moving = filed_on + timedelta(5)
    here = towns.people.address(household.index, DESTINATION, 1)
    moved = Household(household.index, household.number, here, household.phone, household.email, household.members)
    there = towns.people.address(household.index, ORIGIN, 2)
    application = application_of(moved, there, filed_on, moving, moving + timedelta(2))
    number = next(NUMBERS)
    package = build_package(application)
    assert destination.bring(number, package, Procedure.MOVE_OUT).status == 202
    destination.say_all()
    destination.accept(number)
    people = destination.details(number)["people"]
    assert {one["by"] for one in people} == {"number"}
    members = [one["address_number"] for one in people]
    change = destination.out(number, members, application).result["transaction"]
    assert destination.approve(change).status == 200
    return number, application, [task for task in destination.say_all() if task["kind"] == "telegram"]


def test_who_lives_here_cannot_move_in(towns: Towns, destination: Town) -> None:
    whole_move(towns, 0)
    household = towns.household(0)
    # another town sends data of somebody who lives here
    third = towns.town("990027")
    origin_body = {
        "telegram_id": "8101",
        "planned_move_out": "2023-03-08",
        "notified_on": "2023-03-07",
        "old_address": vars_of(towns.people.address(1, "990027")),
        "new_address": vars_of(towns.people.address(1, DESTINATION)),
        "household": {"members": 1, "position": 1, "head": household.head.name},
        "person": {
            "resident_code": household.head.resident_code,
            "individual_number": household.head.individual_number,
            "name": household.head.name,
            "kana": household.head.kana,
            "birth_date": household.head.birth_date.isoformat(),
            "sex": household.head.sex,
            "relationship": "世帯主",
        },
    }
    sent = {"number": 1, "created_at": "2023-03-07T10:00:00+09:00", "body": origin_body}
    assert destination.receive(sent, "T-third", third.code).status == 202
    destination.say_all()
    towns.wait(days=2)
    address = towns.people.address(1, DESTINATION)
    message = {"event_date": "2023-03-08", "new_address": address, "reentry": True}
    _, application = filed(towns, towns.household(3))
    refused = destination.come({"T-third": "世帯主"}, household.head, application, **message)
    assert (refused.status, refused.code) == (409, "E6011")


def vars_of(address: Any) -> dict[str, str]:
    return {name: getattr(address, name) for name in address.__struct_fields__}
