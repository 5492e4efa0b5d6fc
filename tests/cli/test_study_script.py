"""The study that comes along runs as a script and as a command, and holds thinking, not plumbing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import scenarios
from cli.exits import Exit
from tests.cli.small_ward import hikkoshi, knock, plain_environment, write_small

SCRIPT = Path(scenarios.__file__).with_name("studies") / "uptake.py"


def shortened(folder: Path) -> Path:
    """A copy of the script as a planner changes it: a small ward, fewer values, fewer replications."""
    write_small(folder, "mine")
    text = SCRIPT.read_text(encoding="utf-8")
    for old, new in (
        ('"peak_march"', '"mine.toml"'),
        ("[0.0, 0.1, 0.2, 0.3, 0.4]", "[0.0, 0.4]"),
        ("=10)", "=2, jobs=1)"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    copy = folder / "my_study.py"
    copy.write_text(text, encoding="utf-8")
    return copy


def test_the_script_is_about_twenty_lines_of_thinking() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(lines) <= 25
    assert not [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.For | ast.ClassDef)
    ]


def test_a_copy_runs_as_a_script_and_as_a_command_with_the_same_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shortened(tmp_path)
    environment = plain_environment(HIKKOSHI_LANG="en", PYTHONIOENCODING="utf-8")
    script = subprocess.run(
        [sys.executable, copy.name],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIKKOSHI_LANG", "ja")  # put back after the test, whatever the command does to it
    assert knock("study", copy.name, "--lang", "en") == Exit.FINE
    said = capsys.readouterr()
    assert said.out == script.stdout
    assert "Staff time: checking online notices (hours)" in said.out
    assert script.stderr == ""


def test_the_packaged_study_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "uptake").mkdir()  # something of that name here does not stand in the way
    program = (
        "import sim.study; sim.study.vary = lambda *words, **more: print(words[1:], more); sim.study.show = print;"
        "from cli.main import main; main(['study', 'uptake'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "one_stop.uptake" in done.stdout
    assert "{'replications': 10}" in done.stdout


def test_an_error_in_a_script_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("raise LookupError('where is it?')\n", encoding="utf-8")
    done = hikkoshi("study", "mine.py", "--lang", "en", cwd=tmp_path, TMPDIR=str(tmp_path))
    assert done.returncode == Exit.INTERNAL
    assert b"LookupError: where is it?" in done.stderr
    assert b"Traceback" not in done.stderr
