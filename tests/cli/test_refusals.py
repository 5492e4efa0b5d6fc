"""Bad input ends in one message with a code, in the reader's language, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.exits import Exit
from tests.cli.small_ward import SMALL, hikkoshi, knock, nothing_new, small, write_small


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Knock with bad input; return the exit code and what was said. Standard output stays empty."""
    code = knock(*words)
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    return code, said.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--replications", "-3"], "E-use-replications", "-3"),
        (["--replications", "0"], "E-use-replications", "0"),
        (["--precision", "0%"], "E-use-precision", "0%"),
        (["--precision", "-5%"], "E-use-precision", "-5%"),
        (["--precision", "100%"], "E-use-precision", "100%"),
        (["--precision", "5"], "E-use-precision", "5"),
        (["--precision", "much"], "E-use-precision", "much"),
        (["--precision", "nan"], "E-use-precision", "nan"),
        (["--precision", "5%", "--replications", "3"], "E-use-counts", "--precision"),
        (["--at-most", "30"], "E-use-at-most", "30"),
        (["--precision", "5%", "--at-most", "2"], "E-use-at-most", "2"),
        (["--seed", "-1"], "E-use-seed", "-1"),
        (["--jobs", "0"], "E-use-jobs", "0"),
        (["--replications", "1.5"], "--replications", "1.5"),
        (["--replications", "many"], "--replications", "many"),
        (["--replications"], "--replications", ""),
        (["--seed", "1", "--seed", "2"], "--seed", ""),
        (["--engine", "turbo"], "--engine", "compiled, reference"),
        (["--repl", "3"], "--repl", "--replications"),
        (["--no-such-thing"], "--no-such-thing", ""),
        (["another"], "another", ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_an_option_that_does_not_fit_is_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str, said: str, lang: str
) -> None:
    with nothing_new(tmp_path):
        ended, text = refused(capsys, "simulate", "launch", *words, "--out", str(tmp_path / "runs"), "--lang", lang)
    assert ended == Exit.USAGE
    assert code in text
    assert said in text
    assert text.count("\n") == 1
    assert text.isascii() == (lang == "en") or "–" in text


def test_a_command_that_there_is_not_is_refused_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = refused(capsys, "simulat", "launch", "--lang", "en")
    assert code == Exit.USAGE
    assert "Did you mean simulate?" in text


@pytest.mark.parametrize(
    ("file", "code", "place"),
    [
        (small().replace("move_in =", "move_im ="), "E-extra_forbidden", "volumes.move_im"),
        (small(travel={"round_trip": -5}), "E-negative_duration", "travel.round_trip"),
        (
            small(period={**SMALL["period"], "end": SMALL["period"]["start"].replace(day=1)}),
            "E-period_reversed",
            "period.end",
        ),
        (small(opening={"weekday": "17:00-08:30"}), "E-hours_reversed", "opening.weekday"),
        ("schema_version = 1\nextends = 'gone.toml'\n", "E-file_missing", "extends"),
        ("schema_version = 1\nextends = 'mine.toml'\n", "E-extends_circular", "extends"),
        ("schema_version = \n", "E-toml_syntax", "mine.toml:1"),
    ],
    ids=["key", "duration", "period", "hours", "missing base", "circle", "syntax"],
)
def test_a_scenario_that_cannot_be_used_is_refused_at_its_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    code: str,
    place: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(file, encoding="utf-8")
    for words in (["simulate", "mine.toml"], ["compare", "launch", "mine.toml"], ["check", "mine.toml"]):
        with nothing_new(tmp_path):
            ended, text = refused(capsys, *words)
        assert ended == Exit.SCENARIO
        assert code in text
        assert place in text
        assert "mine.toml:" in text


def test_a_file_that_there_is_not_is_refused_with_the_name_that_was_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_small(tmp_path, "mine")
    for word, meant in (("lauch", "launch"), ("mine", "mine.toml"), ("min.toml", "mine.toml")):
        ended, text = refused(capsys, "simulate", word)
        assert ended == Exit.SCENARIO
        assert "E-file_missing" in text
        assert meant in text.splitlines()[2]


def test_the_problems_of_all_files_are_told_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write_small(tmp_path, "good")
    bad = write_small(tmp_path, "bad", travel={"round_trip": -5})
    ended, text = refused(capsys, "check", str(bad), str(good), str(tmp_path / "gone.toml"), str(bad), "--lang", "en")
    assert ended == Exit.SCENARIO
    assert text.count("E-negative_duration") == 1
    assert text.count("E-file_missing") == 1
    assert text.endswith("2 errors\n")


def test_scenarios_of_different_periods_are_not_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = write_small(tmp_path, "one")
    for key, value in (("end", SMALL["period"]["end"].replace(day=13)), ("warm_up_days", 3)):
        other = write_small(tmp_path, "other", period={**SMALL["period"], key: value})
        ended, text = refused(capsys, "compare", str(one), str(other), "--out", str(tmp_path / "runs"))
        assert ended == Exit.SCENARIO
        assert text.startswith("E-compare-periods")
        assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("out", ["occupied", "occupied/below", "/proc/hikkoshi"])
def test_a_folder_that_cannot_be_written_to_is_refused_before_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("occupied").touch()
    ended, text = refused(capsys, "simulate", "launch", "--out", out)
    assert ended == Exit.USAGE
    assert text.startswith("E-out-unwritable")
    assert out in text


@pytest.mark.parametrize(
    ("words", "code", "ended"),
    [
        (["check"], "E-use-scenario", Exit.USAGE),
        (["report", "gone"], "E-run-missing", Exit.USAGE),
        (["report", "."], "E-run-no-manifest", Exit.FAULTY),
        (["study", "gone"], "E-use-study", Exit.USAGE),
        (["simulate", "before", "--what-if"], "E-use-what-if", Exit.USAGE),
        (["explain", "one_stop.uptaik"], "one_stop.uptake", Exit.USAGE),
        (["explain", "qqqq"], "E-use-explain", Exit.USAGE),
        (["simulate"], "SCENARIO", Exit.USAGE),
        (["compare", "launch"], "AFTER", Exit.USAGE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_other_commands_refuse_what_they_cannot_do(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    code: str,
    ended: Exit,
) -> None:
    monkeypatch.chdir(tmp_path)
    found, text = refused(capsys, *words)
    assert found == ended
    assert code in text


def test_an_internal_error_is_one_line_and_its_traceback_is_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(word: str) -> str:
        raise ArithmeticError(f"no way to {word}\nand more")

    monkeypatch.setattr("cli.arms.path_of", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended, text = refused(capsys, "check", "launch")
    assert ended == Exit.INTERNAL
    (kept,) = tmp_path.iterdir()
    assert str(kept) in text
    assert "ArithmeticError: no way to launch" in text
    assert text.count("\n") == 1
    assert "Traceback" in kept.read_text(encoding="utf-8")
    for words in (["--debug"], []):
        if not words:
            monkeypatch.setenv("HIKKOSHI_DEBUG", "1")
        assert knock("check", "launch", *words) == Exit.INTERNAL
        assert "Traceback" in capsys.readouterr().err


def test_the_program_itself_ends_with_the_code(tmp_path: Path) -> None:
    done = hikkoshi("simulate", "lauch", "--lang", "en", cwd=tmp_path)
    assert done.returncode == Exit.SCENARIO
    assert done.stdout == b""
    assert done.stderr.decode().splitlines() == [
        "lauch: E-file_missing",
        "       = file not found: lauch",
        "       = did you mean: launch",
        "1 error",
    ]
