"""The two databases behind one seam: how to open, begin, commit, and whether a connection is still of use."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.engine import make_url

from fakes.store.statements import Database
from fakes.store.transaction import Cursor, View

_BUSY_MS = 10_000
_CHECKPOINT_PAGES = 4000
"""Of the write-ahead log; the default of 1,000 costs 15 to 20 % and five times the p99 of a commit (measured)."""
_CACHE_KIB = 8_192
"""Pages that each connection keeps; what it does not keep is in the system's own cache. With 64 MiB a server's memory
grew with its file for the whole of a long load test, and nobody could have told that from a leak."""


class Connection(Protocol):
    """An open connection in which transactions are begun and ended by hand."""

    database: Database

    def cursor(self) -> Cursor:
        """Return a cursor."""
        ...

    def begin(self, *, patient: bool = True) -> bool:
        """Begin a transaction that may write; only one does at a time. Unless patient, others are not waited for."""
        ...

    def begin_reading(self) -> None:
        """Begin a transaction that sees one state of the database from its first question on."""
        ...

    def commit(self) -> None:
        """End it; on return its rows are on disk."""
        ...

    def rollback(self) -> None:
        """End it without a trace."""
        ...

    def usable(self) -> bool:
        """Whether the connection can be used again."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class SQLiteConnection:
    """SQLite with a write-ahead log, synchronous FULL."""

    database: Database = "sqlite"

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._connection = sqlite3.connect(
            f"file:{path}{'?mode=ro' if read_only else ''}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
            timeout=_BUSY_MS / 1000,
        )
        self._patient = True
        for pragma in _PRAGMAS if not read_only else _READER_PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")

    def cursor(self) -> Cursor:
        """Return a cursor."""
        return self._connection.cursor()

    def begin(self, *, patient: bool = True) -> bool:
        """Take the write lock at once, so that no transaction fails half way because another one came first."""
        if patient is not self._patient:
            self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS if patient else 0}")
            self._patient = patient
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            if patient:
                raise
            return False
        return True

    def begin_reading(self) -> None:
        """Begin without the write lock."""
        self._connection.execute("BEGIN")

    def commit(self) -> None:
        """Write and sync."""
        self._connection.execute("COMMIT")

    def rollback(self) -> None:
        """Undo, if there is something to undo."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def usable(self) -> bool:
        """Files do not go away."""
        return True

    def close(self) -> None:
        """Close it; the last one out moves the log into the file."""
        self._connection.close()


_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
    f"cache_size = -{_CACHE_KIB}",
    "temp_store = MEMORY",
)
_READER_PRAGMAS = (f"cache_size = -{_CACHE_KIB}", "query_only = ON")


class PostgresConnection:
    """PostgreSQL; the tables of a server are in a schema of its name."""

    database: Database = "postgresql"

    def __init__(self, url: str, schema: str, *, read_only: bool = False) -> None:
        import psycopg  # noqa: PLC0415  most servers have no need of it, and it takes a while to load

        self._connection: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(
            url, autocommit=True, options=f"-csearch_path={schema} -cdefault_transaction_read_only={_flag(read_only)}"
        )
        self._connection.prepare_threshold = 2

    def cursor(self) -> Cursor:
        """Return a cursor."""
        return self._connection.cursor()

    def begin(self, *, patient: bool = True) -> bool:  # noqa: ARG002 - waiting happens at the head row
        """Begin; the writer locks the head row first, which keeps other writers out."""
        self._connection.execute("BEGIN")
        return True

    def begin_reading(self) -> None:
        """Begin; every question is answered from the state that the first one saw."""
        self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        """Write and sync (`synchronous_commit` is on by default)."""
        self._connection.execute("COMMIT")

    def rollback(self) -> None:
        """Undo, if the connection lives."""
        if self.usable():
            self._connection.execute("ROLLBACK")

    def usable(self) -> bool:
        """Whether the server did not hang up."""
        return not self._connection.closed and not self._connection.broken

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _flag(on: bool) -> str:
    return "on" if on else "off"


class Place:
    """Where a server's tables are.

    Parameters
    ----------
    url
        `sqlite:///folder/name.db` or `postgresql://…`.
    server
        Name of the server; its schema in PostgreSQL.

    Raises
    ------
    ValueError
        For another kind of database.
    """

    def __init__(self, url: str, server: str) -> None:
        self._url = make_url(url)
        self.server = server
        self.database: Database
        match self._url.get_backend_name():
            case "sqlite":
                self.database = "sqlite"
            case "postgresql":
                self.database = "postgresql"
            case other:
                raise ValueError(f"a store is SQLite or PostgreSQL, not {other}")

    def create(self, *tables: MetaData) -> None:
        """Make the tables that are missing."""
        if self.database == "sqlite":
            engine = create_engine(self._url)
        else:
            url = self._url.set(drivername="postgresql+psycopg")
            engine = create_engine(url, connect_args={"options": f"-csearch_path={self.server}"})
        with engine.begin() as connection:
            if self.database == "postgresql":
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self.server}"'))
            for metadata in tables:
                metadata.create_all(connection)
        engine.dispose()

    @contextmanager
    def snapshot(self) -> Iterator[View]:
        """Look at one committed state, whatever is written meanwhile."""
        connection = self.open(read_only=True)
        try:
            connection.begin_reading()
            yield View(self.database, connection.cursor())
            connection.rollback()
        finally:
            connection.close()

    def open(self, *, read_only: bool = False) -> Connection:
        """Open a connection."""
        if self.database == "sqlite":
            return SQLiteConnection(Path(self._url.database or ""), read_only=read_only)
        url = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        return PostgresConnection(url, self.server, read_only=read_only)
