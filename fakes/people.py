"""Synthetic households: the same for the same seed, index and day, in every process; nobody real, and never issued.

Names are 試験 and a given name of Faker's with the kana that belongs to the kanji; numbers are of the profile `test`.
Ages and households are plausible, not measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from faker.providers.person.ja_JP import Provider
from msgspec import Struct

from fakes.identifiers import address_number, card_serial, individual_number, resident_code
from fakes.package.application import MOST_MEMBERS, Address
from fakes.streams import Permutation, Stream, Weighted
from fakes.towns import PHONE, fake_address, wide
from fakes.validity import SIGNING_FROM_AGE, age_on, birthday_in, card_valid_until, certificate_valid_until

SURNAME: Final = ("試験", "シケン")
MALE: Final = "1"
FEMALE: Final = "2"
"""性別, JIS X 0303."""

GIVEN: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    sex: tuple((kanji, kana) for kanji, kana, _ in pairs)
    for sex, pairs in ((MALE, Provider.first_name_male_pairs), (FEMALE, Provider.first_name_female_pairs))
}
"""Given names with their kana, by sex: Faker's for Japan, of which `name()` and `kana_name()` alone would not agree."""

GENERATIONS: Final = 8
"""Certificates that one person can have had, one after the other, on the serial numbers reserved for them."""

MOST_PEOPLE: Final = 2**31 // GENERATIONS
"""So many have a number, because certificates have serial numbers of 31 bits (assumption)."""

_KINDS = (("single", 55), ("couple", 17), ("family", 23), ("one_parent", 5))
_KIND = Weighted([weight for _, weight in _KINDS])
_CHILDREN = Weighted([45, 40, 12, 3])
_CARD_AGE_DAYS = 1200  # under four years, so that the fifth birthday after issue is still to come
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Certificate(Struct, frozen=True):
    """What stands on a card about one of its certificates: serial number and last day."""

    serial: int
    valid_until: date


class Card(Struct, frozen=True):
    """An individual number card (マイナンバーカード) and its secrets; `signing` is None for younger people."""

    serial: str
    issued_on: date
    valid_until: date
    pin: str
    signing_password: str
    authentication: Certificate
    signing: Certificate | None


class Person(Struct, frozen=True):
    """A member of a household; `index` is unique among all people of a seed."""

    index: int
    name: str
    kana: str
    sex: str
    birth_date: date
    relationship: str
    individual_number: str
    resident_code: str
    address_number: str
    card: Card | None


class Household(Struct, frozen=True):
    """People who live together; the first is the head (世帯主) and files for all."""

    index: int
    number: str
    address: Address
    phone: str
    email: str
    members: tuple[Person, ...]

    @property
    def head(self) -> Person:
        """The head of the household, who always has a card with both certificates."""
        return self.members[0]


