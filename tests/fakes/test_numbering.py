"""Temporary numbers and receipt numbers never repeat."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pytest

from fakes.numbering import (
    Serials,
    checked_receipt_number,
    checked_temporary_number,
    receipt_number,
    temporary_number,
)
from fakes.refusals import Code, RefusedError

DAY = date(2026, 3, 2)


def test_numbers_have_the_lengths_that_clients_know() -> None:
    assert temporary_number(DAY, 5) == "20260302000000000005"
    assert receipt_number(DAY, 5) == "20260302000000005"
    assert checked_temporary_number(temporary_number(DAY, 10**12 - 1)) == "20260302999999999999"
    assert checked_receipt_number(receipt_number(DAY, 10**9 - 1)) == "20260302999999999"


def test_a_serial_that_does_not_fit_is_an_error_and_never_cut() -> None:
    with pytest.raises(ValueError, match="at most 9 digits"):
        receipt_number(DAY, 10**9)
    with pytest.raises(ValueError, match="at most 12 digits"):
        temporary_number(DAY, -1)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", Code.REQUIRED), ("1" * 16, Code.LENGTH), ("1" * 18, Code.LENGTH), ("é" * 17, Code.CHARACTERS)],
)
def test_what_is_no_receipt_number_is_refused(text: str, code: Code) -> None:
    with pytest.raises(RefusedError) as caught:
        checked_receipt_number(text)
    assert caught.value.code is code
    assert caught.value.item == "reference_number"


def test_threads_of_one_process_never_share_a_number() -> None:
    counter = iter(range(0, 10**6, 7))
    serials = Serials(lambda _: next(counter), size=7)  # blocks are reserved under the lock of Serials
    taken: list[list[int]] = [[] for _ in range(4)]

    def take(mine: list[int]) -> None:
        mine.extend(serials.take() for _ in range(1000))

    threads = [threading.Thread(target=take, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for mine in taken for number in mine) == list(range(4000))


def test_processes_on_one_store_never_share_a_number_in_one_instant(tmp_path: Path) -> None:
    store = tmp_path / "serials.sqlite"
    with sqlite3.connect(store) as connection:
        connection.execute("CREATE TABLE serial (next INTEGER NOT NULL)")
        connection.execute("INSERT INTO serial VALUES (1)")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        numbers = [number for mine in pool.map(_numbers, [store, store]) for number in mine]
    assert len(set(numbers)) == len(numbers) == 1000


def test_a_restart_leaves_a_gap_and_repeats_nothing() -> None:
    stored = [1]

    def reserve(size: int) -> int:
        stored[0] += size
        return stored[0] - size

    before = [Serials(reserve, 10).take() for _ in range(3)]
    after = [Serials(reserve, 10).take() for _ in range(3)]
    assert before == [1, 11, 21]
    assert after == [31, 41, 51]


def _numbers(store: Path) -> list[str]:
    connection = sqlite3.connect(store, timeout=30, isolation_level=None)

    def reserve(size: int) -> int:
        row = connection.execute("UPDATE serial SET next = next + ? RETURNING next", (size,)).fetchone()
        return int(row[0]) - size

    serials = Serials(reserve, 3)
    return [receipt_number(DAY, serials.take()) for _ in range(500)]
