"""The store as a server uses it: a bounded queue to the writer's thread, readers beside it, and an orderly end."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import Final, TypeVar

from sqlalchemy import bindparam, select

from fakes.defects import Defects
from fakes.messages.answer import Answer
from fakes.refusals import Code, RefusedError
from fakes.store.audit import START
from fakes.store.databases import Connection, Place
from fakes.store.documents import DOCUMENTS
from fakes.store.lagging import Lagging
from fakes.store.projections import Projections, kind_of
from fakes.store.statements import Statement, insertion
from fakes.store.tables import COMMON, EVENT, HEAD, SECRET
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Call, Decide, EventBody, Unit
from fakes.store.writer import Guard, Writer

T = TypeVar("T")

_BATCH: Final = 64
"""Units in one transaction at most, so that the first of them does not wait for hundreds of others."""
_READERS: Final = 2
_CROWDED: Final = 0.8

_HEAD = Statement(select(HEAD.c.id))
_NEW_HEAD = insertion(HEAD)
_SECRET = Statement(select(SECRET.c.content).where(SECRET.c.name == bindparam("name")))
_NEW_SECRET = insertion(SECRET)
_NEWEST = Statement(select(EVENT.c.at).order_by(EVENT.c.seq.desc()).limit(1))

_Item = tuple[Unit, "asyncio.Future[Answer]"]
_Commit = Callable[[], list[Answer | Exception]]


class Store:
    """One server's store.

    Parameters
    ----------
    place
        Where its tables are; `prepare` has made them.
    projections
        Those of the server.
    queue
        Calls that may wait for the writer; one more is answered 503.
    guard
        See `fakes.store.writer.Guard`.
    defects
        Seeded defects of the server.
    """

    def __init__(
        self,
        place: Place,
        projections: Projections,
        queue: int = 4096,
        guard: Guard | None = None,
        defects: Defects | None = None,
    ) -> None:
        self._place = place
        self._limit = queue
        self._writer = Writer(place, projections, guard, defects)
        self._pending: deque[_Item] = deque()
        self._commits: SimpleQueue[tuple[list[_Item], _Commit] | None] = SimpleQueue()
        self._waiting = 0
        self._busy = False
        self._idle = asyncio.Event()
        self._heard: dict[str, asyncio.Event] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="reader")
        self._own = threading.local()
        self._reading: list[Connection] = []
        self.lagging = Lagging(place)
        """The state of some time ago."""
        self.took_over: Callable[[], bool] = lambda: False
        """Whether this instance leads in the place of another that led before."""

    def start(self) -> None:
        """Start the writer; called in the event loop that waits for answers."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Calls that wait for the writer."""
        return self._waiting

    @property
    def crowded(self) -> bool:
        """Whether most of the places for waiting calls are taken."""
        return self._waiting > self._limit * _CROWDED

    @property
    def size(self) -> int:
        """Events in the log, as this process's last transaction found them."""
        return self._writer.events

    async def submit(self, call: Call, decide: Decide, *, always: bool = False, by_standby: bool = False) -> Answer:
        """Carry out a unit of work; returns after its COMMIT.

        With `always` it is taken though the queue is full: a refusal has to leave its audit record. With
        `by_standby` it is carried out by an instance that does not lead.

        Raises
        ------
        RefusedError
            When the queue is full, or the store cannot be written to.
        """
        assert self._loop is not None, "the store was not started"
        if self._waiting >= self._limit and not always:
            raise RefusedError(Code.BUSY)
        answered: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting += 1
        self._pending.append((Unit(call, decide, by_standby), answered))
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._next)  # whatever else was read in this turn of the loop comes along
        return await answered

    def heard(self, body: type[EventBody]) -> asyncio.Event:
        """Return what is set whenever an event of a kind was committed by this process; whoever waits clears it."""
        return self._heard.setdefault(kind_of(body), asyncio.Event())

    async def read(self, question: Callable[[View], T], behind_s: float = 0.0) -> T:
        """Answer a question from the last committed state, beside the writer; or from that of some real time ago."""
        loop = asyncio.get_running_loop()
        if behind_s:
            return await loop.run_in_executor(self._readers, self.lagging.answer, question, behind_s)
        return await loop.run_in_executor(self._readers, self._answer, question)

    async def stop(self) -> None:
        """Carry out what waits, then end."""
        if self._busy:
            self._idle.clear()
            await self._idle.wait()
        self._commits.put(None)
        await asyncio.to_thread(self._thread.join)
        self._readers.shutdown()
        for connection in self._reading:
            connection.close()
        self.lagging.close()
        self._writer.close()

    def secret(self, name: str) -> bytes:
        """Return a key of this server; the same in every process and after a restart."""
        connection = self._place.open()
        try:
            row = View(self._place.database, connection.cursor()).one(_SECRET, name=name)
        finally:
            connection.close()
        if row is None:
            raise LookupError(f"the store was prepared without the secret {name}")
        secret: bytes = row[0]
        return secret

    def _answer(self, question: Callable[[View], T]) -> T:
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is not None:
            try:
                return question(View(connection.database, connection.cursor()))
            except Exception:
                if connection.usable():
                    raise
        connection = self._own.connection = self._place.open(read_only=True)  # the first one, or the last one was lost
        self._reading.append(connection)
        return question(View(connection.database, connection.cursor()))

    def _next(self) -> None:
        """Decide what has come together, and hand it to the writer's thread, which commits it.

        SQLite decides here, in the loop: its statements take microseconds, and in another thread each of them would
        hand the interpreter's lock to and fro, at a third of all processor time. What may wait goes to the thread
        as a whole: a lock that another process holds, a database at the other end of a connection.
        """
        items = [self._pending.popleft() for _ in range(min(_BATCH, len(self._pending)))]
        units = [unit for unit, _ in items]
        commit: _Commit
        try:
            if self._place.database == "sqlite" and self._writer.begin(patient=False):
                commit = partial(self._writer.commit, units, self._writer.decide(units))
            else:
                commit = partial(self._writer.carry_out, units)
        except Exception as problem:
            commit = partial(self._writer.one_by_one, units, problem)
        self._commits.put((items, commit))

    def _run(self) -> None:
        assert self._loop is not None
        while (work := self._commits.get()) is not None:
            items, commit = work
            self._loop.call_soon_threadsafe(self._give, items, commit())

    def _give(self, items: list[_Item], answers: list[Answer | Exception]) -> None:
        self._waiting -= len(items)
        for kind in self._writer.happened & self._heard.keys():
            self._heard[kind].set()
        self._writer.happened.clear()
        for (_, answered), answer in zip(items, answers, strict=True):
            if answered.cancelled():
                continue
            if isinstance(answer, Answer):
                answered.set_result(answer)
            else:
                answered.set_exception(RefusedError(Code.STORE_DOWN))
        if self._pending:
            assert self._loop is not None
            self._loop.call_soon(self._next)
        else:
            self._busy = False
            self._idle.set()


