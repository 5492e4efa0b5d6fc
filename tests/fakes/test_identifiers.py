"""Check digits, parsing, masking and owner tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.identifiers import (
    Profile,
    address_number,
    card_serial,
    checked_address_number,
    checked_individual_number,
    checked_municipality_code,
    checked_resident_code,
    individual_number,
    masked,
    masked_name,
    municipality_code,
    owner_token,
    resident_code,
)
from fakes.refusals import Code, RefusedError


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


@pytest.mark.parametrize("code", ["131041", "131016", "131130", "011002", "271004", "472018"])
def test_published_municipality_codes_have_the_computed_check_digit(code: str) -> None:
    assert municipality_code(code[:-1]) == code == checked_municipality_code(code)


@pytest.mark.parametrize("code", ["990019", "990027", "990035", "991015"])
def test_codes_of_the_fake_towns_are_of_the_right_form(code: str) -> None:
    assert checked_municipality_code(code) == code


@pytest.mark.parametrize("number", ["123456789018", "345678901234", "379474484458"])
def test_published_sample_numbers_pass_the_legal_profile_and_are_refused_as_test_data(number: str) -> None:
    assert individual_number(number[:-1], Profile.LEGAL) == number
    assert checked_individual_number(number, profile=Profile.LEGAL) == number
    assert _code(lambda: checked_individual_number(number)) is Code.LEGAL_NUMBER


def test_the_published_specimen_of_a_resident_record_code_passes_the_legal_profile() -> None:
    assert resident_code("2472705960", Profile.LEGAL) == "24727059608"
    assert checked_resident_code("24727059608", profile=Profile.LEGAL) == "24727059608"
    assert _code(lambda: checked_resident_code("24727059608")) is Code.LEGAL_NUMBER


def test_the_address_number_follows_the_rule_of_the_specification() -> None:
    assert address_number("12345678901234") == "123456789012340"


@given(digits(11))
def test_a_test_number_is_never_a_legal_one(eleven: str) -> None:
    test, legal = individual_number(eleven), individual_number(eleven, Profile.LEGAL)
    assert test[:-1] == legal[:-1]
    assert (int(test[-1]) - int(legal[-1])) % 10 == 5
    assert checked_individual_number(test) == test
    assert _code(lambda: checked_individual_number(test, profile=Profile.LEGAL)) is Code.CHECK_DIGIT
    assert _code(lambda: checked_individual_number(legal)) is Code.LEGAL_NUMBER


@given(digits(10))
def test_a_test_resident_record_code_is_never_a_legal_one(ten: str) -> None:
    assert checked_resident_code(resident_code(ten)) == resident_code(ten)
    assert _code(lambda: checked_resident_code(resident_code(ten, Profile.LEGAL))) is Code.LEGAL_NUMBER


@given(digits(11), st.integers(0, 9))
def test_of_ten_last_digits_one_is_right_one_is_legal_and_eight_are_wrong(eleven: str, last: int) -> None:
    number = eleven + str(last)
    legal = int(individual_number(eleven, Profile.LEGAL)[-1])
    if last == legal:
        assert _code(lambda: checked_individual_number(number)) is Code.LEGAL_NUMBER
    elif last == (legal + 5) % 10:
        assert checked_individual_number(number) == number
    else:
        assert _code(lambda: checked_individual_number(number)) is Code.CHECK_DIGIT


@given(digits(14), st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_of_an_address_number_shows_unless_the_remainder_is_0_or_1(
    fourteen: str, place: int, added: int
) -> None:
    wrong = fourteen[:place] + str((int(fourteen[place]) + added) % 10) + fourteen[place + 1 :]
    kept = address_number(fourteen)[-1]
    if address_number(wrong)[-1] == kept:
        assert kept == "0"
    else:
        assert _code(lambda: checked_address_number(wrong + kept)) is Code.CHECK_DIGIT


@given(digits(5), st.integers(0, 4), st.integers(1, 9))
def test_one_wrong_digit_of_a_municipality_code_shows_unless_both_remainders_share_a_digit(
    five: str, place: int, added: int
) -> None:
    wrong = five[:place] + str((int(five[place]) + added) % 10) + five[place + 1 :]
    kept = municipality_code(five)[-1]
    if municipality_code(wrong)[-1] == kept:
        assert kept in "01"  # 11 - 1 and 11 - 0 modulo 10
    else:
        assert _code(lambda: checked_municipality_code(wrong + kept)) is Code.CHECK_DIGIT


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Code.REQUIRED),
        ("12345678901", Code.LENGTH),
        ("1234567890123", Code.LENGTH),
        ("12345678901x", Code.CHARACTERS),
        ("１２３４５６７８９０１８", Code.CHARACTERS),
        ("-23456789018", Code.CHARACTERS),
        ("12345678901²", Code.CHARACTERS),
    ],
)
def test_what_is_no_number_is_refused_with_the_official_code(text: str, code: Code) -> None:
    assert _code(lambda: checked_individual_number(text)) is code


def test_a_refusal_names_the_item_and_not_the_number() -> None:
    with pytest.raises(RefusedError) as caught:
        checked_individual_number("123456789018", "member2.individual_number")
    said = caught.value.message("ja") + caught.value.message("en") + str(caught.value)
    assert "異動者2の個人番号" in said
    assert "individual number of person 2" in said
    assert "12345678" not in said
    assert caught.value.status == 422


@given(digits(12), st.sampled_from(["{}", "個人番号={}、", '{{"number":"{}"}}', "GET /x?n={}&m=1", "{}\n", "no {}."]))
def test_no_individual_number_survives_in_a_log(number: str, line: str) -> None:
    assert number not in masked(line.format(number))
    grouped = " ".join((number[:4], number[4:8], number[8:]))
    assert grouped not in masked(line.format(grouped))
    wide = number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert wide not in masked(line.format(wide))


def test_masking_keeps_receipt_numbers_and_lengths() -> None:
    line = "20260302000000001 12345678901234567890 131041 12345678901 123456789018"
    assert masked(line) == "20260302000000001 12345678901234567890 131041 *********** ************"


def test_masked_names_keep_the_first_character_of_each_part() -> None:
    assert masked_name("試験　太郎０００１") == "試＊　太＊＊＊＊＊"
    assert masked_name("") == ""


@given(st.text(max_size=20), st.text(max_size=20))
def test_an_owner_token_is_the_same_everywhere_and_tells_owners_apart(applicant: str, other: str) -> None:
    token = owner_token(7, applicant, "131041")
    assert token == owner_token(7, applicant, "131041")
    assert len(token) == 32
    assert len({token, owner_token(8, applicant, "131041"), owner_token(7, applicant, "990019")}) == 3
    assert (token == owner_token(7, other, "131041")) == (applicant == other)


def test_parts_of_an_owner_token_cannot_be_shifted_into_each_other() -> None:
    assert owner_token(7, "a1", "31041") != owner_token(7, "a", "131041")


def test_the_serial_of_a_card_says_that_it_is_a_test() -> None:
    assert card_serial(42) == "TEST000000000042"
    assert len(card_serial(10**12 - 1)) == 16


def _code(call: object) -> Code:
    assert callable(call)
    with pytest.raises(RefusedError) as caught:
        call()
    return caught.value.code
