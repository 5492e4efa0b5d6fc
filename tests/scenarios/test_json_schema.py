from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel

from scenarios.json_schema import FILE, NATIONAL_FILE, build, text, write
from scenarios.packaged import NATIONAL, WARD, names, schema_of
from scenarios.schema import Scenario
from scenarios.schema.national import NationalScenario
from tests.scenarios.small_scenario import TEXT, Small, changed

FOLDER = FILE.parent


def as_json(data: Any) -> Any:
    """Return TOML data as JSON has it: dates and times are text."""
    if isinstance(data, dict):
        return {key: as_json(value) for key, value in data.items()}
    if isinstance(data, list):
        return [as_json(value) for value in data]
    return data.isoformat() if isinstance(data, (date, datetime, time)) else data


def complaints(source: str, schema: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(schema)
    return sorted(".".join(map(str, e.absolute_path)) for e in validator.iter_errors(as_json(tomllib.loads(source))))


def test_the_schema_is_a_schema_and_accepts_a_file() -> None:
    schema = build(Small)
    Draft202012Validator.check_schema(schema)
    assert complaints(TEXT, schema) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("peak = 2", "paek = 2", "sites.1.desks"),
        ("peak = 2", "peak = 0", "sites.1.desks.peak"),
        ("peak = 2", "peak = 2.5", "sites.1.desks.peak"),
        ("high = 0.25", "high = 1.25", "one_stop.uptake"),
        ("value = 0.16, ", "", "one_stop.uptake"),
        ("minutes = 15", "minutes = 0", "faults.0"),
        ("schema_version = 1", "schema_version = 2", "schema_version"),
        ("schema_version = 1", "", ""),
        ('2023-02"', '2023-2"', "months"),
        ('name = "small"', 'nmae = "small"', ""),
    ],
)
def test_an_editor_sees_what_loading_would_refuse(old: str, new: str, place: str) -> None:
    assert complaints(changed((old, new)), build(Small)) == [place]


def test_a_file_may_leave_keys_to_the_one_that_it_extends() -> None:
    child = 'schema_version = 1\nextends = "small.toml"\n[period]\nend = 2023-03-31\n[[sites]]\nid = "main"\n'
    assert complaints(child, build(Small)) == []


def test_a_quantity_is_a_number_or_a_table_and_described_once() -> None:
    schema = build(Small)
    assert schema["$defs"]["OneStop"]["properties"]["uptake"] == {
        "$ref": "#/$defs/Share",
        "description": "オンライン届出率 / share that files online",
    }
    number, table = schema["$defs"]["Share"]["anyOf"]
    assert number == {"type": "number", "minimum": 0, "maximum": 1}
    assert table["required"] == ["value"]
    assert all(table["properties"][name]["maximum"] == 1 for name in ("value", "low", "high"))
    assert schema["$defs"]["PositiveCount"]["anyOf"][0] == {"type": "integer", "minimum": 1}


def test_times_are_local_dates_and_times() -> None:
    assert build(Small)["properties"]["at"] == {"type": "string", "format": "date-time-local"}


def everything_in(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for part in schema for found in everything_in(part)]
    if isinstance(schema, dict):
        return [schema, *(found for part in schema.values() for found in everything_in(part))]
    return []


def test_nothing_of_the_making_is_left_in_the_schema() -> None:
    for part in everything_in(build(Scenario)):
        assert "x-kind" not in part
        assert part.get("type") != "null"
        assert not isinstance(part.get("title"), str)


def test_references_lead_somewhere_and_nothing_is_unused() -> None:
    schema = build(Scenario)
    used = {
        part["$ref"].removeprefix("#/$defs/") for part in everything_in(schema) if isinstance(part.get("$ref"), str)
    }
    assert used == set(schema["$defs"])


def test_the_text_is_the_same_in_another_process(tmp_path: Path) -> None:
    assert write(Small, tmp_path / "schema.json").read_text(encoding="utf-8") == text(Small)
    code = (
        "from scenarios.json_schema import text; from tests.scenarios.small_scenario import Small;"
        "import sys; sys.stdout.buffer.write(text(Small).encode())"
    )
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            cwd=FOLDER.parent,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        assert run.stdout.decode() == text(Small)


@pytest.mark.parametrize(("model", "file"), [(Scenario, FILE), (NationalScenario, NATIONAL_FILE)])
def test_the_schema_beside_the_scenarios_is_that_of_the_model(model: type[BaseModel], file: Path) -> None:
    again = "the model has changed; write its schema again: hikkoshi schema --write"
    assert file.read_text(encoding="utf-8") == text(model), again


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.name)
def test_every_scenario_of_the_house_fits_its_schema(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    schema = json.loads((FOLDER / schema_of(file)).read_text(encoding="utf-8"))
    assert complaints(source, schema) == []


def test_every_scenario_of_the_house_is_of_one_of_two_kinds() -> None:
    of_ward, of_country = names(WARD), names(NATIONAL)
    assert "launch" in of_ward
    assert "national_march" in of_country
    assert sorted(of_ward + of_country) == sorted(file.stem for file in FOLDER.glob("*.toml"))
