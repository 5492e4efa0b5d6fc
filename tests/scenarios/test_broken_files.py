"""Files that cannot be read, and text that is not TOML: each is explained where it breaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scenarios.canonical import scenario_hash
from scenarios.errors import ScenarioError
from scenarios.loading import load
from tests.scenarios.small_scenario import TEXT, Small, child, only_problem, written
from texts import LANGS


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
