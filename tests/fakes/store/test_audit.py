"""The audit chain: whatever is done to it afterwards, the first record that does not fit is named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import bindparam, delete, select, update

from fakes.messages.answer import Answer
from fakes.store import audit
from fakes.store.databases import Place
from fakes.store.statements import Statement, insertion
from fakes.store.store import Store
from fakes.store.tables import AUDIT, HEAD
from fakes.store.transaction import Row, Transaction
from tests.fakes.store.little import LittleCall, view_of, with_store, write

RECORDS = 6
ROW = Statement(select(AUDIT).where(AUDIT.c.seq == bindparam("wanted")))
RECORD = Statement(update(AUDIT).where(AUDIT.c.seq == bindparam("wanted")).values(record=bindparam("new")))
HASH = Statement(update(AUDIT).where(AUDIT.c.seq == bindparam("wanted")).values(hash=bindparam("new")))
NUMBER = Statement(update(AUDIT).where(AUDIT.c.seq == bindparam("wanted")).values(seq=bindparam("new")))
DELETE = Statement(delete(AUDIT).where(AUDIT.c.seq == bindparam("wanted")))
INSERT = insertion(AUDIT)
MOVE_HEAD = Statement(update(HEAD).values(audit_seq=bindparam("new")))


def row(tx: Transaction, seq: int) -> Row:
    found = tx.one(ROW, wanted=seq)
    assert found is not None
    return found


def flip_a_byte(tx: Transaction) -> None:
    record = bytearray(row(tx, 3)[1])
    record[5] ^= 1
    tx.run(RECORD, wanted=3, new=bytes(record))


def change_a_hash(tx: Transaction) -> None:
    tx.run(HASH, wanted=3, new=bytes(32))


def change_a_record_and_its_hash(tx: Transaction) -> None:
    record = b"[3,other]"
    tx.run(RECORD, wanted=3, new=record)
    tx.run(HASH, wanted=3, new=audit.link(row(tx, 2)[2], record))


def delete_a_row(tx: Transaction) -> None:
    tx.run(DELETE, wanted=3)


def delete_the_first_row(tx: Transaction) -> None:
    tx.run(DELETE, wanted=1)


def insert_a_row(tx: Transaction) -> None:
    for seq in range(RECORDS, 2, -1):
        tx.run(NUMBER, wanted=seq, new=seq + 1)
    _, record, _ = row(tx, 2)
    tx.run(INSERT, seq=3, record=record, hash=audit.link(row(tx, 2)[2], record))


def swap_two(tx: Transaction) -> None:
    (_, third, third_hash), (_, fourth, fourth_hash) = row(tx, 3), row(tx, 4)
    tx.run(RECORD, wanted=3, new=fourth)
    tx.run(HASH, wanted=3, new=fourth_hash)
    tx.run(RECORD, wanted=4, new=third)
    tx.run(HASH, wanted=4, new=third_hash)


def cut_the_tail(tx: Transaction) -> None:
    tx.run(DELETE, wanted=RECORDS)


def cut_the_tail_and_say_so(tx: Transaction) -> None:
    tx.run(DELETE, wanted=RECORDS)
    tx.run(MOVE_HEAD, new=RECORDS - 1)


def add_at_the_end(tx: Transaction) -> None:
    _, record, fingerprint = row(tx, RECORDS)
    tx.run(INSERT, seq=RECORDS + 1, record=record, hash=audit.link(fingerprint, record))


def fill(place: Place) -> None:
    async def use(store: Store) -> list[Answer]:
        return await asyncio.gather(*(store.submit(LittleCall(), write(f"n{i}", "x")) for i in range(RECORDS)))

    with_store(place, use)


@pytest.mark.parametrize(
    ("tamper", "broken_at"),
    [
        (flip_a_byte, 3),
        (change_a_hash, 3),
        (change_a_record_and_its_hash, 4),
        (delete_a_row, 3),
        (delete_the_first_row, 1),
        (insert_a_row, 4),
        (swap_two, 3),
        (cut_the_tail, RECORDS),
        (cut_the_tail_and_say_so, RECORDS),
        (add_at_the_end, RECORDS + 2),
    ],
)
def test_what_was_done_to_the_chain_is_found(
    place: Place, tamper: Callable[[Transaction], None], broken_at: int
) -> None:
    fill(place)
    assert audit.verify(view_of(place)) == audit.Verified(RECORDS)
    connection = place.open()
    connection.begin()
    tamper(Transaction(place.database, connection.cursor()))
    connection.commit()
    connection.close()
    found = audit.verify(view_of(place))
    assert (found.whole, found.broken_at) == (False, broken_at)


def test_a_chain_is_checked_while_it_grows(place: Place) -> None:
    fill(place)
    with place.snapshot() as view:
        view.one(ROW, wanted=1)
        with_store(place, lambda store: store.submit(LittleCall(), write("later", "x")))
        assert audit.verify(view) == audit.Verified(RECORDS)
    assert audit.verify(view_of(place)) == audit.Verified(RECORDS + 1)
