"""Towns, sections, procedures and fake addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.identifiers import checked_municipality_code
from fakes.procedures import HANDLED_BY, Procedure, Section, city_service_code, procedure_id
from fakes.refusals import Code, RefusedError
from fakes.streams import Stream
from fakes.towns import OTHERS, TOWNS, WARD_CODE, fake_address, town
from texts import LANGS


def test_the_ward_is_real_and_every_other_town_has_a_code_that_no_prefecture_has() -> None:
    assert town(WARD_CODE).name == "新宿区"
    assert OTHERS == ("990019", "990027", "990035", "991015")
    assert all(int(code[:2]) > 47 for code in OTHERS)
    assert all(checked_municipality_code(code) == code == place.code for code, place in TOWNS.items())
    assert town(WARD_CODE).five == "13104"


@pytest.mark.parametrize(
    ("code", "refused"), [("131016", Code.UNKNOWN_TOWN), ("131042", Code.CHECK_DIGIT), ("", Code.REQUIRED)]
)
def test_a_town_that_takes_no_part_is_refused(code: str, refused: Code) -> None:
    with pytest.raises(RefusedError) as caught:
        town(code)
    assert caught.value.code is refused
    assert all(caught.value.message(lang) for lang in LANGS)


@given(st.integers(0, 10**6), st.sampled_from(sorted(TOWNS)))
def test_a_fake_address_cannot_be_taken_for_a_real_one(index: int, code: str) -> None:
    address = fake_address(Stream(1, "address"), index, code)
    assert address.town.startswith("試験町")
    assert address.postcode in {"0000000", "9999999"}
    assert address.municipality == code
    assert not any(character.isascii() for character in address.town + address.lot + address.building)


def test_every_procedure_has_a_section_a_name_and_ten_characters_of_its_own() -> None:
    codes = {city_service_code(code, procedure) for code in TOWNS for procedure in Procedure}
    assert len(codes) == len(TOWNS) * len(Procedure)
    assert {len(code) for code in codes} == {10}
    assert procedure_id(WARD_CODE, Procedure.MOVE_OUT) == "TEST1310419101"
    assert HANDLED_BY.keys() == set(Procedure)
    assert set(HANDLED_BY.values()) < set(Section)
    assert all(thing.label(lang) for thing in (*Procedure, *Section) for lang in LANGS)
