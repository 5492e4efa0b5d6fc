"""The one writer: takes what has come together, decides and records it in one transaction, and answers after COMMIT.

Events, documents and audit records of a batch are inserted together at its end; projections at once, so that later
units of the batch see them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from fakes.defects import Defects
from fakes.messages.answer import Answer
from fakes.refusals import Code, RefusedError
from fakes.store.audit import link
from fakes.store.databases import Place
from fakes.store.documents import Sealing
from fakes.store.projections import Projections, kind_of
from fakes.store.statements import Statement, insertion
from fakes.store.tables import AUDIT, DOCUMENT, EVENT, HEAD, IDEMPOTENCY
from fakes.store.transaction import Row, Transaction
from fakes.store.unit import Decision, Event, Recorded, Unit

REPLAYED = (b"idempotent-replay", b"true")
"""On an answer that was given before for the same key."""

Guard = Callable[[Transaction], RefusedError | None]
"""Looked at first in every batch; returns why this process must not decide anything (another one leads).

Then every call of the batch is refused so, and only that it was refused is recorded.
"""

_LOCK_HEAD = Statement(select(HEAD.c.event_seq, HEAD.c.audit_seq, HEAD.c.audit_hash).with_for_update())
_MOVE_HEAD = Statement(
    update(HEAD).values(
        event_seq=bindparam("event_seq"), audit_seq=bindparam("audit_seq"), audit_hash=bindparam("audit_hash")
    )
)
_KNOWN_KEY = Statement(
    select(IDEMPOTENCY.c.digest, IDEMPOTENCY.c.answer).where(
        IDEMPOTENCY.c.actor == bindparam("actor"), IDEMPOTENCY.c.key == bindparam("key")
    )
)
_AUDITED = Statement(select(AUDIT.c.hash).where(AUDIT.c.seq == bindparam("seq")))
_KEEP_KEY = insertion(IDEMPOTENCY)
_EVENTS, _DOCUMENTS, _AUDITS = insertion(EVENT), insertion(DOCUMENT), insertion(AUDIT)

_encode = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_unpack_answer = msgspec.msgpack.Decoder(Answer).decode
_log = logging.getLogger("fakes.store")


class _HungUpError(Exception):
    """The database hung up, and the batch is not in it."""


class Writer:
    """Carries out batches on its own connection. Not for several threads at once."""

    def __init__(
        self, place: Place, projections: Projections, guard: Guard | None = None, defects: Defects | None = None
    ) -> None:
        self._place = place
        self._projections = projections
        self._guard = guard
        self._defects = defects or Defects()
        self._sealing = Sealing()
        self._connection = place.open()
        self._tx = Transaction(place.database, self._connection.cursor())
        self.happened: set[str] = set()
        """Kinds of the events that were recorded since somebody looked and cleared it."""
        self.events = 0
        """How many there were when it looked last."""
        self._last = (0, b"")

    def carry_out(self, units: Sequence[Unit]) -> list[Answer | Exception]:
        """Decide, record and commit units; return their answers, or why one could not even be recorded."""
        try:
            self.begin()
            answers = self.decide(units)
        except Exception as problem:
            return self.one_by_one(units, problem)
        return self.commit(units, answers)

    def begin(self, *, patient: bool = True) -> bool:
        """Begin a transaction; return whether it was begun. Unless patient, another writer is not waited for."""
        if not self._connection.usable():
            self._reopen()
        return self._connection.begin(patient=patient)

    def decide(self, units: Sequence[Unit]) -> list[Answer]:
        """Decide and record units in the transaction that was begun; return their answers, which nobody may see yet."""
        batch = _Batch(self._tx, self._projections, self._defects, self._sealing)
        refused = self._guard(self._tx) if self._guard is not None else None
        if refused is None:
            answers = [batch.take(unit) for unit in units]
        else:
            answers = [batch.take(unit) if unit.by_standby else batch.refuse(unit, refused) for unit in units]
        batch.write()
        self.happened |= batch.kinds
        self._last = batch.last
        self.events = batch.events
        return answers

    def commit(self, units: Sequence[Unit], answers: list[Answer]) -> list[Answer | Exception]:
        """Commit what was decided; if that fails, carry the units out again one by one."""
        try:
            self._commit()
        except Exception as problem:
            return self.one_by_one(units, problem)
        return list(answers)

    def one_by_one(self, units: Sequence[Unit], problem: Exception) -> list[Answer | Exception]:
        """Undo a batch that failed as a whole, and carry its units out singly, so that one spoils no other.

        A single one is carried out again where not it failed, but the connection.
        """
        lost = isinstance(problem, _HungUpError) or not self._connection.usable()
        self._undo()
        if len(units) > 1 or lost:
            return [self._alone(unit) for unit in units]
        return [self._failed(units[0], problem)]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _alone(self, unit: Unit) -> Answer | Exception:
        try:
            return self._single(unit)
        except Exception as problem:
            self._undo()
            return self._failed(unit, problem)

    def _failed(self, unit: Unit, problem: Exception) -> Answer | Exception:
        """Record that a unit failed; if not even that can be recorded, return why."""
        _log.error("a call failed and changed nothing", exc_info=problem)

        def refuse(_tx: Transaction) -> Decision:
            raise RefusedError(Code.UNEXPECTED)

        try:
            return self._single(Unit(unit.call, refuse))
        except Exception as worse:
            self._undo()
            return worse

    def _single(self, unit: Unit) -> Answer:
        self.begin()
        [answer] = self.decide([unit])
        self._commit()
        return answer

    def _commit(self) -> None:
        """Commit. If the database hangs up meanwhile, find out whether it did: nothing may be done twice."""
        try:
            self._connection.commit()
        except Exception as problem:
            if self._connection.usable():
                raise
            self._reopen()
            seq, fingerprint = self._last
            if self._tx.one(_AUDITED, seq=seq) != (fingerprint,):
                raise _HungUpError from problem

    def _reopen(self) -> None:
        self._connection.close()
        self._connection = self._place.open()
        self._tx = Transaction(self._place.database, self._connection.cursor())

    def _undo(self) -> None:
        try:
            self._connection.rollback()
        except Exception:
            _log.exception("a transaction could not be rolled back")


class _Batch:
    """One transaction's records, numbered and chained as they come."""

    def __init__(self, tx: Transaction, projections: Projections, defects: Defects, sealing: Sealing) -> None:
        self._tx = tx
        self._projections = projections
        self._defects = defects
        self._sealing = sealing
        head = tx.one(_LOCK_HEAD)
        assert head is not None, "the store was made without a head"
        self._event_seq: int
        self._event_seq, self._audit_seq, self._hash = head
        self._events: list[Row] = []
        self._documents: list[Row] = []
        self._audits: list[Row] = []
        self.kinds: set[str] = set()

    @property
    def events(self) -> int:
        """Number of the last event."""
        return self._event_seq

    @property
    def last(self) -> tuple[int, bytes]:
        """Number and hash of the last audit record; the hash is no other batch's."""
        return self._audit_seq, self._hash

    def take(self, unit: Unit) -> Answer:
        """Decide one unit and note what is to be recorded of it."""
        call = unit.call
        if call.key and (known := self._tx.one(_KNOWN_KEY, actor=call.actor, key=call.key)) is not None:
            if known[0] != call.digest or not self._defects.on("idempotency-ignored"):
                return self._again(unit, *known)
            call.key = ""  # seeded defect: what is sent again is carried out again
        self._tx.next_seq = self._event_seq + 1
        decision: Decision | None
        try:
            decision = unit.decide(self._tx)
            answer = decision.answer
            for event in decision.events:
                self._record(unit, event)
        except RefusedError as refused:
            decision, answer = None, call.refuse(refused)
        if call.key and answer.status < 500:  # a server error decides nothing: the caller may try again
            kept = _pack(answer)
            self._tx.run(_KEEP_KEY, actor=call.actor, key=call.key, digest=call.digest, answer=kept, at=call.at)
        self._audit(unit, answer, decision)
        return answer

    def refuse(self, unit: Unit, refused: RefusedError) -> Answer:
        """Note that a unit was refused undecided."""
        answer = unit.call.refuse(refused)
        self._audit(unit, answer, None)
        return answer

    def _again(self, unit: Unit, digest: bytes, kept: bytes) -> Answer:
        """Answer a key that was used before: the same for the same content, else a refusal."""
        if digest != unit.call.digest:
            answer = unit.call.refuse(RefusedError(Code.KEY_REUSED))
        else:
            answer = _unpack_answer(kept)
            answer.headers = (*answer.headers, REPLAYED)
        self._audit(unit, answer, None)
        return answer

    def _record(self, unit: Unit, event: Event[Any]) -> None:
        call = unit.call
        self._event_seq += 1
        seq, kind = self._event_seq, kind_of(type(event.body))
        facts = (call.at, kind, event.subject, event.municipality, call.actor, call.request_id, call.attempt)
        rest = (event.owner, event.digest, call.fault_id)
        self._projections.apply(self._tx, Recorded(seq, *facts, *rest, event.body))
        self.kinds.add(kind)
        self._events.append((seq, *facts, *rest, _encode(event.body)))
        if event.document is not None:
            self._documents.append((seq, self._sealing.seal(self._tx, seq, event.document)))

    def _audit(self, unit: Unit, answer: Answer, decision: Decision | None) -> None:
        if self._defects.hits("unaudited-call", unit.call.request_id):  # seeded defect: no record of the call
            return
        self._audit_seq += 1
        record = unit.call.record(self._audit_seq, answer, decision)
        self._hash = link(self._hash, record)
        self._audits.append((self._audit_seq, record, self._hash))

    def write(self) -> None:
        """Insert what was noted, and move the head."""
        for statement, rows in ((_EVENTS, self._events), (_DOCUMENTS, self._documents), (_AUDITS, self._audits)):
            if rows:
                self._tx.run_many(statement, rows)
        self._tx.run(_MOVE_HEAD, event_seq=self._event_seq, audit_seq=self._audit_seq, audit_hash=self._hash)
