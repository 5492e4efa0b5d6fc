"""The page on the country shows the whole answer of the reference run and names every table and field."""

from __future__ import annotations

import pytest

from cli.national.document import Document
from results.tables import TABLES
from sim.documents import DOCS, parts_of
from sim.national.documents import SECTIONS, national_part
from sim.national.study import TABLE_NAMES

PAGE = (DOCS / "national.md").read_text(encoding="utf-8")


def test_every_part_of_the_answer_is_shown_once() -> None:
    parts = [name for kind, name in parts_of(PAGE) if kind == "national"]
    assert sorted(parts) == sorted(["run", "findings ja", "findings en", *SECTIONS, "variants", "inputs"])


def test_a_part_that_there_is_not_is_no_part() -> None:
    with pytest.raises(KeyError):
        national_part("weather")


def test_every_table_and_every_column_is_named() -> None:
    keys = {"arm", "replication", "system", "period", "span", "date", "kind", "town", "measure", "hour", "minute"}
    for name in TABLE_NAMES:
        (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
        assert [column for column in TABLES[name].names if column not in keys and f"`{column}`" not in row] == []
        assert ("✓" in row) == TABLES[name].spreadsheet


def test_every_field_of_the_json_object_is_named() -> None:
    assert [name for name in Document.model_fields if f"`{name}`" not in PAGE] == []
