"""Synthetic households."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.identifiers import checked_address_number, checked_individual_number, checked_resident_code
from fakes.people import GENERATIONS, GIVEN, SURNAME, People, Person, certificate_serial
from fakes.towns import PHONE, WARD_CODE
from fakes.validity import age_on

TODAY = date(2026, 3, 2)
PEOPLE = People(7, TODAY)
HOUSEHOLDS = [PEOPLE.household(index, WARD_CODE) for index in range(2000)]
EVERYBODY = [person for household in HOUSEHOLDS for person in household.members]
KANA_OF = {kanji: kana for names in GIVEN.values() for kanji, kana in names}
SEX_OF = {kanji: sex for sex, names in GIVEN.items() for kanji, _ in names}


def test_a_household_is_the_same_whenever_and_in_whatever_order_it_is_asked_for() -> None:
    again = People(7, TODAY)
    assert [again.household(index, WARD_CODE) for index in (1999, 5, 0)] == [HOUSEHOLDS[i] for i in (1999, 5, 0)]
    assert People(8, TODAY).household(5, WARD_CODE) != HOUSEHOLDS[5]


def test_no_two_people_share_a_number_a_card_or_a_certificate() -> None:
    for numbers in (
        [person.individual_number for person in EVERYBODY],
        [person.resident_code for person in EVERYBODY],
        [person.address_number for person in EVERYBODY],
        [person.card.serial for person in EVERYBODY if person.card],
        [person.card.authentication.serial for person in EVERYBODY if person.card],
        [household.number for household in HOUSEHOLDS],
    ):
        assert len(set(numbers)) == len(numbers)


def test_every_number_is_a_test_number() -> None:
    for person in EVERYBODY[:500]:
        checked_individual_number(person.individual_number)
        checked_resident_code(person.resident_code)
        checked_address_number(person.address_number)


def test_names_say_that_they_are_tests_and_kana_belong_to_the_kanji() -> None:
    for person in EVERYBODY:
        surname, given = person.name.split("　")
        assert surname == SURNAME[0]
        kanji = given.rstrip("０１２３４５６７８９")
        assert person.kana == f"{SURNAME[1]}　{KANA_OF[kanji]}{given.removeprefix(kanji)}"
        assert SEX_OF[kanji] == person.sex


def test_names_of_all_people_differ() -> None:
    assert len({person.name for person in EVERYBODY}) == len(EVERYBODY)


def test_the_head_comes_first_is_of_age_and_can_sign() -> None:
    for household in HOUSEHOLDS:
        head = household.head
        assert [member.relationship for member in household.members].count("世帯主") == 1
        assert head.relationship == "世帯主"
        assert age_on(head.birth_date, TODAY) >= 20
        assert head.card is not None
        assert head.card.signing is not None


def test_children_are_younger_than_the_head() -> None:
    for household in HOUSEHOLDS:
        ages = {age_on(person.birth_date, TODAY) for person in household.members if person.relationship == "子"}
        assert max(ages, default=0) + 18 < age_on(household.head.birth_date, TODAY)
        assert min(ages, default=0) >= 0


def test_cards_and_certificates_are_valid_today_and_younger_people_cannot_sign() -> None:
    cards = [(person, person.card) for person in EVERYBODY if person.card]
    assert 0.7 < len(cards) / len(EVERYBODY) < 0.98
    for person, card in cards:
        assert person.birth_date <= card.issued_on < TODAY < card.authentication.valid_until <= card.valid_until
        assert (card.signing is None) == (age_on(person.birth_date, card.issued_on) < 15)
        assert card.pin.isdigit()
        assert len(card.pin) == 4
        assert 6 <= len(card.signing_password) <= 16


def test_households_come_in_all_sizes() -> None:
    sizes = [len(household.members) for household in HOUSEHOLDS]
    assert set(sizes) >= {1, 2, 3, 4, 5}
    assert 0.45 < sizes.count(1) / len(sizes) < 0.65


def test_phones_and_mail_addresses_reach_nobody() -> None:
    assert {household.phone for household in HOUSEHOLDS} == {PHONE}
    assert all(household.email.endswith("@example.jp") for household in HOUSEHOLDS)


@settings(max_examples=50)
@given(st.integers(0, 2**40), st.integers(0, 10**7), st.dates(date(2023, 2, 6), date(2035, 12, 31)))
def test_any_seed_day_and_index_make_a_household(seed: int, index: int, today: date) -> None:
    household = People(seed, today).household(index, "990019")
    assert 1 <= len(household.members) <= 8
    assert all(today - timedelta(days=366 * 90) < member.birth_date <= today for member in household.members)


def test_later_addresses_differ_and_stay_in_the_town() -> None:
    addresses = [PEOPLE.address(3, "990027", move) for move in range(4)]
    assert len(set(addresses)) == 4
    assert {address.municipality for address in addresses} == {"990027"}


def test_serial_numbers_of_certificates_fit_and_leave_room_for_renewals() -> None:
    serials = [certificate_serial(person, generation) for person in range(50) for generation in range(GENERATIONS)]
    assert sorted(set(serials)) == list(range(1, 50 * GENERATIONS + 1))
    last: Person = EVERYBODY[-1]
    assert certificate_serial(last.index, GENERATIONS - 1) < 2**31
