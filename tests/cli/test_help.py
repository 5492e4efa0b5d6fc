"""Help is whole in both languages, and the page on the command line names everything that there is."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path
from typing import get_args

import pytest
from rich.cells import cell_len

import cli
from cli.answer_json import Document
from cli.app import BELOW, COMMANDS
from cli.exits import Exit
from cli.options import Engine
from cli.verify import verify
from sim.engines import ENGINES
from tests.cli.small_ward import knock
from texts import LANGS, Lang, say

NAMES = [command.__name__ for command in COMMANDS]
BELOW_NAMES = [f"{above.__name__} {own.__name__}" for above, commands in BELOW.items() for own in commands]
PAGE = (Path(cli.__file__).parent.parent / "docs" / "command_line.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", [*NAMES, *BELOW_NAMES])
def test_help_of_a_command_has_a_line_in_each_language_and_words_for_every_option(
    name: str, lang: Lang, capsys: pytest.CaptureFixture[str]
) -> None:
    assert knock(*name.split(), "--help", "--lang", lang) == Exit.FINE
    page = capsys.readouterr().out
    flat = "".join(page.split())
    assert all("".join(say("cli.command." + name.replace(" ", "."), own).split()) in flat for own in LANGS)
    assert "cli." not in page
    assert "here" not in re.findall(r"--(\w+)", page)
    for line in page.splitlines():
        assert cell_len(line) <= 80, line
        assert line == line.rstrip()
    options = [line.split("  ") for line in page.splitlines() if line.startswith("  --")]
    assert all(len([part for part in line if part.strip()]) == 2 for line in options), options


@pytest.mark.parametrize("lang", LANGS)
def test_the_front_page_lists_every_command_and_what_goes_with_all_of_them(
    lang: Lang, capsys: pytest.CaptureFixture[str]
) -> None:
    assert knock("--help", f"--lang={lang}") == Exit.FINE
    page = capsys.readouterr().out
    assert [
        line.split()[0] for line in page.splitlines() if line[2:].split()[:1] and line[2:].split()[0] in NAMES
    ] == NAMES
    assert "--lang ja|en" in page
    assert "HIKKOSHI_LANG" in page


def test_without_a_command_the_front_page_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert knock() == Exit.FINE
    assert "compare" in capsys.readouterr().out


def test_the_page_on_the_command_line_names_every_command_exit_code_and_field() -> None:
    assert all(f"`hikkoshi {name}" in PAGE for name in (*NAMES, *BELOW_NAMES))
    codes = re.findall(r"^\| (\d+) \| ", PAGE, re.MULTILINE)
    assert [int(code) for code in codes] == [int(code) for code in Exit]
    fields = [
        name for cell in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ", PAGE, re.MULTILINE) for name in cell.split(", ")
    ]
    assert [name.strip("`") for name in fields] == list(Document.model_fields)
    for part in Document.model_json_schema()["$defs"].values():
        assert all(f"`{name}`" in PAGE for name in part.get("properties", {}))


def test_the_engines_to_choose_from_are_those_that_there_are() -> None:
    assert get_args(Engine) == ENGINES
    assert signature(verify).parameters["engine"].default == ENGINES[0]
