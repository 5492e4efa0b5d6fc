"""The table of items agrees with the message types that it fills."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from msgspec import Struct

from fakes.package.application import Address, Applicant, Application, Member
from fakes.package.forms import APPLICANT, APPLICATION, FORMS, MEMBER_ITEMS, REQUIRED, Kind
from fakes.refusals import label
from texts import LANGS


@pytest.mark.parametrize(
    ("struct", "group"),
    [
        (Applicant, APPLICANT["applicant"]),
        (Address, APPLICATION["old_address"]),
        (Address, APPLICATION["new_address"]),
        (Member, APPLICATION["member1"]),
        (Member, APPLICATION["member8"]),
    ],
)
def test_rules_stand_in_the_order_of_the_fields_and_have_their_types(
    struct: type[Struct], group: tuple[object, ...]
) -> None:
    rules = APPLICANT["applicant"] if struct is Applicant else group
    assert tuple(rule.field for rule in rules) == struct.__struct_fields__  # type: ignore[attr-defined]
    hints = get_type_hints(struct)
    for rule in rules:
        assert (rule.kind is Kind.DATE) == (hints[rule.field].__name__ == "date")  # type: ignore[attr-defined]
        assert rule.required == (rule.field not in _optional(struct))  # type: ignore[attr-defined]


def test_lengths_are_those_of_the_official_api() -> None:
    lengths = {
        rule.field: rule.length for groups in (APPLICANT, APPLICATION) for group in groups.values() for rule in group
    }
    assert lengths["name"] == lengths["kana"] == lengths["head"] == 100
    official = {"prefecture": 4, "city": 12, "town": 120, "lot": 50, "building": 300, "postcode": 7, "municipality": 6}
    assert {field: lengths[field] for field in official} == official
    assert (lengths["individual_number"], lengths["sex"], lengths["birth_date"]) == (12, 1, 10)


def test_the_planned_visit_may_be_left_out_and_the_other_days_not() -> None:
    assert {rule.field: rule.required for rule in APPLICATION["dates"]} == {
        "requested_on": True,
        "moving_date": True,
        "planned_visit_date": False,
    }


def test_every_item_has_a_name_in_both_languages() -> None:
    items = (
        {rule.label for form in FORMS for group in form.groups.values() for rule in group}
        | (REQUIRED - {"member1"})
        | {"member"}
    )
    for item in items:
        japanese, english = (label(item, lang) for lang in LANGS)
        assert japanese != english
        assert item not in {japanese, english} or item in {
            "name",
            "sex",
            "applicant",
            "procedures",
            "dates",
            "household",
        }


def test_members_are_numbered_from_one() -> None:
    assert MEMBER_ITEMS[0] == "member1"
    assert len(MEMBER_ITEMS) == 8
    assert set(MEMBER_ITEMS) < APPLICATION.keys()
    assert Application.__struct_fields__[0] == "procedures"


def _optional(struct: type[Struct]) -> tuple[str, ...]:
    count = len(struct.__struct_defaults__)
    return struct.__struct_fields__[-count:] if count else ()
