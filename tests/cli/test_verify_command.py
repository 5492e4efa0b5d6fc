"""`verify` prints rows and a conclusion, and its exit code says whether the engine may be trusted."""

from __future__ import annotations

from typing import Any

import pytest

from cli.exits import Exit
from cli.verify import ended
from sim.verify import Row
from sim.verify.catalogue import cases_of
from tests.cli.small_ward import answer_in, knock
from texts import say


def row(z: float = 0.1, half_width: float = 0.001) -> Row:
    return Row("mmc", "c=1 ρ=0.6", "mean_wait", 1.5, 1.5, half_width, z)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([row(), row()], Exit.FINE),
        ([row(), row(half_width=0.2)], Exit.CANNOT_SAY),
        ([row(z=9.0), row(half_width=0.2)], Exit.MISSED),
        ([row(z=float("nan"))], Exit.MISSED),
    ],
)
def test_the_worst_row_decides(rows: list[Row], code: Exit) -> None:
    assert ended(rows) == code


@pytest.fixture
def _two_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.verify.cases_of", lambda level: cases_of(level)[:2])


@pytest.mark.usefixtures("_two_cases")
def test_rows_are_printed_under_their_family_with_the_rule_below(capsys: pytest.CaptureFixture[str]) -> None:
    assert knock("verify", "--quick", "--jobs", "1", "--quiet", "--lang", "en") == Exit.FINE
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.count(say("verify.family.mmc", "en")) == 1
    assert say("verify.verdict.passed", "en") in said.out
    assert "rows passed" in said.out
    assert said.out.splitlines()[-1].startswith("A row passes where")


@pytest.mark.usefixtures("_two_cases")
def test_the_rows_are_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert knock("verify", "--quick", "--jobs", "1", "--json", "--engine", "reference", "--seed", "7") == Exit.FINE
    reference = answer_in(capsys.readouterr().out)
    assert knock("verify", "--quick", "--jobs", "1", "--json", "--seed", "7") == Exit.FINE
    compiled = answer_in(capsys.readouterr().out)
    assert (reference["format"], reference["version"], reference["seed"]) == ("hikkoshi.verify", 1, 7)
    assert (reference["engine"], compiled["engine"]) == ("reference", "compiled")
    assert reference["passed"]
    assert reference["exit_code"] == 0
    assert reference["rows"] == compiled["rows"]
    assert {"family", "case", "quantity", "target", "estimate", "half_width", "z", "verdict"} == reference["rows"][
        0
    ].keys()


@pytest.mark.usefixtures("_two_cases")
def test_an_engine_that_is_off_its_target_ends_with_a_missed_target(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def off(case: Any, run: Any, seed: int) -> list[Row]:
        return [row(z=12.0)]

    monkeypatch.setattr("sim.verify.measure", off)
    assert knock("verify", "--quick", "--jobs", "1", "--lang", "en") == Exit.MISSED
    assert "2 of 2 rows failed" in capsys.readouterr().out
