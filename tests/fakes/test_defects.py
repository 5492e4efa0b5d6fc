"""Seeded defects: the 22 that the load test must see, off unless named, and a name that is mistyped is told."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path

import pytest

import fakes
from fakes.defects import DEFECTS, Defects, Finding, UnknownDefectError
from texts import LANGS, say

NAMES = """
ack-before-commit lost-after-ack double-delivery idempotency-ignored idempotency-body-unchecked crosstalk-timeout
same-instant-overwrite misroute-old-address truncated-name stale-standby cursor-skips ack-wrong-one batch-cut stall
slow-with-size memory-growth stored-but-500 unaudited-call revoked-accepted out-of-order-telegram partial-household
stale-status
"""


def test_the_registry_holds_exactly_the_defects_that_are_asked_for() -> None:
    assert list(DEFECTS) == NAMES.split()
    assert len(DEFECTS) == 22
    assert {defect.finding for defect in DEFECTS.values()} == set(Finding)


def test_nothing_is_on_unless_it_is_named() -> None:
    for none in (Defects(), Defects.parse(""), Defects.parse(" , ")):
        assert not none
        assert none.header == ""
        assert not any(none.on(name) for name in DEFECTS)


@pytest.mark.parametrize("name", DEFECTS)
def test_one_is_on_and_no_other(name: str) -> None:
    one = Defects.parse(name)
    assert [other for other in DEFECTS if one.on(other)] == [name]
    assert one.header == name


def test_a_list_is_said_in_one_order_however_it_was_written() -> None:
    assert Defects.parse(" stall, batch-cut ,stall,").header == "batch-cut,stall"
    assert Defects.parse("stall,batch-cut").names == ("batch-cut", "stall")


@pytest.mark.parametrize(
    ("text", "found", "meant"),
    [
        ("bach-cut", "bach-cut", "batch-cut"),
        ("stall,lost_after_ack", "lost_after_ack", "lost-after-ack"),
        ("STALL", "STALL", "stall"),
        ("xyz", "xyz", None),
    ],
)
def test_a_name_that_is_mistyped_is_told_with_what_was_meant(text: str, found: str, meant: str | None) -> None:
    with pytest.raises(UnknownDefectError) as caught:
        Defects.parse(text)
    assert (caught.value.found, caught.value.suggestion) == (found, meant)
    for lang in LANGS:
        told = caught.value.say(lang)
        assert found in told
        assert (meant or "stale-status") in told


def test_defects_and_findings_are_said_in_both_languages() -> None:
    for lang, other in product(LANGS, LANGS):
        same = [defect.name for defect in DEFECTS.values() if defect.label(lang) == defect.label(other)]
        assert same == (list(DEFECTS) if lang == other else [])
        assert len({say(f"finding.{finding}", lang) for finding in Finding}) == len(Finding)


def test_every_defect_that_the_code_asks_for_exists_and_bites_at_one_place() -> None:
    asked = [
        str(node.args[0].value)
        for file in Path(fakes.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "on"
        and "defects" in ast.unparse(node.func.value)
        and isinstance(node.args[0], ast.Constant)
    ]
    assert sorted(set(asked) - DEFECTS.keys()) == []
    assert sorted(asked) == sorted(set(asked))
