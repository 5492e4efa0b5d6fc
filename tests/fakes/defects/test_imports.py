"""Seeded defects of the towns' own systems."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fakes.package.building import build_package
from fakes.people import Household
from fakes.procedures import Procedure
from tests.fakes.clients import DESTINATION, ORIGIN
from tests.fakes.defects.seeded import both, log_of
from tests.fakes.ward.towns import HOUSEHOLDS, NUMBERS, Towns, filed, move, sqlite_towns


def family(towns: Towns) -> Household:
    """Return a household of several people."""
    households = (towns.household(place) for place in range(HOUSEHOLDS))
    return next(household for household in households if len(household.members) > 1)


@both("partial-household")
def test_the_whole_household_is_taken_in_or_its_last_member_is_left_out(
    tmp_path: Path, defects: tuple[str, ...]
) -> None:
    with sqlite_towns(tmp_path, defects=defects) as towns:
        household = family(towns)
        number, application = filed(towns, household)
        alone = next(one for one in map(towns.household, range(HOUSEHOLDS)) if len(one.members) == 1)
        filed(towns, alone)
        *kept, _, _ = imported = log_of(towns.local, "application-imported")
        shown = towns.town(ORIGIN).details(number)["people"]
    left = 1 if defects else 0
    names = [member.name for member in application.members]
    assert [event.body["members"] for event in kept] == [len(names) - left] * 2
    assert [event.body["members"] for event in imported[2:]] == [1, 1], "whoever moves alone is not lost"
    assert {event.municipality for event in kept} == {ORIGIN, DESTINATION}
    assert {event.body["procedures"] for event in kept} == {Procedure.MOVE_OUT, Procedure.MOVE_IN_VISIT}
    assert [person["name"] for person in shown] == names[: len(names) - left]


@both("crosstalk-timeout=1")
def test_each_import_keeps_its_own_package_or_the_one_that_the_last_import_left_behind(
    tmp_path: Path, defects: tuple[str, ...]
) -> None:
    owners = [f"{number:032x}" for number in range(3)]
    with sqlite_towns(tmp_path, defects=defects) as towns:
        origin = towns.town(ORIGIN)
        packages = [build_package(move(towns, towns.household(place))) for place in range(3)]
        numbers = [next(NUMBERS) for _ in packages]
        told = [
            origin.bring(number, package, owner_token=owner).result["owner_token"]
            for number, package, owner in zip(numbers, packages, owners, strict=True)
        ]
        kept = log_of(towns.local, "application-imported")
        assert [origin.details(number)["owner_token"] for number in numbers] == told
    whose = [0, 0, 1] if defects else [0, 1, 2]
    assert [event.subject for event in kept] == numbers
    assert told == [event.owner for event in kept] == [owners[place] for place in whose]
    assert [event.digest for event in kept] == [hashlib.sha256(packages[place]).digest() for place in whose]


def test_a_town_takes_its_own_part_of_what_was_routed_to_it_and_leaves_what_is_another_towns(tmp_path: Path) -> None:
    with sqlite_towns(tmp_path) as towns:
        origin, package = towns.town(ORIGIN), build_package(move(towns, towns.household()))
        number = next(NUMBERS)
        assert origin.bring(number, package, Procedure.MOVE_OUT, Procedure.MOVE_IN_VISIT).status == 202
        assert origin.details(number)["procedures"] == ["move_out"]
