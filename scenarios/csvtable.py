"""Reads a CSV table strictly: rows whose cells know where they stand, and errors that say what is allowed.

A table is a header row and one value per cell. `scenarios.datatables` gives the tables their meaning.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from texts import Lang, say

Code = Literal[
    "E-table-file",
    "E-table-encoding",
    "E-table-syntax",
    "E-table-header",
    "E-table-cells",
    "E-table-value",
    "E-table-repeat",
    "E-table-rows",
    "E-table-sum",
]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_ID = re.compile(r"[a-z][a-z0-9_]*")
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_PERIOD = re.compile(r"(\d{4})(?:[-/](\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may stand in a place: the ending of a text key `data_table_allows_…`, and the values of that text."""

    kind: str
    values: Mapping[str, object]

    def say(self, lang: Lang) -> str:
        """Return the sentence in one language."""
        return say(f"data_table_allows_{self.kind}", lang, **self.values)


def allowed(kind: str, **values: object) -> Allowed:
    """Name what may stand in a place."""
    return Allowed(kind, values)


class DataTableError(ValueError):
    """A table that cannot be used, with the place and the way out.

    Attributes
    ----------
    code
        What is wrong; also the key of its sentence in the catalogue.
    path, line, column
        Where. Lines count from 1, the header row included; None where the whole file or row is meant.
    found
        What stands there.
    allowed
        What may stand there.
    """

    def __init__(
        self,
        code: Code,
        path: Path,
        found: str,
        allowed: Allowed,
        *,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        self.code = code
        self.path = path
        self.found = found
        self.allowed = allowed
        self.line = line
        self.column = column
        super().__init__(self.say("en"))

    def say(self, lang: Lang) -> str:
        """Return the whole message in one language."""
        if self.line is None:
            where = "data_table_in_file" if self.column is None else "data_table_in_column"
        else:
            where = "data_table_in_line" if self.column is None else "data_table_in_cell"
        return say(
            "data_table_error",
            lang,
            code=self.code,
            place=say(where, lang, path=self.path, line=self.line, column=self.column),
            problem=say(self.code, lang),
            found=self.found,
            allowed=self.allowed.say(lang),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; each reader of a cell raises DataTableError with the place when the cell does not fit."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def error(self, column: str, allowed: Allowed, code: Code = "E-table-value") -> DataTableError:
        """Build the error that names this cell."""
        return DataTableError(code, self.path, repr(self.cells[column]), allowed, line=self.line, column=column)

    def blank(self, column: str) -> bool:
        """Whether the cell is empty."""
        return not self.cells[column]

    def text(self, column: str) -> str:
        """Text that is not empty."""
        if self.blank(column):
            raise self.error(column, allowed("text"))
        return self.cells[column]

    def identifier(self, column: str) -> str:
        """Read a short ASCII name."""
        if not _ID.fullmatch(self.cells[column]):
            raise self.error(column, allowed("id"))
        return self.cells[column]

    def one_of(self, column: str, choices: Collection[str]) -> str:
        """One of a few names."""
        if self.cells[column] not in choices:
            raise self.error(column, allowed("choices", choices=", ".join(choices)))
        return self.cells[column]

    def number(self, column: str, minimum: float = 0.0, maximum: float | None = None) -> float:
        """Read a number within bounds, both included. Full-width digits are read as digits."""
        if maximum is None:
            fits = allowed("number_from", minimum=f"{minimum:g}")
        else:
            fits = allowed("number", minimum=f"{minimum:g}", maximum=f"{maximum:g}")
        value = self._number(column, fits)
        if value < minimum or (maximum is not None and value > maximum):
            raise self.error(column, fits)
        return value

    def positive(self, column: str) -> float:
        """Read a number above 0."""
        value = self._number(column, allowed("positive"))
        if value <= 0.0:
            raise self.error(column, allowed("positive"))
        return value

    def whole(self, column: str, minimum: int = 0, maximum: int | None = None) -> int:
        """Read a whole number within bounds, both included."""
        if maximum is None:
            fits = allowed("whole_number_from", minimum=minimum)
        else:
            fits = allowed("whole_number", minimum=minimum, maximum=maximum)
        value = self._number(column, fits)
        if value < minimum or (maximum is not None and value > maximum) or not value.is_integer():
            raise self.error(column, fits)
        return int(value)

    def day(self, column: str) -> date:
        """Read a day, 2023-03-01 or (as spreadsheets save it) 2023/3/1."""
        match = _DAY.fullmatch(self._plain(column))
        if match is None:
            raise self.error(column, allowed("day"))
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            raise self.error(column, allowed("day")) from None

    def period(self, column: str) -> tuple[int, int | None]:
        """Year and month; the month is None where the whole year is meant."""
        match = _PERIOD.fullmatch(self._plain(column))
        year, month = (int(match[1]), int(match[2]) if match[2] else None) if match else (0, 0)
        if year < 1 or (month is not None and not 1 <= month <= 12):
            raise self.error(column, allowed("period"))
        return year, month

    def _plain(self, column: str) -> str:
        return unicodedata.normalize("NFKC", self.cells[column])

    def _number(self, column: str, fits: Allowed) -> float:
        text = self._plain(column)
        if not _NUMBER.fullmatch(text):
            raise self.error(column, fits)
        return float(text)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one file, and the encoding in which it was written."""

    path: Path
    encoding: Literal["utf-8", "cp932"]
    rows: tuple[Row, ...]


def read_table(path: Path, columns: Collection[str]) -> Table:
    """Read a CSV file that has at least these columns; empty rows, and empty cells past the header, are passed over.

    Parameters
    ----------
    path
        UTF-8 with or without BOM, or cp932.
    columns
        Columns that must be there. Others may be (sources, notes) and can be read by name as well.

    Raises
    ------
    DataTableError
        When the file cannot be read, is not well-formed, lacks a column or repeats one, or a row has too few or
        too many cells.
    """
    text, encoding = _decoded(path)
    lines = _split(path, text)
    header = next(lines, None)
    names = [name.strip() for name in header[1]] if header else []
    while names and not names[-1]:
        names.pop()
    needed = allowed("columns", columns=", ".join(columns))
    for column in columns:
        if names.count(column) != 1:
            raise DataTableError("E-table-header", path, ", ".join(names) or "-", needed, line=1, column=column)
    if len(set(names)) < len(names):
        raise DataTableError("E-table-header", path, ", ".join(names), needed, line=1)
    rows = []
    for line, cells in lines:
        while len(cells) > len(names) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(names):
            raise DataTableError("E-table-cells", path, str(len(cells)), allowed("cells", count=len(names)), line=line)
        rows.append(Row(path, line, dict(zip(names, (cell.strip() for cell in cells), strict=True))))
    return Table(path, encoding, tuple(rows))


def _decoded(path: Path) -> tuple[str, Literal["utf-8", "cp932"]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataTableError("E-table-file", path, error.strerror or str(error), allowed("file")) from error
    # A zero byte is valid in both encodings, but a table that has one is UTF-16 or no text at all.
    bad = data.find(b"\0")
    if bad < 0:
        try:
            return data.decode("utf-8-sig"), "utf-8"
        except UnicodeDecodeError:
            pass
        try:
            return data.decode("cp932"), "cp932"
        except UnicodeDecodeError as error:
            bad = error.start
    line = data.count(b"\n", 0, bad) + 1
    raise DataTableError("E-table-encoding", path, data[bad : bad + 4].hex(" "), allowed("encoding"), line=line)


def _split(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, each with the line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataTableError("E-table-syntax", path, str(error), allowed("syntax"), line=reader.line_num) from error
