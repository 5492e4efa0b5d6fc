"""A portal's store with a million applications of others: rows of the log and of the tables, as if they had been filed.

The packages are left out (they are read by number only, and would take gigabytes); every row and every index is there.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

APPLICATIONS: Final = 1_000_000
EACH: Final = 2
"""Applications of one applicant."""

_NUMBERS: Final = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
_OWN: Final = {
    "application": {
        "seq": ":first + i",
        "temporary": "'T' || (:first + i)",
        "reference": "'R' || (:first + i)",
        "applicant": f"'other-' || (i / {EACH})",
        "content": ":first + i",
        "duplicate_of": "''",
    },
    "event": {"seq": ":first + i", "subject": "'T' || (:first + i)", "actor": f"'other-' || (i / {EACH})"},
}
"""What differs from row to row; all else is that of the newest row there is."""


def fill(store: Path, count: int = APPLICATIONS) -> None:
    """Add applications to the store of a portal that is not running and has at least one."""
    with sqlite3.connect(store, isolation_level=None) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        [first] = connection.execute("SELECT event_seq FROM head").fetchone()
        for table, own in _OWN.items():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(own.get(name, f"pattern.{name}") for name in columns)
            newest = f"(SELECT * FROM {table} ORDER BY seq DESC LIMIT 1) AS pattern"  # noqa: S608 - names of our own
            connection.execute(
                f"INSERT INTO {table} {_NUMBERS} SELECT {values} FROM n, {newest}",  # noqa: S608 - names of our own
                {"first": first, "count": count},
            )
        connection.execute("UPDATE head SET event_seq = event_seq + ?", (count,))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
