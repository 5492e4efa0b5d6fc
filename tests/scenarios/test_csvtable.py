"""Reading CSV: encodings, what spreadsheets do, and the error that names the place and what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.csvtable import DataTableError, read_table
from scenarios.datatables import month_shares, season_multipliers

Reader = Callable[[Path], object]


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def refused(reader: Reader, path: Path) -> DataTableError:
    with pytest.raises(DataTableError) as error:
        reader(path)
    assert error.value.path == path
    assert str(path) in error.value.say("ja")
    assert error.value.code in str(error.value)
    return error.value


def moves(path: Path) -> object:
    return month_shares("move_in", 2023, path)


def year_of_moves(flow: str = "move_in", annual: str = "1200") -> str:
    months = "".join(f"2023-{month:02d},{flow},100\n" for month in range(1, 13))
    return f"period,flow,base\n2023,{flow},{annual}\n{months}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_table_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str, newline: str) -> None:
    text = 'name,note\n四谷,"一行目,\n二行目"\n,\n箪笥,\n'.replace("\n", newline)
    table = read_table(written(tmp_path, text, encoding), ("name",))
    assert [(row.text("name"), row.line) for row in table.rows] == [("四谷", 2), ("箪笥", 5)]
    assert table.encoding == ("cp932" if encoding == "cp932" else "utf-8")


def test_what_a_spreadsheet_does_to_a_table_is_read_all_the_same(tmp_path: Path) -> None:
    text = "year,from_date,to_date,multiplier,,\n2023,2023/3/1,2023/3/31,１．５,,\n２０２３,,, 0.9 ,,\n,,,,,\n"
    season = season_multipliers(2023, written(tmp_path, text))
    assert (season.on(date(2023, 3, 31)), season.otherwise) == (1.5, 0.9)


@given(st.floats(0, 1e6, allow_nan=False).map(lambda number: f"{number:.4f}"))
def test_a_number_reads_as_it_is_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = written(tmp_path_factory.getbasetemp(), f"x\n{text}\n")
    assert read_table(path, ("x",)).rows[0].number("x") == float(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "found", "hint"),
    [
        (year_of_moves().replace("2023-03,move_in,100", "2023-03,move_in,-5"), 5, "base", "'-5'", "at least 0"),
        (year_of_moves().replace("2023-03,move_in,100", '2023-03,move_in,"1,000"'), 5, "base", "'1,000'", "separators"),
        (year_of_moves().replace("2023-03,move_in,100", "2023-03,move_in,nan"), 5, "base", "'nan'", "a number"),
        (year_of_moves().replace("2023-03,", "2023-13,"), 5, "period", "'2023-13'", "2023-03"),
        (year_of_moves().replace("2023-03,move_in", "2023-03,movein"), 5, "flow", "'movein'", "国内転入"),
        (year_of_moves(annual="0"), 2, "base", "'0'", "above 0"),
        (year_of_moves(annual=""), 2, "base", "''", "above 0"),
    ],
)
def test_a_wrong_cell_is_named_with_what_is_allowed(
    tmp_path: Path, *, text: str, line: int, column: str, found: str, hint: str
) -> None:
    error = refused(moves, written(tmp_path, text))
    assert (error.code, error.line, error.column, error.found) == ("E-table-value", line, column, found)
    assert hint in error.allowed.say("en")
    assert f"{line}行目「{column}」列" in error.say("ja")


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "found"),
    [
        ("", "E-table-header", 1, "period", "-"),
        ("period,flow,persons\n", "E-table-header", 1, "base", "period, flow, persons"),
        ("period,flow,base,base\n", "E-table-header", 1, "base", "period, flow, base, base"),
        ("period,flow,base\n2023,move_in\n", "E-table-cells", 2, None, "2"),
        ("period,flow,base\n2023,move_in,1,2\n", "E-table-cells", 2, None, "4"),
        ('period,flow,base\n2023,"move_in"x,1\n', "E-table-syntax", 2, None, "',' expected after '\"'"),
        (year_of_moves() + "2023-12,move_in,100\n", "E-table-repeat", 15, "period", "'2023-12'"),
        (year_of_moves().replace("2023-07,move_in,100\n", ""), "E-table-rows", None, "period", None),
        (year_of_moves("move_out"), "E-table-rows", None, "period", "-"),
        (year_of_moves(annual="1300"), "E-table-sum", None, "base", "1200"),
    ],
)
def test_a_wrong_table_is_named_with_the_place(
    tmp_path: Path, *, text: str, code: str, line: int | None, column: str | None, found: str | None
) -> None:
    error = refused(moves, written(tmp_path, text))
    assert (error.code, error.line, error.column) == (code, line, column)
    assert found is None or error.found == found


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(moves, tmp_path / "none.csv").code == "E-table-file"


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"period,flow,base\n2023,\x81,1\n", 2), ("period,flow,base\n".encode("utf-16"), 1)],
)
def test_bytes_in_no_known_encoding_are_named_with_their_line(tmp_path: Path, data: bytes, line: int) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    error = refused(moves, path)
    assert (error.code, error.line) == ("E-table-encoding", line)
