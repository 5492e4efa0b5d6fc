from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scenarios.canonical import as_dict, canonical_json, scenario_hash
from scenarios.errors import ScenarioError
from scenarios.loading import Origin, load, load_with_origins, resolved
from scenarios.quantity import Quantity
from scenarios.toml_text import document
from tests.scenarios.small_scenario import TEXT, Small, changed, only_problem, problems_of, written
from texts import LANGS

# --- what loads ------------------------------------------------------------------------------------------------------


def test_a_file_becomes_a_model_with_its_evidence(tmp_path: Path) -> None:
    small = load(written(tmp_path), Small)
    assert small.one_stop.uptake == Quantity(value=0.16, low=0.08, high=0.25, source="https://example.org/survey")
    assert small.period.start == date(2023, 2, 6)
    assert [int(site.desks.peak) for site in small.sites] == [9, 2]
    assert small.days == 14


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_windows_may_write_the_file(tmp_path: Path, encoding: str, newline: str) -> None:
    path = tmp_path / "small.toml"
    path.write_bytes(TEXT.replace("\n", newline).encode(encoding))
    assert load(path, Small) == load(written(tmp_path, name="plain.toml"), Small)


def test_a_fault_in_a_windows_file_stands_where_an_editor_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_bytes(changed(("minutes = 15", "minutes = -15")).replace("\n", "\r\n").encode("utf-8-sig"))
    problem = only_problem(path)
    assert (problem.line, problem.column, problem.excerpt) == (32, 11, "minutes = -15")


# --- extends ---------------------------------------------------------------------------------------------------------


def child(folder: Path, text: str, name: str = "child.toml", base: str = "small.toml") -> Path:
    return written(folder, f'schema_version = 1\nextends = "{base}"\n{text}', name)


def test_tables_merge_key_by_key(tmp_path: Path) -> None:
    written(tmp_path)
    small = load(child(tmp_path, 'name = "child"\n[period]\nend = 2023-03-31\n'), Small)
    assert (small.name, small.period.start, small.period.end) == ("child", date(2023, 2, 6), date(2023, 3, 31))


@pytest.mark.parametrize("uptake", ["0.3", "{ value = 0.3 }"])
def test_a_quantity_replaces_the_one_of_the_base_with_its_evidence(tmp_path: Path, uptake: str) -> None:
    written(tmp_path)
    small = load(child(tmp_path, f"[one_stop]\nuptake = {uptake}\n"), Small)
    assert small.one_stop.uptake == Quantity(value=0.3)
    assert small.one_stop.available


def test_a_quantity_in_a_child_needs_its_own_value(tmp_path: Path) -> None:
    written(tmp_path, changed(("patience = { value = 60, low = 30, high = 120", "patience = { value = 60, low = 30")))
    path = child(tmp_path, "patience = { value = 10, low = 5 }\n[one_stop.uptake]\nvalue = 0.2\nsource = 'x'\n")
    assert load(path, Small).patience == Quantity(value=10, low=5)
    assert load(path, Small).one_stop.uptake == Quantity(value=0.2, source="x")


def test_items_with_an_id_merge_by_id_and_new_ones_come_last(tmp_path: Path) -> None:
    written(tmp_path)
    text = '[[sites]]\nid = "okubo"\ndesks.peak = 1\n[[sites]]\nid = "yotsuya"\ndesks = { ordinary = 2 }\n'
    small = load(child(tmp_path, text), Small)
    assert [site.id for site in small.sites] == ["main", "yotsuya", "okubo"]
    yotsuya = small.sites[1]
    assert (int(yotsuya.desks.ordinary), int(yotsuya.desks.peak), float(yotsuya.weight)) == (2, 2, 0.1)


def test_other_lists_are_replaced_whole(tmp_path: Path) -> None:
    written(tmp_path)
    small = load(child(tmp_path, "faults = []\n[[surges]]\nfirst = 2023-04-01\npersons = 7\n"), Small)
    assert [int(surge.persons) for surge in small.surges] == [7]
    assert small.faults == ()


def test_extends_makes_chains_relative_to_each_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    written(tmp_path)
    child(tmp_path / "a", "days = 3\nhours = '09:00-10:00'\n", "middle.toml", "../small.toml")
    small = load(child(tmp_path / "b", "days = 4\n", "leaf.toml", "../a/middle.toml"), Small)
    assert (small.days, small.hours, small.name) == (4, "09:00-10:00", "small")


def test_a_base_without_a_version_is_fine(tmp_path: Path) -> None:
    written(tmp_path, changed(("schema_version = 1\n", "")))
    assert load(child(tmp_path, ""), Small).schema_version == 1


