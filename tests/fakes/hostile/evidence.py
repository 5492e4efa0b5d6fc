"""What a hostile call may leave at a server: its refusal, one audit record, and otherwise nothing at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from sqlalchemy import select, text

from fakes.endpoints import Server
from fakes.serving.assembly import PROJECTIONS, place_of
from fakes.serving.settings import Settings
from fakes.store.audit import verify
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.store.tables import AUDIT, COMMON, HEAD
from fakes.store.transaction import Row
from tests.fakes.clients import Response

_RECORDS = Statement(select(AUDIT.c.record).order_by(AUDIT.c.seq))
_LOG_ENDS = Statement(select(HEAD.c.event_seq))
ACTOR, STATUS, CODE = 2, 8, 9
"""Places in an audit record."""


class Seen(Struct):
    """A store at one moment: log and projections by table, and the audit records beside them."""

    tables: dict[str, list[Row]]
    records: list[list[Any]]


class Evidence:
    """Looks into the store of a server that runs, here or in another process."""

    def __init__(self, settings: Settings) -> None:
        self._place: Place = place_of(settings)
        self._tables = _tables_of(settings.server)

    def look(self) -> Seen:
        """Return everything that is committed; the audit chain must be whole."""
        with self._place.snapshot() as view:
            assert verify(view).whole
            tables = {name: view.all(statement) for name, statement in self._tables.items()}
            tables[HEAD.name] = view.all(_LOG_ENDS)
            return Seen(tables, [json.loads(row[0]) for row in view.all(_RECORDS)])

    def refuses(self, act: Callable[[], Response], status: int, code: str) -> list[Any]:
        """Check that a call is refused so, leaves one record that says it, and changes nothing; return the record."""
        before = self.look()
        answer = act()
        assert (answer.status, answer.code) == (status, code), answer.body.decode()
        return self.recorded(before, status, code)

    def recorded(self, before: Seen, status: int, code: str) -> list[Any]:
        """Check that since then one call was refused so and nothing has changed; return its record."""
        after = self.look()
        changed = [name for name, rows in after.tables.items() if rows != before.tables[name]]
        assert not changed, f"a refused call changed {changed}"
        assert len(after.records) == len(before.records) + 1
        assert after.records[-1][STATUS : CODE + 1] == [status, code]
        return after.records[-1]


def _tables_of(server: Server) -> dict[str, Statement]:
    """Return how to read every table of a server but its audit chain, and the head, which counts audit records too."""
    named = {*COMMON.tables, *PROJECTIONS[server].tables.tables} - {AUDIT.name, HEAD.name}
    return {name: Statement(select(text("*")).select_from(text(name)).order_by(text("1, 2"))) for name in named}
