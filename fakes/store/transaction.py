"""What a unit of work sees of the database: rows by statement and named values, in the batch's open transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from fakes.store.statements import Database, Statement

Row = tuple[Any, ...]


class Cursor(Protocol):
    """What both drivers' cursors can do."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""
        ...

    def execute(self, sql: Any, values: Any = ..., /) -> Any:
        """Run a statement."""
        ...

    def executemany(self, sql: Any, rows: Any, /) -> Any:
        """Run a statement for many rows."""
        ...

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        ...


class View:
    """Reads rows. Also what a reader connection gives: the last committed state."""

    __slots__ = ("_cursor", "_database")

    def __init__(self, database: Database, cursor: Cursor) -> None:
        self._database = database
        self._cursor = cursor

    def one(self, statement: Statement, /, **values: Any) -> Row | None:
        """Return the first row, or None."""
        self._cursor.execute(*statement.bind(self._database, values))
        row: Row | None = self._cursor.fetchone()
        return row

    def all(self, statement: Statement, /, **values: Any) -> list[Row]:
        """Return all rows."""
        self._cursor.execute(*statement.bind(self._database, values))
        return self._cursor.fetchall()


class Transaction(View):
    """Reads and writes rows. Only projections and the store itself write; a unit of work only reads."""

    __slots__ = ("next_seq",)

    def __init__(self, database: Database, cursor: Cursor) -> None:
        super().__init__(database, cursor)
        self.next_seq = 0
        """Number of the next event: unique and increasing over the whole store, for numbers that are issued."""

    def run(self, statement: Statement, /, **values: Any) -> int:
        """Run a statement and return how many rows it changed."""
        self._cursor.execute(*statement.bind(self._database, values))
        return self._cursor.rowcount

    def run_many(self, statement: Statement, rows: Sequence[Row]) -> None:
        """Run a statement for rows whose values stand in the order of the statement's text."""
        self._cursor.executemany(statement.sql(self._database), rows)
