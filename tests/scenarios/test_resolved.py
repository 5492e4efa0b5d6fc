"""Resolved scenarios: every default, where each value comes from, the hash, and text that reads back."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.canonical import as_dict, canonical_json, scenario_hash
from scenarios.loading import Origin, load, load_with_origins, resolved
from scenarios.toml_text import document
from tests.scenarios.small_scenario import Small, changed, child, written


def test_a_resolved_scenario_has_every_default_and_reads_back(tmp_path: Path) -> None:
    data = resolved(written(tmp_path), Small)
    assert (data["mode"], data["days"], data["one_stop"]["connections"]) == ("finish", 14, 30)
    assert "note" not in data
    again = written(tmp_path, document(data), "again.toml")
    assert tomllib.loads(again.read_text(encoding="utf-8")) == data
    assert load(again, Small) == load(tmp_path / "small.toml", Small)


def test_origins_name_the_file_and_line_of_each_value(tmp_path: Path) -> None:
    base = written(tmp_path)
    leaf = child(tmp_path, 'days = 3\n[[sites]]\nid = "yotsuya"\ndesks.peak = 3\n')
    origins = load_with_origins(leaf, Small).origins
    assert origins["days"] == Origin(str(leaf), 3)
    assert origins["sites.yotsuya.desks.peak"] == Origin(str(leaf), 6)
    assert origins["sites.yotsuya.weight"] == Origin(str(base), 18)
    assert origins["one_stop.uptake"] == Origin(str(base), 10)
    assert origins["surges[2].persons"] == Origin(str(base), 28)
    assert origins["mode"] == Origin()


def test_origins_cover_every_value(tmp_path: Path) -> None:
    loaded = load_with_origins(written(tmp_path), Small)
    assert loaded.data == as_dict(loaded.scenario)
    notes = {key: f"{origin.line}" for key, origin in loaded.origins.items()}
    lines = [line for line in document(loaded.data, notes).splitlines() if "=" in line]
    assert len(lines) == len(notes)
    assert all("  # " in line for line in lines)


def test_comments_order_and_the_way_of_writing_do_not_change_the_hash(tmp_path: Path) -> None:
    same = changed(
        ('name = "small"\n', ""),
        ("patience = { value = 60, low", 'name = "small" # the same\ndays = 14\npatience = { value = 60.0, low'),
        ("weight = 0.1", "weight = { value = 1e-1 }"),
    )
    first = scenario_hash(load(written(tmp_path), Small))
    assert scenario_hash(load(written(tmp_path, same), Small)) == first
    assert scenario_hash(load(written(tmp_path, changed(("0.16", "0.17"))), Small)) != first
    assert len(first) == 64


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # numbers of RFC 8785, appendix B, and of section 3.2.2
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-1.7976931348623157e308, "-1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333332, "333333333.3333332"),
        (4.50, "4.5"),
        (2e-3, "0.002"),
        (1e-27, "1e-27"),
        (120.0, "120"),
        (120, "120"),
        (True, "true"),
        (date(2023, 2, 6), '"2023-02-06"'),
        ('\u20ac$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ({"\U0001f600": 1, "\ufb33": 2, "b": [1, 2.5], "a": {}}, '{"a":{},"b":[1,2.5],"\U0001f600":1,"\ufb33":2}'),
    ],
)
def test_canonical_json_follows_the_rules_of_rfc_8785(value: object, text: str) -> None:
    assert canonical_json(value).decode() == text


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_canonical_json_has_no_infinity(value: float) -> None:
    with pytest.raises(ValueError, match="infinity"):
        canonical_json({"a": value})


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_canonical_numbers_read_back(value: float) -> None:
    assert float(canonical_json(value)) == value


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.one_of(
    WORDS, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.dates(), st.datetimes()
)
DATA = st.recursive(
    st.dictionaries(WORDS, SCALARS, max_size=4),
    lambda inner: st.dictionaries(WORDS, st.one_of(SCALARS, inner, st.lists(inner, max_size=3)), max_size=4),
    max_leaves=12,
)


@given(DATA)
@settings(max_examples=200)
def test_a_written_document_reads_back_as_the_same_data(data: dict[str, object]) -> None:
    assert tomllib.loads(document(data)) == data
