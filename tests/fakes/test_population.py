"""Every town has people of its own, and a card says whose it is."""

from __future__ import annotations

from datetime import date

import pytest

from fakes.people import People
from fakes.population import ROOM, first_household, holder_of_card, home_of
from fakes.towns import TOWNS

PEOPLE = People(7, date(2023, 3, 1))


def test_nobody_lives_in_two_towns() -> None:
    starts = [first_household(town) for town in TOWNS]
    assert starts == [place * ROOM for place in range(len(TOWNS))]
    for town in TOWNS:
        assert {home_of(first_household(town)), home_of(first_household(town) + ROOM - 1)} == {town}


@pytest.mark.parametrize("household", [-1, len(TOWNS) * ROOM, 10**11])
def test_other_numbers_are_nobodys(household: int) -> None:
    assert home_of(household) is None


def test_a_card_leads_to_its_holder() -> None:
    for town in TOWNS:
        household = PEOPLE.household(first_household(town) + 5, town)
        for person in household.members:
            if person.card is not None:
                assert holder_of_card(PEOPLE, person.card.serial) == person


@pytest.mark.parametrize("serial", ["TEST999999999999", "TEST000000000007"])
def test_a_card_that_nobody_has_leads_nowhere(serial: str) -> None:
    assert holder_of_card(PEOPLE, serial) is None
