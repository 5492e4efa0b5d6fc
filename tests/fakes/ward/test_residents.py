"""The register is searched, not leafed through, and shows no more than is needed."""

from __future__ import annotations

from typing import Any

from tests.fakes.clients import ORIGIN
from tests.fakes.ward.towns import HOUSEHOLDS, Town, Towns


def found(town: Town, **conditions: Any) -> Any:
    return town.staff().post("/juki/v1/residents/search", conditions).result["residents"]


def test_people_are_found_by_what_they_are_known_by(towns: Towns, origin: Town) -> None:
    person = towns.household(3).head
    for conditions in (
        {"address_number": person.address_number},
        {"name": person.name},
        {"kana": person.kana[:-2], "birth_date": person.birth_date.isoformat()},
    ):
        assert person.address_number in [one["address_number"] for one in found(origin, **conditions)]
    assert found(origin, name=person.name, birth_date="1900-01-01") == []
    assert found(origin, name="%") == []


def test_names_are_masked(towns: Towns, origin: Town) -> None:
    person = towns.household(3).head
    [one] = found(origin, address_number=person.address_number)
    assert one["name"].startswith("試＊　")
    assert person.name not in str(one)
    assert "individual_number" not in one
    assert len(one["owner_token"]) == 32


def test_without_a_condition_nobody_is_found(origin: Town) -> None:
    assert origin.staff().post("/juki/v1/residents/search", {}).code == "E0001"


def test_people_of_another_town_are_not_found(towns: Towns, destination: Town) -> None:
    assert found(destination, address_number=towns.household(3, ORIGIN).head.address_number) == []


def test_a_list_is_paged(towns: Towns, origin: Town) -> None:
    staff, seen, cursor = origin.staff(), [], 0
    while True:
        message = {"name": "試験", "after": cursor, "per_page": 7}
        page = staff.post("/juki/v1/residents/search", message).result
        seen += [one["address_number"] for one in page["residents"]]
        cursor = page["cursor"]
        if not page["more"]:
            break
    everybody = {person.address_number for place in range(HOUSEHOLDS) for person in towns.household(place).members}
    assert len(seen) == len(everybody)
    assert set(seen) == everybody
