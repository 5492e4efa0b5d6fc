"""Primary and standby on one store: who leads holds a lease, and every transaction checks that it still does.

The lease is a row: holder, epoch, until when. The leader renews it in its own transactions; another process takes it
only after it has run out, and raises the epoch. Whoever was stopped meanwhile finds another epoch in its next
transaction and decides nothing any more. Clocks only say when to try; that nobody else writes follows from the epoch.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, bindparam, select, update

from fakes.refusals import Code, RefusedError
from fakes.store.databases import Connection, Place
from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Transaction

LEADERSHIP: Final = MetaData()

LEADER: Final = Table(
    "leader",
    LEADERSHIP,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("holder", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""One row; `until` is real time, microseconds since 1970. No projection: it is about processes."""

_RENEWALS: Final = 5
"""In the length of a lease."""

_LOOKS: Final = 10
"""Of a standby, in the length of a lease."""

_OF_TAKEOVER: Final = 0.7
"""Part of the time of a takeover that the lease lasts; the rest is for noticing."""

_ROW = Statement(select(LEADER.c.holder, LEADER.c.epoch, LEADER.c.until).with_for_update())
_FIRST = insertion(LEADER)
_RENEW = Statement(
    update(LEADER)
    .where(LEADER.c.holder == bindparam("who"), LEADER.c.epoch == bindparam("number"))
    .values(until=bindparam("then"))
)
_TAKE = Statement(
    update(LEADER)
    .where(LEADER.c.epoch == bindparam("number"))
    .values(holder=bindparam("who"), epoch=bindparam("number") + 1, until=bindparam("then"))
)
_log = logging.getLogger("fakes.store")


def micros_now() -> int:
    """Return real time, microseconds since 1970."""
    return time.time_ns() // 1000


class Leader:
    """One process's part in the leadership.

    Parameters
    ----------
    place
        Where the store is; `prepare` has made the row.
    holder
        Name of the instance; its processes (workers) lead together, and one that is started again under the name of
        the leader goes on leading.
    takeover_s
        Real seconds within which a standby leads after the leader is gone.
    now
        Real time, microseconds.
    may_lead
        Whether a fault lets it lead, told whether it does now.
    """

    def __init__(
        self,
        place: Place,
        holder: str,
        takeover_s: float,
        now: Callable[[], int] = micros_now,
        may_lead: Callable[[bool], bool] = lambda _: True,
    ) -> None:
        self._place = place
        self._holder = holder
        self._lease = int(takeover_s * _OF_TAKEOVER * 1_000_000)
        self._now = now
        self._may_lead = may_lead
        self.leads = threading.Event()
        """Set while this process leads, as far as it knows."""
        self._epoch: int | None = None
        self._renewed = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="leader", daemon=True)

    @property
    def epoch(self) -> int | None:
        """Number of the leadership that this process has, as far as it knows; None for none."""
        return self._epoch

    @property
    def took_over(self) -> bool:
        """Whether it leads, and another instance did before."""
        return self._epoch is not None and self._epoch > 1

    def start(self) -> None:
        """Try to lead, and go on trying, or renewing."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """End; the next one may lead at once."""
        self._ends.set()
        self._thread.join()
        if self._epoch is not None:
            self._in_transaction(lambda tx: tx.run(_RENEW, who=self._holder, number=self._epoch, then=0))
            self._now_has(None)

    def guard(self, tx: Transaction) -> RefusedError | None:
        """Return why a transaction must decide nothing: another instance leads. Renews the lease when it is time."""
        row = tx.one(_ROW)
        if self._epoch is None or row is None or row[:2] != (self._holder, self._epoch):
            self._now_has(None)
            return RefusedError(Code.STANDBY)
        self._renew(tx, self._epoch)
        return None

    def look(self) -> None:
        """Renew the lease, or take it if it has run out; on a connection of its own."""
        self._in_transaction(self._look)

    def _look(self, tx: Transaction) -> None:
        row = tx.one(_ROW)
        assert row is not None, "the store was prepared without a leader's row"
        holder, epoch, until = row
        if not self._may_lead(self._epoch is not None):
            if self._epoch is not None:
                tx.run(_RENEW, who=self._holder, number=self._epoch, then=0)
                self._now_has(None)
        elif holder == self._holder:
            self._now_has(epoch)
            self._renew(tx, epoch)
        elif self._now() < until:
            self._now_has(None)
        else:
            tx.run(_TAKE, who=self._holder, number=epoch, then=self._now() + self._lease)
            self._now_has(epoch + 1)
            self._renewed = self._now()
            _log.warning("%s leads, epoch %d", self._holder, epoch + 1)

    def _now_has(self, epoch: int | None) -> None:
        self._epoch = epoch
        if epoch is None:
            self.leads.clear()
        else:
            self.leads.set()

    def _renew(self, tx: Transaction, epoch: int) -> None:
        now = self._now()
        if now - self._renewed >= self._lease // _RENEWALS:
            tx.run(_RENEW, who=self._holder, number=epoch, then=now + self._lease)
            self._renewed = now

    def _watch(self) -> None:
        pause = self._lease / 1_000_000 / _LOOKS
        while not self._ends.wait(pause):
            fresh = self._epoch is not None and self._now() - self._renewed < self._lease // _RENEWALS
            if fresh and self._may_lead(True):
                continue  # its own transactions renew the lease
            try:
                self.look()
            except Exception:
                _log.exception("the leader's lease could not be looked at")

    def _in_transaction(self, do: Callable[[Transaction], object]) -> None:
        connection: Connection = self._place.open()
        try:
            tx = Transaction(self._place.database, connection.cursor())
            connection.begin()
            do(tx)
            connection.commit()
        finally:
            connection.close()


def prepare_leadership(place: Place) -> None:
    """Make the leader's row if it is missing: nobody leads."""
    place.create(LEADERSHIP)
    connection = place.open()
    try:
        tx = Transaction(place.database, connection.cursor())
        connection.begin()
        if tx.one(_ROW) is None:
            tx.run(_FIRST, id=1, holder="", epoch=0, until=0)
        connection.commit()
    finally:
        connection.close()
