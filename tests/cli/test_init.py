"""`init` writes a file that can be run at once, and never writes over one; `check` and `schema` beside it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from cli.exits import Exit
from cli.init import TEMPLATES, Template, identifier
from scenarios.json_schema import FILE, NATIONAL_FILE
from scenarios.loading import load, resolved
from scenarios.packaged import path_of
from scenarios.schema import Scenario
from tests.cli.small_ward import files_under, knock, nothing_new, write_small


@pytest.mark.parametrize("template", get_args(Template))
@pytest.mark.parametrize("name", ["my_ward", "新宿.toml", 'deep/er/2023 "x".toml'])
def test_a_new_scenario_passes_its_check_and_changes_nothing_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], template: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deep/er").mkdir(parents=True)
    assert knock("init", name, "--template", template) == Exit.FINE
    file = name if name.endswith(".toml") else f"{name}.toml"
    assert knock("check", file) == Exit.FINE
    launch = resolved(path_of("launch"), Scenario)
    mine = resolved(file, Scenario)
    assert mine["title"]["ja"] == Path(file).stem
    assert {**mine, "name": "", "title": ""} == {**launch, "name": "", "title": ""}
    assert Path(file).with_name(FILE.name).read_text(encoding="utf-8") == FILE.read_text(encoding="utf-8")
    text = Path(file).read_text(encoding="utf-8")
    assert text.startswith(f"#:schema ./{FILE.name}\n")
    assert "@" not in text.replace("@e", "")


def test_the_example_in_the_short_template_works_once_its_marks_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    knock("init", "mine", "--template", "minimal")
    text = Path("mine.toml").read_text(encoding="utf-8")
    Path("mine.toml").write_text(
        text.replace("# [one_stop]", "[one_stop]").replace("# uptake", "uptake"), encoding="utf-8"
    )
    assert float(load("mine.toml", Scenario).one_stop.uptake) == 0.25


def test_every_comment_of_a_template_stands_in_both_languages() -> None:
    for file in TEMPLATES.glob("*.toml"):
        comments = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
        japanese = [line for line in comments if not line.isascii()]
        assert len(japanese) >= 2
        assert len(comments) - len(japanese) >= 2


def test_a_file_that_is_there_is_never_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text("precious", encoding="utf-8")
    Path(FILE.name).write_text("mine too", encoding="utf-8")
    with nothing_new(tmp_path):
        assert knock("init", "mine") == Exit.USAGE
    assert capsys.readouterr().err.startswith("E-use-exists")
    assert Path("mine.toml").read_text(encoding="utf-8") == "precious"
    assert knock("init", "other") == Exit.FINE
    assert Path(FILE.name).read_text(encoding="utf-8") == "mine too"


def test_a_place_that_cannot_be_written_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with nothing_new(tmp_path):
        assert knock("init", "nowhere/mine") == Exit.USAGE
        assert knock("schema", "--write", "--folder", "nowhere") == Exit.USAGE
    assert capsys.readouterr().err.count("E-use-unwritable") == 2


@pytest.mark.parametrize(
    ("stem", "name"),
    [("my_ward", "my_ward"), ("My Ward!", "my_ward"), ("2023", "ward_2023"), ("新宿", "ward"), ("x新y", "x_y")],
)
def test_a_scenario_is_named_after_its_file(stem: str, name: str) -> None:
    assert identifier(stem) == name


def test_the_whole_scenario_is_printed_with_the_place_of_every_value_and_loads_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert knock("check", "peak_march", "--resolved", "--lang", "en") == Exit.FINE
    whole = capsys.readouterr().out
    assert "start = 2023-03-20  # peak_march.toml:" in whole
    assert "since = 2023-02-06  # shinjuku.toml:" in whole
    assert "# default" in whole
    file = tmp_path / "whole.toml"
    file.write_text(whole, encoding="utf-8")
    assert load(file, Scenario) == load(path_of("peak_march"), Scenario)


def test_the_schema_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file, words in ((FILE, []), (NATIONAL_FILE, ["--national"])):
        assert knock("schema", *words) == Exit.FINE
        assert json.loads(capsys.readouterr().out) == json.loads(file.read_text(encoding="utf-8"))
    assert knock("schema", "--write", "--folder", str(tmp_path)) == Exit.FINE
    assert files_under(tmp_path) == sorted([FILE.name, NATIONAL_FILE.name])
    for file in (FILE, NATIONAL_FILE):
        assert (tmp_path / file.name).read_text(encoding="utf-8") == file.read_text(encoding="utf-8")


def test_what_is_fine_is_said_on_one_line_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = write_small(tmp_path, "mine")
    assert knock("check", str(mine), "before", "--lang", "en") == Exit.FINE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{mine}: fine (Trial mine, 2023-03-06 to 2023-03-12)"
    assert lines[1].startswith("before: fine (")
    assert tomllib.loads(mine.read_text(encoding="utf-8"))["name"] == "mine"
