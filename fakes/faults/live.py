"""Faults that are added and cleared while servers run: events of the log, and the table from which every process reads.

What one process is told reaches the others through the store: each looks there at most every `LOOK_S`, before a call.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Final

import msgspec
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, bindparam, func, select, update

from fakes.faults.fault import Fault
from fakes.store.databases import Connection, Place
from fakes.store.projections import Projections
from fakes.store.statements import Statement, insertion
from fakes.store.tables import Sequence
from fakes.store.transaction import Transaction, View
from fakes.store.unit import EventBody, Recorded

LOOK_S: Final = 0.05
"""Real seconds between looks into the store for what other processes were told."""

FAULT: Final = Table(
    "fault",
    MetaData(),
    Column("id", String, primary_key=True),
    Column("changed_seq", Sequence, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Live faults, and with an empty `content` those that were cleared, of the scenario too."""


class FaultAdded(EventBody, tag="fault-added"):
    """The operator added a fault; the subject is its id."""

    fault: Fault


class FaultsCleared(EventBody, tag="faults-cleared"):
    """The operator cleared faults, the scenario's own among them."""

    ids: list[str]


KINDS: Final = frozenset({"fault-added", "faults-cleared"})
"""Events of the operator's control, which every server has beside its own."""

_F = FAULT.c
_NEWEST = Statement(select(func.max(_F.changed_seq)))
_ALL = Statement(select(_F.id, _F.content).order_by(_F.changed_seq, _F.id))
_NEW = insertion(FAULT)
_CHANGE = Statement(
    update(FAULT).where(_F.id == bindparam("name")).values(changed_seq=bindparam("event"), content=bindparam("what"))
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Fault).decode
_log = logging.getLogger("fakes.faults")


def with_faults(projections: Projections) -> Projections:
    """Let the log of a server hold live faults, and its store the table of them."""
    if FAULT.name not in projections.tables.tables:
        FAULT.to_metadata(projections.tables)
        projections.on(FaultAdded)(_added)
        projections.on(FaultsCleared)(_cleared)
    return projections


def _added(tx: Transaction, event: Recorded[FaultAdded]) -> None:
    _put(tx, event.subject, event.seq, _encode(event.body.fault))


def _cleared(tx: Transaction, event: Recorded[FaultsCleared]) -> None:
    for name in event.body.ids:
        _put(tx, name, event.seq, b"")


def _put(tx: Transaction, name: str, seq: int, content: bytes) -> None:
    if not tx.run(_CHANGE, name=name, event=seq, what=content):
        tx.run(_NEW, id=name, changed_seq=seq, content=content)


def standing(view: View, scenario: Iterable[Fault]) -> list[Fault]:
    """Return the faults that there are: the scenario's, but for those that were cleared, then the live ones."""
    rows: dict[str, bytes] = dict(view.all(_ALL))
    own = [fault for fault in scenario if rows.get(fault.id) is None]
    return own + [_decode(content) for content in rows.values() if content]


class LiveFaults:
    """A process's look at the faults that there are.

    Parameters
    ----------
    place
        Where the server's store is.
    scenario
        The faults of its scenario.
    now
        Real seconds that never go back.
    """

    def __init__(self, place: Place, scenario: tuple[Fault, ...], now: Callable[[], float] = time.monotonic) -> None:
        self._place = place
        self._scenario = scenario
        self._now = now
        self._next = -1.0
        self._newest: int | None = -1
        self._connection: Connection | None = None

    def changed(self, *, at_once: bool) -> list[Fault] | None:
        """Return the faults if they have changed since the last look; None if not, or if it is too early to look."""
        now = self._now()
        if now < self._next and not at_once:
            return None
        self._next = now + LOOK_S
        try:
            return self._looked()
        except Exception:
            _log.exception("the live faults cannot be read; they stay as they were")
            self.close()
            return None

    def _looked(self) -> list[Fault] | None:
        if self._connection is None:
            self._connection = self._place.open(read_only=True)
        view = View(self._place.database, self._connection.cursor())
        row = view.one(_NEWEST)
        newest = row[0] if row is not None else None
        if newest == self._newest:
            return None
        self._newest = newest
        return standing(view, self._scenario)

    def close(self) -> None:
        """Close its connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