def prepare(place: Place, projections: Projections, secrets_named: tuple[str, ...] = ("tokens", DOCUMENTS)) -> None:
    """Make what is missing in a store: tables, the head of log and chain, keys. Once, before any process opens it."""
    place.create(COMMON, projections.tables)
    connection = place.open()
    try:
        tx = Transaction(place.database, connection.cursor())
        connection.begin()
        if tx.one(_HEAD) is None:
            tx.run(_NEW_HEAD, id=1, event_seq=0, audit_seq=0, audit_hash=START)
        for name in secrets_named:
            if tx.one(_SECRET, name=name) is None:
                tx.run(_NEW_SECRET, name=name, content=secrets.token_bytes(32))
        connection.commit()
    finally:
        connection.close()


def agree(place: Place, name: str, content: bytes) -> bytes:
    """Keep something in a store that was prepared, unless something is kept under the name; return what is kept."""
    connection = place.open()
    try:
        tx = Transaction(place.database, connection.cursor())
        connection.begin()
        row = tx.one(_SECRET, name=name)
        if row is None:
            tx.run(_NEW_SECRET, name=name, content=content)
        connection.commit()
    finally:
        connection.close()
    return content if row is None else bytes(row[0])


def newest(place: Place) -> int | None:
    """Return the moment of the newest event of a store, microseconds since 1970; None if nothing has happened."""
    with place.snapshot() as view:
        row = view.one(_NEWEST)
    return None if row is None else int(row[0])
