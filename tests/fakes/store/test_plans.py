"""No question that a call asks reads a whole table, so none gets slower with the store: told by SQLite's own plans."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest
from sqlalchemy import MetaData

import fakes.jlis
import fakes.portal
import fakes.store
import fakes.ward
from fakes.jlis.events.projections import PROJECTIONS as JLIS
from fakes.portal.events import PROJECTIONS as PORTAL
from fakes.store.databases import Place
from fakes.store.leader import LEADER
from fakes.store.statements import Statement
from fakes.store.tables import COMMON
from fakes.ward.events.base import PROJECTIONS as WARD

SERVERS: Final[dict[str, tuple[ModuleType, MetaData]]] = {
    "portal": (fakes.portal, PORTAL.tables),
    "jlis": (fakes.jlis, JLIS.tables),
    "ward": (fakes.ward, WARD.tables),
    "store": (fakes.store, MetaData()),
}
FEW_ROWS: Final = frozenset({"head", "secret", "leader", "staff", "client", "link", "resident_lock"})
"""Tables that do not grow with what is filed."""
QUEUES: Final = frozenset({"outbox", "item_waiting", "change_waiting"})
"""Tables and indices that hold only what waits; they are read from the first on, no further than a limit."""
NEWEST: Final = frozenset({"fakes.store.store._NEWEST", "fakes.ward.seeding._ANY"})
"""One row, from the end of the log."""
MISTAKES: Final = "fakes.jlis.mistakes"
"""What only seeded defects ask may take its time."""


def walks(step: str) -> bool:
    """Whether a step of a plan looks at all rows of a table, or at all rows of a town."""
    verb, table, *rest = step.split()
    return (
        not QUEUES & {table, *rest} and table not in FEW_ROWS and (verb == "SCAN" or rest[-1:] == ["(municipality=?)"])
    )


def statements(package: ModuleType) -> Iterator[tuple[str, Statement]]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for name, own in vars(module).items() if found.name != MISTAKES else ():
            if isinstance(own, Statement):
                yield f"{found.name}.{name}", own


@pytest.mark.parametrize("server", SERVERS)
def test_no_statement_reads_a_table_that_grows_from_end_to_end(server: str, tmp_path: Path) -> None:
    package, tables = SERVERS[server]
    file = tmp_path / "store.db"
    Place(f"sqlite:///{file}", server).create(COMMON, LEADER.metadata, tables)
    connection = sqlite3.connect(file)
    scanned: list[str] = []
    asked = 0
    for name, own in statements(package):
        sql = own.sql("sqlite")
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?"))]
        asked += 1
        scanned += [f"{name}: {step}" for step in plan if walks(step) and name not in NEWEST]
    connection.close()
    assert asked > 3
    assert scanned == []
