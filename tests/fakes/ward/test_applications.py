"""The staff finds applications, and who of them is who in the register."""

from __future__ import annotations

from msgspec.structs import replace

from fakes.package.building import build_package
from fakes.procedures import Procedure
from tests.fakes.ward.towns import Caller, Town, Towns, filed, move

NUMBER = "20230301900000001"


def listed(caller: Caller, **conditions: object) -> list[str]:
    found = caller.get("/shinsei/v1/applications", **conditions).result["applications"]
    return [one["reference_number"] for one in found]


def test_a_list_is_paged_in_the_order_of_import(towns: Towns, origin: Town) -> None:
    numbers = [filed(towns, towns.household(place))[0] for place in range(5)]
    staff, seen, cursor = origin.staff(), [], 0
    while True:
        page = staff.get("/shinsei/v1/applications", after=cursor, per_page=2).result
        seen += [one["reference_number"] for one in page["applications"]]
        cursor = page["cursor"]
        if not page["more"]:
            break
    assert seen == numbers


def test_a_list_shows_what_is_asked_for(towns: Towns, origin: Town, destination: Town) -> None:
    first, _ = filed(towns, towns.household(0))
    second, application = filed(towns, towns.household(1))
    origin.say_all()
    origin.review(first, "begin_review")
    assert listed(origin.staff(), state="in_review") == [first]
    assert listed(origin.staff(), state="downloaded", procedure="move_out") == [second]
    assert listed(origin.staff(), procedure="move_in_visit") == []
    destination.review(first, "begin_preparation")
    assert listed(destination.staff(), visit="preparing") == [first]
    day = str(application.planned_visit_date)
    assert listed(destination.staff(), procedure="move_in_visit", planned_visit=day) == [first, second]
    assert listed(destination.staff(), planned_visit="2023-05-01") == []
    assert origin.staff().get("/shinsei/v1/applications", state="unheard-of").status == 400
    assert origin.staff().get("/shinsei/v1/applications", per_page=101).status == 400


def test_names_in_a_list_are_masked(towns: Towns, origin: Town) -> None:
    household = towns.household()
    filed(towns, household)
    [found] = origin.staff().get("/shinsei/v1/applications").result["applications"]
    assert found["applicant"].startswith("試＊　")
    assert household.head.name not in found["applicant"]


def test_an_application_of_another_town_is_not_there(towns: Towns, origin: Town) -> None:
    number, _ = filed(towns, towns.household())
    other = towns.town("990027").staff()
    assert other.get(f"/shinsei/v1/applications/{number}").status == 404
    assert other.json("PATCH", f"/shinsei/v1/applications/{number}", {"action": "begin_review"}).status == 404
    assert listed(other) == []
    assert origin.staff("insured01").get(f"/shinsei/v1/applications/{number}").status == 403


def test_the_applicant_is_found_by_the_certificate_and_the_others_by_number(towns: Towns, origin: Town) -> None:
    household = next(one for place in range(12) if len((one := towns.household(place)).members) > 2)
    number, _ = filed(towns, household)
    people = origin.details(number)["people"]
    assert [one["address_number"] for one in people] == [person.address_number for person in household.members]
    assert [one["by"] for one in people] == ["certificate"] + ["number"] * (len(people) - 1)
    assert all(one["differences"] == [] for one in people)


def test_who_does_not_live_here_has_no_number(towns: Towns, origin: Town) -> None:
    stranger = towns.people.household(4_000_100, origin.code)
    application = move(towns, stranger)
    origin.bring(NUMBER, build_package(application), Procedure.MOVE_OUT)
    assert {(one["by"], one["address_number"]) for one in origin.details(NUMBER)["people"]} == {("", "")}


def test_where_application_and_register_differ_is_said(towns: Towns, origin: Town) -> None:
    application = move(towns, towns.household())
    head = replace(application.members[0], kana="シケン　ベツノヨミ")
    changed = replace(application, members=(head, *application.members[1:]))
    origin.bring(NUMBER, build_package(changed), Procedure.MOVE_OUT)
    assert origin.details(NUMBER)["people"][0]["differences"] == ["kana"]


def test_people_who_are_to_come_are_not_in_the_register(towns: Towns, destination: Town) -> None:
    number, _ = filed(towns, towns.household())
    assert destination.details(number)["people"] == []
