"""Seeded defects of the towns' own systems."""

from __future__ import annotations

from pathlib import Path

from fakes.people import Household
from fakes.procedures import Procedure
from tests.fakes.clients import DESTINATION, ORIGIN
from tests.fakes.defects.seeded import both, log_of
from tests.fakes.ward.towns import HOUSEHOLDS, Towns, filed, sqlite_towns


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
        kept = log_of(towns.local, "application-imported")
        shown = towns.town(ORIGIN).details(number)["people"]
    left = 1 if defects else 0
    names = [member.name for member in application.members]
    assert [event.body["members"] for event in kept] == [len(names) - left] * 2
    assert {event.municipality for event in kept} == {ORIGIN, DESTINATION}
    assert {event.body["procedures"] for event in kept} == {Procedure.MOVE_OUT, Procedure.MOVE_IN_VISIT}
    assert [person["name"] for person in shown] == names[: len(names) - left]
