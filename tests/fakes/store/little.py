"""A little server of its own for tests of store and web: a shelf of notes, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, func, select

from fakes.messages.answer import Answer
from fakes.refusals import RefusedError
from fakes.store.databases import Connection, Place
from fakes.store.projections import Projections
from fakes.store.statements import Statement, insertion
from fakes.store.store import Store, prepare
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event, EventBody, Recorded
from fakes.store.writer import Guard

T = TypeVar("T")

_VIEWS: list[Connection] = []

TABLES = MetaData()
NOTE = Table(
    "note",
    TABLES,
    Column("name", String, primary_key=True),
    Column("text", String, nullable=False),
    Column("seq", Integer, nullable=False),
)
PROJECTIONS = Projections(TABLES)
INSERT = insertion(NOTE)
COUNT = Statement(select(func.count()).select_from(NOTE))
TEXT = Statement(select(NOTE.c.text).where(NOTE.c.name == bindparam("wanted")))
ALL = Statement(select(NOTE).order_by(NOTE.c.name))


class Written(EventBody, tag="written"):
    text: str


@PROJECTIONS.on(Written)
def _written(tx: Transaction, event: Recorded[Written]) -> None:
    tx.run(INSERT, name=event.subject, text=event.body.text, seq=event.seq)


@dataclass
class LittleCall:
    """What the store asks of a call."""

    actor: str = "tester"
    key: str = ""
    digest: bytes = b""
    at: int = 1_677_600_000_000_000
    request_id: str = "request"
    attempt: int = 1
    fault_id: str = ""
    audited: list[int] = field(default_factory=list)

    def refuse(self, refused: RefusedError) -> Answer:
        return Answer(refused.status, refused.code.value.encode(), code=refused.code.value)

    def record(self, seq: int, answer: Answer, decision: Decision | None) -> bytes:
        return msgspec.json.encode((seq, self.actor, answer.status, decision.subject if decision else ""))


def write(name: str, text: str, document: bytes | None = None) -> Decide:
    """Write a note, and say how many there were before."""

    def decide(tx: Transaction) -> Decision:
        before = tx.one(COUNT)
        assert before is not None
        return Decision(Answer(200, b"%d" % before[0]), (Event(name, Written(text), document=document),), name)

    return decide


def place_in(folder: Path) -> Place:
    """Return a prepared place for the store, in a file."""
    (folder / "little.db").write_bytes(_prepared())
    return Place(f"sqlite:///{folder / 'little.db'}", "little")


@cache
def _prepared() -> bytes:
    """An empty store, made once for all tests."""
    with TemporaryDirectory() as folder:
        place = Place(f"sqlite:///{folder}/little.db", "little")
        prepare(place, PROJECTIONS)
        return Path(folder, "little.db").read_bytes()


def with_store(
    place: Place, use: Callable[[Store], Awaitable[T]], *, queue: int = 100, guard: Guard | None = None
) -> T:
    """Run something with a started store, and stop the store in order."""

    async def run() -> T:
        store = Store(place, PROJECTIONS, queue, guard)
        store.start()
        try:
            return await use(store)
        finally:
            await store.stop()

    return asyncio.run(run())


def view_of(place: Place) -> View:
    """Return a look at what is committed; `close_views` at the end of the test."""
    connection = place.open(read_only=True)
    _VIEWS.append(connection)
    return View(place.database, connection.cursor())


def close_views() -> None:
    """Close what `view_of` opened."""
    while _VIEWS:
        _VIEWS.pop().close()