def test_a_fault_in_a_base_points_into_the_base(tmp_path: Path) -> None:
    base = written(tmp_path, changed(("minutes = 15", "minutes = -15")))
    problem = only_problem(child(tmp_path, "days = 3\n"))
    assert (problem.file, problem.line, problem.key) == (str(base), 32, "faults[1].minutes")


def test_faults_in_several_files_come_in_one_pass(tmp_path: Path) -> None:
    written(tmp_path, changed(("minutes = 15", "minutes = -15")))
    path = child(tmp_path, 'dasy = 3\n[[sites]]\nid = "yotsuya"\nweight = 2\n')
    found = [(Path(p.file).name, p.line, p.code, p.key) for p in problems_of(path)]
    assert sorted(found) == [
        ("child.toml", 3, "E-extra_forbidden", "dasy"),
        ("child.toml", 6, "E-out_of_range", "sites.yotsuya.weight"),
        ("small.toml", 32, "E-negative_duration", "faults[1].minutes"),
    ]


def test_files_that_extend_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    path = child(tmp_path, "", "a.toml", "b.toml")
    child(tmp_path, "", "b.toml", "./a.toml")
    problem = only_problem(path)
    assert (problem.code, Path(problem.file).name, problem.line) == ("E-extends_circular", "b.toml", 2)
    assert problem.found == "a.toml → b.toml → a.toml"


def test_a_file_that_extends_itself_is_refused(tmp_path: Path) -> None:
    assert only_problem(child(tmp_path, "", "a.toml", "a.toml")).code == "E-extends_circular"


def test_a_missing_base_is_reported_where_it_was_asked_for(tmp_path: Path) -> None:
    written(tmp_path)
    problem = only_problem(child(tmp_path, "", base="smal.toml"))
    assert (problem.code, problem.line, problem.column, problem.key) == ("E-file_missing", 2, 11, "extends")
    assert problem.suggestion == "small.toml"


@pytest.mark.parametrize("name", ["3", "true", '""', '["small.toml"]', '"a\\u0000b"'])
def test_extends_takes_the_name_of_a_file(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f"schema_version = 1\nextends = {name}\n", "child.toml")
    assert only_problem(path).code == "E-extends_no_name"


# --- files that cannot be read ---------------------------------------------------------------------------------------


def test_a_missing_file_gets_a_suggestion(tmp_path: Path) -> None:
    written(tmp_path)
    problem = only_problem(tmp_path / "smoll.toml")
    assert (problem.code, problem.line, problem.suggestion) == ("E-file_missing", None, "small.toml")
    assert only_problem(tmp_path / "nowhere" / "small.toml").code == "E-file_missing"
    assert only_problem(tmp_path / "small.toml" / "below.toml").code == "E-file_missing"


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    assert only_problem(tmp_path).code == "E-file_is_folder"
    assert only_problem(child(tmp_path, "", base=".")).key == "extends"


def test_a_link_to_itself_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    assert only_problem(tmp_path / "loop.toml").code == "E-file_unreadable"


def test_a_name_with_a_zero_byte_is_unreadable() -> None:
    assert only_problem(Path("a\0b.toml")).code == "E-file_unreadable"


def test_a_file_in_shift_jis_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "sjis.toml"
    path.write_bytes('schema_version = 1\nname = "新宿区"\n'.encode("cp932"))
    problem = only_problem(path)
    assert (problem.code, problem.line) == ("E-not_utf8_cp932", 2)


def test_a_file_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(b"schema_version = 1\n\n\x81\x81\xff\xff")
    problem = only_problem(path)
    assert (problem.code, problem.line) == ("E-not_utf8", 3)


# --- TOML ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "text", "column"),
    [
        ('name = "small', "toml.unterminated", 14),
        ("name = 'small", "toml.unterminated", 14),
        ("name small", "toml.equals", 6),
        ("name = ", "toml.value", 8),
        ("name = small", "toml.value", 8),
        ("= 3", "toml.statement", 1),
        ("a. = 3", "toml.key", 4),
        ("[period", "toml.header", 8),
        ("[[sites]", "toml.header", 8),
        ("days = 3 4", "toml.after_value", 10),
        ("days = [3 4]", "toml.array", 11),
        ("days = { a = 3", "toml.inline_table", 15),
        ('name = "C:\\wards"', "toml.backslash", 13),
        ('name = "\\uD800"', "toml.backslash", 15),
        ('name = "\x01"', "toml.character", 9),
        ("days = 2023-02-30", "toml.date", 8),
        ("days = 3\ndays = 4", "toml.twice", 9),
        ("[a]\n[a]", "toml.twice", 3),
        ("days = { a = 3, a = 4 }", "toml.twice", 22),
        ("name ＝ 3", "toml.full_width", 6),
        ("days = ６", "toml.full_width", 8),
        ("name = “small”", "toml.full_width", 8),
        ("\u3000name = 3", "toml.full_width", 1),
    ],
)
def test_broken_toml_is_explained_where_it_breaks(tmp_path: Path, line: str, text: str, column: int) -> None:
    problem = only_problem(written(tmp_path, f"schema_version = 1\n{line}\n"))
    assert (problem.code, problem.text) == ("E-toml_syntax", text)
    assert problem.column == column
    assert problem.line == 2 + line.count("\n")


