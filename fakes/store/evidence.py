"""Stores as evidence: which there are in a folder, a file or a database, and whether their audit chains are whole."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from sqlalchemy.engine import make_url

from fakes.store.audit import end_of, verify
from fakes.store.databases import Place

SUFFIX = ".db"


class Checked(Struct, frozen=True):
    """What a check of one store found.

    Attributes
    ----------
    server
        Whose store it is.
    records
        Audit records that fit, from the first one on.
    broken_at
        Number of the first one that does not; None if all do.
    head
        Hash of the last record, hexadecimal: noted elsewhere, it also proves that nothing was cut off and made anew.
    problem
        Why the store cannot be read to its end; else empty.
    """

    server: str
    records: int
    broken_at: int | None
    head: str
    problem: str = ""

    @property
    def whole(self) -> bool:
        """Whether everything fits."""
        return self.broken_at is None and not self.problem


def check(place: Place) -> Checked:
    """Check the audit chain of a store, as it is now, also while it is being written."""
    try:
        with place.snapshot() as view:
            found = verify(view)
            return Checked(place.server, found.records, found.broken_at, end_of(view).hex())
    except Exception as problem:  # whatever a damaged store makes its driver, or the check itself, stumble over
        return Checked(place.server, 0, None, "", str(problem).strip().partition("\n")[0])


def in_folder(folder: Path, names: Iterable[str]) -> list[Place]:
    """Return the stores of servers in a folder."""
    return [in_file(file) for name in names if (file := folder / f"{name}{SUFFIX}").is_file()]


def in_file(file: Path) -> Place:
    """Return the store in a file, which is called after its server."""
    return Place(f"sqlite:///{file}", file.stem)


def in_database(url: str, names: Iterable[str]) -> list[Place]:
    """Return the stores of servers in a PostgreSQL database.

    Raises
    ------
    psycopg.Error
        When it does not answer.
    ValueError, SQLAlchemyError
        For what is no address of one.
    """
    import psycopg  # noqa: PLC0415  files are checked without it

    places = [Place(url, name) for name in names]
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        known = {row[0] for row in connection.execute("SELECT nspname FROM pg_namespace").fetchall()}
    return [place for place in places if place.server in known]
