"""Versions, ids and values that are wrong: all of them in one pass, each where it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.loading import load
from tests.scenarios.small_scenario import TEXT, Small, changed, child, only_problem, problems_of, written


def test_the_version_is_required_in_the_file_itself(tmp_path: Path) -> None:
    written(tmp_path)
    path = written(tmp_path, 'extends = "small.toml"\n', "child.toml")
    assert [(p.code, p.allowed) for p in problems_of(path)] == [("E-schema_version_missing", "1")]


def test_a_missing_version_hides_no_other_fault(tmp_path: Path) -> None:
    path = written(tmp_path, changed(("schema_version = 1\n", ""), ("minutes = 15", "minutes = 0")))
    assert [p.code for p in problems_of(path)] == ["E-schema_version_missing", "E-greater_than"]


@pytest.mark.parametrize("version", ["2", "0", '"1"', "1.0", "true", "[1]"])
def test_another_version_is_refused_before_anything_else(tmp_path: Path, version: str) -> None:
    path = written(tmp_path, changed(("schema_version = 1", f"schema_version = {version}"), ("= 15", "= -15")))
    problem = only_problem(path)
    assert (problem.code, problem.found, problem.line) == ("E-schema_version", version, 1)


def test_another_version_in_a_base_is_refused_in_the_base(tmp_path: Path) -> None:
    written(tmp_path, changed(("schema_version = 1", "schema_version = 9")))
    problem = only_problem(child(tmp_path, ""))
    assert (problem.code, Path(problem.file).name) == ("E-schema_version", "small.toml")


def test_an_id_names_one_item(tmp_path: Path) -> None:
    problem = only_problem(written(tmp_path, changed(('id = "yotsuya"', 'id = "main"'))))
    assert (problem.code, problem.line, problem.column) == ("E-id_twice", 17, 6)


@pytest.mark.parametrize(
    ("old", "new", "code", "key", "marked"),
    [
        ("minutes = 15", "minutes = -15", "E-negative_duration", "faults[1].minutes", "-15"),
        ("= 15", "= { value = 15, low = -1 }", "E-negative_duration", "faults[1].minutes.low", "-1"),
        ("minutes = 15", 'minutes = "15"', "E-quantity_type", "faults[1].minutes", '"15"'),
        ("low = 0.08", "low = 0.2", "E-low_above_value", "one_stop.uptake.low", "0.2"),
        ("high = 0.25", "high = 1.25", "E-out_of_range", "one_stop.uptake.high", "1.25"),
        ("value = 0.16, ", "", "E-missing", "one_stop.uptake.value", "uptake"),
        ("peak = 2", "peak = 2.0", "E-int_type", "sites.yotsuya.desks.peak", "2.0"),
        ("weight = 0.1", "weihgt = 0.1", "E-extra_forbidden", "sites.yotsuya.weihgt", "weihgt"),
        ("peak = 2", "peak = 2\nweihgt = 1", "E-extra_forbidden", "sites.yotsuya.desks.weihgt", "weihgt"),
        ("persons = 200", "persons = nan", "E-int_type", "surges[2].persons", "nan"),
        ("first = 2023-03-08", "first = '2023-03-08'", "E-date_type", "surges[2].first", "'2023-03-08'"),
        ("end = 2023-04-30", "end = 2023-01-30", "E-period_reversed", "period.end", "2023-01-30"),
        ("end = 2023-04-30", "", "E-missing", "period.end", "period"),
        ('id = "main"', 'id = "mian"', "E-unknown_staff", "sites.mian.id", '"mian"'),
        ('kind = "outage"', 'kind = "outrage"', "E-literal_error", "faults[1].kind", '"outrage"'),
        ('kind = "outage"', "", "E-missing", "faults[1].kind", "faults"),
        ('"2023-02" = 0.5', '"2023-2" = 0.5', "E-string_pattern_mismatch", "months.2023-2", '"2023-2"'),
        ('"2023-02" = 0.5', '"2023-02" = -0.5', "E-greater_than_equal", "months.2023-02", "-0.5"),
        ('name = "small"', 'name = ""', "E-string_too_short", "name", '""'),
        ('name = "small"', "name = 3", "E-string_type", "name", "3"),
        ('name = "small"', 'name = "a"\nmode = "hand-over"', "E-literal_error", "mode", '"hand-over"'),
        ('name = "small"', 'name = "a"\nhours = "9-5"', "E-string_pattern_mismatch", "hours", '"9-5"'),
        ('name = "small"', 'name = "a"\ndays = 14.0', "E-int_type", "days", "14.0"),
        ('name = "small"', 'name = "a"\ndays = 121', "E-less_than_equal", "days", "121"),
        ('name = "small"', 'name = "a"\nat = 2023-02-06', "E-datetime_type", "at", "2023-02-06"),
        ('name = "small"', 'name = "a"\nnote = ["b"]', "E-string_type", "note", '["b"]'),
        ('name = "small"', 'name = """a\nb"""\nnote = true', "E-string_type", "note", "true"),
    ],
)
def test_a_fault_is_found_where_it_was_written(
    tmp_path: Path, old: str, new: str, code: str, key: str, marked: str
) -> None:
    text = changed((old, new))
    problem = only_problem(written(tmp_path, text))
    assert (problem.code, problem.key) == (code, key)
    assert problem.line is not None
    assert problem.column is not None
    assert problem.excerpt == text.splitlines()[problem.line - 1]
    assert problem.excerpt[problem.column - 1 :][: problem.length] == marked


@pytest.mark.parametrize(
    ("gone", "key", "header"),
    [
        ('id = "main"\n', "sites[1].id", 1),
        ('id = "yotsuya"\n', "sites[2].id", 2),
        ("persons = 200\n", "surges[2].persons", 4),
        ("first = 2023-03-01\npersons = 100\n", "surges[1].first", 3),
    ],
)
def test_what_an_item_lacks_is_reported_at_its_own_header(tmp_path: Path, gone: str, key: str, header: int) -> None:
    text = changed((gone, ""))
    problem = problems_of(written(tmp_path, text))[0]
    headers = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("[[")]
    assert (problem.code, problem.key) == ("E-missing", key)
    assert problem.line == headers[header - 1]


def test_whole_tables_of_the_wrong_type_are_found(tmp_path: Path) -> None:
    text = 'schema_version = 1\nname = "a"\nperiod = 3\none_stop = []\nsites = { id = "main" }\nmonths = "x"\n'
    found = [(p.code, p.key, p.line) for p in problems_of(written(tmp_path, text))]
    assert found == [
        ("E-model_type", "period", 3),
        ("E-model_type", "one_stop", 4),
        ("E-list_type", "sites", 5),
        ("E-model_type", "months", 6),
    ]


def test_a_missing_table_has_no_line_to_point_at(tmp_path: Path) -> None:
    text = TEXT[: TEXT.index("[period]")] + TEXT[TEXT.index("[one_stop]") :]
    problem = only_problem(written(tmp_path, text))
    assert (problem.code, problem.key, problem.line) == ("E-missing", "period", None)


@pytest.mark.parametrize(
    ("old", "new", "suggestion"),
    [
        ("peak = 2", "paek = 2", "peak"),
        ("patience", "Patience", "patience"),
        ("[one_stop]", "[one-stop]", "one_stop"),
        ('kind = "outage"', 'kind = "Outage"', "outage"),
        ("uptake = {", "intake = {", "uptake"),
        ("persons = 200", "colour = 200", None),
    ],
)
def test_near_misses_get_a_suggestion(tmp_path: Path, old: str, new: str, suggestion: str | None) -> None:
    problems = [p for p in problems_of(written(tmp_path, changed((old, new)))) if p.code != "E-missing"]
    assert [p.suggestion for p in problems] == [suggestion]


def test_a_pattern_is_shown_by_its_example(tmp_path: Path) -> None:
    problem = only_problem(written(tmp_path, changed(('name = "small"', 'name = "small"\nhours = "9-5"'))))
    assert problem.allowed == "08:30-17:00"


def test_every_fault_of_a_file_comes_in_one_pass_from_top_to_bottom(tmp_path: Path) -> None:
    text = changed(("low = 30", "low = 90"), ("peak = 9", "peak = 0"), ("persons = 100", "persnos = 1"))
    found = [(p.line, p.code) for p in problems_of(written(tmp_path, text))]
    assert found == [
        (3, "E-low_above_value"),
        (14, "E-greater_than_equal"),
        (22, "E-missing"),
        (24, "E-extra_forbidden"),
    ]


def test_without_the_locator_only_the_lines_are_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, changed(("minutes = 15", "minutes = -15")))

    def fail(_: str) -> None:
        raise RuntimeError("no positions today")

    monkeypatch.setattr("spanned_toml.loads", fail)
    problem = only_problem(path)
    assert (problem.code, problem.key, problem.found, problem.line) == (
        "E-negative_duration",
        "faults[1].minutes",
        "-15",
        None,
    )
    assert load(written(tmp_path, name="good.toml"), Small).name == "small"
