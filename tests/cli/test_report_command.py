"""`hikkoshi report` of a load test without a simulation, and of a detection matrix without either."""

from pathlib import Path

import pytest

from cli.exits import Exit
from tests.cli.small_ward import knock
from tests.report.sample_load import load_folder, matrix_file


def test_a_load_test_alone_has_its_page_in_its_own_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load = load_folder(tmp_path)
    assert knock("report", str(load)) == Exit.FINE
    assert str(load / "report.html") in capsys.readouterr().out


@pytest.mark.parametrize(("lang", "words"), [("ja", "負荷試験の結果フォルダーも指定"), ("en", "makes no page alone")])
def test_a_matrix_alone_is_refused_and_told_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, words: str
) -> None:
    matrix_file(tmp_path)
    assert knock("report", str(tmp_path), "--lang", lang) == Exit.USAGE
    said = capsys.readouterr().err
    assert "E-report-no-run" in said
    assert words in said