def test_a_text_that_ends_too_early_is_explained_at_its_end(tmp_path: Path) -> None:
    problem = only_problem(written(tmp_path, "schema_version = 1\ndays = [3,\n\n\n"))
    assert (problem.text, problem.line, problem.column) == ("toml.value", 2, 11)


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a." * 3000 + "a = 1", "[" + "a." * 60 + "a]"])
def test_what_is_nested_too_deeply_is_refused(tmp_path: Path, text: str) -> None:
    assert only_problem(written(tmp_path, f"schema_version = 1\n{text}\n")).text == "toml.nested"


def test_a_number_of_five_thousand_digits_is_refused(tmp_path: Path) -> None:
    problem = only_problem(written(tmp_path, f"schema_version = 1\ndays = {'9' * 5000}\n"))
    assert problem.code == "E-toml_syntax"


# --- versions and ids ------------------------------------------------------------------------------------------------


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


# --- values ----------------------------------------------------------------------------------------------------------


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


# --- resolved, origins, hash -----------------------------------------------------------------------------------------


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


# --- damaged files ---------------------------------------------------------------------------------------------------

PIECES = [
    piece.encode() for piece in ('"', "'", "[", "]", "[[", "{", "}", "=", ".", ",", "\n", "#", "\\", "\0", "－", "１")
]
WORDS_OF_FILES = [
    piece.encode()
    for piece in (
        "extends = 'small.toml'\n",
        "nan",
        "-1",
        "1e400",
        "true",
        "2023-13-01",
        "'a'",
        "{ value = 1 }",
        "[[sites]]\n",
        "[]",
    )
]
NOISE = st.one_of(st.binary(max_size=4), st.sampled_from(PIECES), st.sampled_from(WORDS_OF_FILES))
DAMAGE = st.lists(st.tuples(st.integers(0, len(TEXT.encode())), st.integers(0, 12), NOISE), min_size=1, max_size=3)


def survives(path: Path) -> None:
    try:
        small = load(path, Small)
    except ScenarioError as error:
        problems, texts = error.problems, [error.render(lang) for lang in LANGS]
    else:
        assert len(scenario_hash(small)) == 64
        return
    assert problems
    assert all(str(len(problems)) in text.splitlines()[-1] for text in texts)
    assert all(problem.line is None or problem.line >= 1 for problem in problems)


@given(DAMAGE)
@example([(0, 0, b"a = 1979-05-27T07:32:00+99:99\n")])
@example([(0, 0, b"sites = [{id = 'a'}, 3, {id = []}]\n")])
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_never_ends_in_a_traceback(tmp_path: Path, damage: list[tuple[int, int, bytes]]) -> None:
    raw = TEXT.encode()
    for start, length, noise in damage:
        raw = raw[:start] + noise + raw[start + length :]
    path = tmp_path / "small.toml"
    path.write_bytes(raw)
    survives(path)


VALUES = [
    "3",
    "-3",
    "0.5",
    '"text"',
    "true",
    "[]",
    "{}",
    "[1, 'a']",
    "{ value = 1 }",
    "{ id = 'x' }",
    "2023-02-06",
    "nan",
    "[[1]]",
]


@given(st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_of_any_other_type_never_ends_in_a_traceback(tmp_path: Path, data: st.DataObject) -> None:
    lines = TEXT.splitlines()
    for number in data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=6)):
        key, equals, _ = lines[number].partition(" = ")
        if equals:
            lines[number] = f"{key} = {data.draw(st.sampled_from(VALUES))}"
    survives(written(tmp_path, "\n".join(lines)))


def test_loading_leaves_the_working_folder_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    child(tmp_path, "")
    monkeypatch.chdir(tmp_path)
    assert load("child.toml", Small) == load(tmp_path / "child.toml", Small)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["child.toml", "small.toml"]
