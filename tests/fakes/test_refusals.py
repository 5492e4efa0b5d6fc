"""What is refused is said in both languages, with a code, a status and the item's name, and shows nothing hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.refusals import STATUS, Code, RefusedError, label
from texts import LANGS, say

VALUES = {"length": 5, "limit": 100, "line": 1, "column": 2, "found": "x"}


@pytest.mark.parametrize("code", [code for code in Code if code.value < "E3"])
def test_every_code_has_a_sentence_in_both_languages_and_a_status_of_the_clients_side(code: Code) -> None:
    refused = RefusedError(code, "name", **VALUES)
    assert refused.message("ja") != refused.message("en")
    assert 400 <= refused.status < 500
    assert str(refused).startswith(f"{code.value} ")


def test_the_official_sentences_are_the_official_ones() -> None:
    assert RefusedError(Code.REQUIRED, "name").message("ja") == "【氏名】が設定されていません。"
    assert RefusedError(Code.LENGTH, "postcode", length=7).message("ja") == "【郵便番号】は7桁で設定してください。"


def test_sizes_are_413_and_data_that_could_be_real_422() -> None:
    assert {STATUS[code] for code in (Code.PACKAGE_SIZE, Code.FILE_SIZE, Code.BOMB)} == {413}
    assert {STATUS[code] for code in (Code.UNMARKED, Code.LEGAL_NUMBER)} == {422}
    assert RefusedError(Code.REQUIRED).status == 400


def test_items_of_people_and_addresses_are_named_with_their_owner() -> None:
    assert label("member2.name", "ja") == "異動者2の氏名"
    assert label("new_address.town", "en") == "town area of the new address"
    assert label("applicant.kana", "ja") == "申請者の氏名フリガナ"


@given(st.text(max_size=200))
def test_a_hostile_file_name_comes_out_short_and_harmless(name: str) -> None:
    for lang in LANGS:
        shown = label("Attachment/" + name, lang)
        assert len(shown) <= 60
        assert not any(character in shown for character in "\x00\x1b\n\r<>\"'&\u202e")


def test_every_sentence_takes_what_it_is_given() -> None:
    assert say("fakes.E1101", "en", item="sinsei.xml", line=3, column=4) == (
        "“sinsei.xml” is not well-formed XML (line 3, column 4)."
    )
