"""SQL written once in SQLAlchemy Core, compiled once per database, run by the driver without SQLAlchemy in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

Database = Literal["sqlite", "postgresql"]

_DIALECTS: Final[dict[Database, Dialect]] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": postgresql.dialect(paramstyle="format"),  # type: ignore[no-untyped-call]
}


class Statement:
    """One statement; its values are given by name when it is run.

    Values that are named are `bindparam("name")`; constants in it are kept.
    """

    def __init__(self, core: ClauseElement) -> None:
        self._core = core
        self._texts: dict[Database, tuple[str, tuple[str, ...], dict[str, Any]]] = {}

    def sql(self, database: Database) -> str:
        """Return its text for one database; the values of a row stand in the order of the table's columns."""
        return (self._texts.get(database) or self._compiled(database))[0]

    def bind(self, database: Database, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Return text and values in the order of the text.

        Raises
        ------
        KeyError
            For a value that is missing.
        """
        text, order, constants = self._texts.get(database) or self._compiled(database)
        if constants:
            values = {**constants, **values}
        return text, [values[name] for name in order]

    def _compiled(self, database: Database) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        compiled = self._core.compile(dialect=_DIALECTS[database])
        assert isinstance(compiled, SQLCompiler)
        assert "POSTCOMPILE" not in str(compiled), "lists of any length (in_) have no fixed text; use or_"
        order = tuple(compiled.positiontup or ())
        binds = compiled.binds
        constants = {name: binds[name].effective_value for name in order if not binds[name].required}
        self._texts[database] = str(compiled), order, constants
        return self._texts[database]


def insertion(table: Table) -> Statement:
    """Return the statement that inserts a row; every column is given."""
    return Statement(insert(table))