class People:
    """All households of a seed.

    Parameters
    ----------
    seed
        Of the scenario.
    today
        Day on which ages and cards are taken.
    """

    def __init__(self, seed: int, today: date) -> None:
        self.today = today
        self._individual = Permutation(seed, "individual number", 10**11)
        self._resident = Permutation(seed, "resident-record code", 10**10)
        self._address_number = Permutation(seed, "address number", 10**14)
        self._household_number = Permutation(seed, "household number", 10**14)
        self._composition = Stream(seed, "composition")
        self._life = Stream(seed, "life")
        self._card = Stream(seed, "card")
        self._address = Stream(seed, "address")

    def household(self, index: int, municipality: str) -> Household:
        """Return household number `index`, living in a municipality."""
        return Household(
            index=index,
            number=address_number(f"{self._household_number[index]:014d}"),
            address=self.address(index, municipality),
            phone=PHONE,
            email=f"shiken{index + 1:04d}@example.jp",
            members=tuple(self._members(index)),
        )

    def person(self, index: int) -> Person | None:
        """Return a person by number, wherever they live; None if nobody has that number."""
        if not 0 <= index < MOST_PEOPLE:
            return None
        members = self._members(index // MOST_MEMBERS)
        return next((person for person in members if person.index == index), None)

    def with_number(self, individual_number: str) -> Person | None:
        """Return the person whose individual number this is, check digit included; None if it is nobody's."""
        person = self.person(self._individual.index_of(int(individual_number[:-1])))
        return person if person is not None and person.individual_number == individual_number else None

    def address(self, index: int, municipality: str, move: int = 0) -> Address:
        """Return where a household lives; `move` counts its later addresses, up to 999."""
        return fake_address(self._address, index * 1000 + move, municipality)

    def _members(self, household: int) -> Iterator[Person]:
        kind = _KINDS[_KIND.pick(self._composition, household * 3)][0]
        head_sex = MALE if self._composition.below(household * 3 + 1, 2) else FEMALE
        partner_sex = FEMALE if head_sex == MALE else MALE
        head_age = 20 + self._life.below(household * MOST_MEMBERS, 66)
        if kind in {"family", "one_parent"}:
            head_age = 25 + head_age % 35
        head = self._person(household, 0, head_sex, head_age, "世帯主")
        yield head
        position = 1
        if kind in {"couple", "family"}:
            gap = self._life.below(household * MOST_MEMBERS + 1, 9) - 4
            relationship = "妻" if partner_sex == FEMALE else "夫"
            yield self._person(household, 1, partner_sex, max(20, head_age + gap), relationship)
            position = 2
        if kind in {"family", "one_parent"}:
            for child in range(position, position + 1 + _CHILDREN.pick(self._composition, household * 3 + 2)):
                drawn = self._life.word(household * MOST_MEMBERS + child)
                sex = MALE if drawn & 1 else FEMALE
                yield self._person(household, child, sex, (drawn >> 1) % min(23, head_age - 19), "子")

    def _person(self, household: int, position: int, sex: str, age: int, relationship: str) -> Person:
        index = household * MOST_MEMBERS + position
        drawn = self._life.word(index) >> 32
        # positions differ within a household, so its members never share a given name
        given, kana = GIVEN[sex][(self._life.word(household) + position) % len(GIVEN[sex])]
        number = wide(f"{household + 1:04d}")
        birth = birthday_in(self.today, self.today.year - age) - timedelta(days=drawn % 365)
        return Person(
            index=index,
            name=f"{SURNAME[0]}　{given}{number}",
            kana=f"{SURNAME[1]}　{kana}{number}",
            sex=sex,
            birth_date=birth,
            relationship=relationship,
            individual_number=individual_number(f"{self._individual[index]:011d}"),
            resident_code=resident_code(f"{self._resident[index]:010d}"),
            address_number=address_number(f"{self._address_number[index]:014d}"),
            card=self._card_of(index, birth, must=position == 0),
        )

    def _card_of(self, index: int, birth: date, *, must: bool) -> Card | None:
        drawn, missing = divmod(self._card.word(index), 5)
        lived = (self.today - birth).days
        if (missing == 0 and not must) or lived == 0:
            return None
        drawn, days = divmod(drawn, min(_CARD_AGE_DAYS, lived))
        drawn, pin = divmod(drawn, 10**4)
        letters = []
        for _ in range(8):
            drawn, letter = divmod(drawn, len(_ALPHABET))
            letters.append(_ALPHABET[letter])
        issued = self.today - timedelta(days=1 + days)  # so that it is valid from the first minute of the scenario
        until = card_valid_until(birth, issued)
        certificate = Certificate(certificate_serial(index), certificate_valid_until(birth, issued, until))
        return Card(
            serial=card_serial(index),
            issued_on=issued,
            valid_until=until,
            pin=f"{pin:04d}",
            signing_password="".join(letters),
            authentication=certificate,
            signing=certificate if age_on(birth, issued) >= SIGNING_FROM_AGE else None,
        )


def certificate_serial(person: int, generation: int = 0) -> int:
    """Return the serial number of a person's certificate, positive; a renewed one is the next generation."""
    if not 0 <= generation < GENERATIONS:
        raise ValueError(f"a person has at most {GENERATIONS} certificates")
    return person * GENERATIONS + generation + 1
