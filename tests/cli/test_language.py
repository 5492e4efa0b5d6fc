"""Which language is spoken, and output that no terminal can choke on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cli.exits import Exit
from tests.cli.small_ward import hikkoshi, knock
from texts import Lang
from texts.reader import language_of


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "ja"),
        ({"LANG": "C.UTF-8"}, "ja"),
        ({"LANG": "POSIX"}, "ja"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "ja_JP", "LC_MESSAGES": "en_US", "LANG": "en_US"}, "ja"),
        ({"LC_ALL": "", "LANG": "en_US"}, "en"),
        ({"HIKKOSHI_LANG": "en", "LANG": "ja_JP.UTF-8"}, "en"),
        ({"HIKKOSHI_LANG": " JA ", "LANG": "en_US"}, "ja"),
        ({"HIKKOSHI_LANG": "fr", "LANG": "en_US"}, "en"),
    ],
)
def test_the_environment_says_which_language_and_japanese_is_spoken_if_it_says_nothing(
    environment: dict[str, str], lang: Lang
) -> None:
    assert language_of(environment) == lang


def test_an_option_overrules_the_environment_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HIKKOSHI_LANG", "ja")
    for words in (
        ["--lang", "en", "check", "launch"],
        ["check", "--lang=en", "launch"],
        ["check", "launch", "--lang", "en"],
    ):
        assert knock(*words) == Exit.FINE
        assert capsys.readouterr().out.startswith("launch: fine")
    assert knock("check", "launch") == Exit.FINE
    assert capsys.readouterr().out.startswith("launch：問題ありません")


@pytest.mark.parametrize("words", [["--lang", "fr"], ["--lang"], ["check", "launch", "--lang="]])
def test_a_language_that_is_not_spoken_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert knock(*words) == Exit.USAGE
    assert capsys.readouterr().err.startswith("E-use-lang")


def test_output_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    done = hikkoshi("check", "launch", cwd=tmp_path, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert done.returncode == Exit.FINE
    assert "問題ありません" in done.stdout.decode("utf-8")


def test_an_encoding_that_was_asked_for_is_kept_and_lacks_are_marked(tmp_path: Path) -> None:
    japanese = hikkoshi("check", "launch", cwd=tmp_path, PYTHONIOENCODING="cp932")
    assert "問題ありません" in japanese.stdout.decode("cp932")
    bare = hikkoshi("check", "launch", "nowhere", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (bare.returncode, bare.stdout) == (Exit.SCENARIO, b"")
    assert b"?" in bare.stderr
    assert b"Traceback" not in bare.stderr


def test_who_closes_the_output_early_hears_no_complaint(tmp_path: Path) -> None:
    command = f"{sys.executable} -m cli.main schema | head -c 10"
    piped = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, check=True, timeout=60)
    assert (len(piped.stdout), piped.stderr) == (10, b"")
