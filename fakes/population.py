"""Which households live where: each town has a range of household numbers of its own, so that nobody lives in two."""

from __future__ import annotations

from typing import Final

from fakes.package.application import MOST_MEMBERS
from fakes.people import People, Person
from fakes.towns import TOWNS

ROOM: Final = 1_000_000
"""Households that a town can have."""
PREFIX: Final = "TEST"
_ORDER: Final = tuple(TOWNS)


def first_household(municipality: str) -> int:
    """Return the number of a town's first household."""
    return _ORDER.index(municipality) * ROOM


def home_of(household: int) -> str | None:
    """Return the town in which a household lives when the scenario begins; None for a number that no town has."""
    place, _ = divmod(household, ROOM)
    return _ORDER[place] if 0 <= place < len(_ORDER) else None


def holder_of_card(people: People, serial: str) -> Person | None:
    """Return who has a card (serial `TEST` and twelve digits); None if nobody does."""
    household = int(serial.removeprefix(PREFIX)) // MOST_MEMBERS
    town = home_of(household)
    if town is None:
        return None
    members = people.household(household, town).members
    return next((person for person in members if person.card is not None and person.card.serial == serial), None)
