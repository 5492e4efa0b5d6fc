"""Ledgers outlive their worker; a torn end is no damage, and any other change is."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.calls import Call, Calls, Came
from loadtests.errors import LoadError
from loadtests.ledger import AnyLine, Closed, Failed, Intent, Ledger, Ok, Opened, Reading, Unknown
from loadtests.sorting import ExternalSort

OPENED = Opened("run", "hash", 0, 2)
LINES: list[AnyLine] = [
    Intent("q1", 1, "portal", "submit", 10, 12, "a1", "owner", "d1", "stored:portal", 2),
    Intent("q2", 1, "portal", "status", 11, 13),
    Ok("q2", 1, 20, 200, state="accepted"),
    Unknown("q1", 1, 25, "reset"),
    Intent("q1", 2, "portal", "submit", 30, 31, "a1", "owner", "d1", "stored:portal", 2),
    Ok("q1", 2, 40, 201, "R1", "owner"),
    Intent("q3", 1, "jlis", "fetch", 50, 51, refused=True),
    Failed("q3", 1, 60, 409, "E0004"),
]


def written(path: Path, lines: list[AnyLine] = LINES) -> Path:
    with Ledger(path, OPENED) as ledger:
        for line in lines:
            ledger.write(line)
    return path


def read(path: Path) -> tuple[Reading, list[AnyLine]]:
    reading = Reading(path)
    return reading, list(reading.lines())


def test_a_ledger_reads_as_it_was_written(tmp_path: Path) -> None:
    reading, lines = read(written(tmp_path / "ledger"))
    assert lines == LINES
    assert reading.opened == OPENED
    assert reading.closed == Closed(len(LINES) + 1)
    assert not reading.torn


@given(st.floats(0, 1))
def test_wherever_a_worker_is_killed_every_whole_line_is_there(
    tmp_path_factory: pytest.TempPathFactory, at: float
) -> None:
    path = written(tmp_path_factory.mktemp("torn") / "ledger")
    whole = path.read_bytes()
    cut = whole[: int(at * len(whole))]
    path.write_bytes(cut)
    reading, lines = read(path)
    assert lines == LINES[: max(0, cut.count(b"\n") - 1)]
    assert reading.torn == (not cut.endswith(b"\n") and cut != b"")
    assert (reading.closed is None) == (len(cut) < len(whole))


@given(st.data())
def test_a_line_that_was_changed_removed_put_in_or_moved_is_recognised(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = written(tmp_path_factory.mktemp("changed") / "ledger")
    lines = path.read_bytes().splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 2))
    way = data.draw(st.sampled_from(("remove", "repeat", "swap", "change")))
    changed = list(lines)
    if way == "remove":
        del changed[place]
    elif way == "repeat":
        changed.insert(place, lines[place])
    elif way == "swap":
        changed[place], changed[place + 1] = changed[place + 1], changed[place]
    else:
        letter = data.draw(st.integers(0, len(lines[place]) - 2))
        byte = bytes([lines[place][letter] ^ 1])
        if byte == b"\n":
            return
        changed[place] = lines[place][:letter] + byte + lines[place][letter + 1 :]
    path.write_bytes(b"".join(changed))
    with pytest.raises(LoadError) as caught:
        read(path)
    assert caught.value.code == "E-load-ledger-damaged"


def test_a_planted_line_with_a_right_checksum_breaks_the_chain_behind_it(tmp_path: Path) -> None:
    other = written(tmp_path / "other", [*LINES[:2], Ok("q1", 1, 14, 201, "R9"), *LINES[2:]])
    planted = other.read_bytes().splitlines(keepends=True)[3]
    path = written(tmp_path / "ledger")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], planted, *lines[3:]]))
    with pytest.raises(LoadError, match="from line 5 on"):
        read(path)


def test_a_file_that_goes_on_after_its_last_line_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = Ledger(path, OPENED)
    ledger.write(Closed(1))
    ledger.write(LINES[0])
    ledger.close()
    with pytest.raises(LoadError, match="line 3"):
        read(path)


def test_a_ledger_is_never_written_twice_and_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    written(tmp_path / "ledger")
    for wrong in (lambda: Ledger(tmp_path / "ledger", OPENED), lambda: read(tmp_path / "none")):
        with pytest.raises(LoadError) as caught:
            wrong()
        assert caught.value.code == "E-load-ledger-file"


KILLED = """
import os, signal, sys
from pathlib import Path
from loadtests.ledger import Intent, Ledger, Opened
ledger = Ledger(Path(sys.argv[1]), Opened("run", "hash", 0, 1))
for number in range(1000):
    ledger.write(Intent(f"q{number}", 1, "portal", "submit", number, number))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_written_before_a_kill_is_on_file(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "ledger")], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    reading, lines = read(tmp_path / "ledger")
    assert len(lines) == 1000
    assert reading.closed is None
    assert not reading.torn


# --- calls -----------------------------------------------------------------------------------------------------------


def test_calls_of_all_workers_come_sorted_by_request_with_what_came_of_them(tmp_path: Path) -> None:
    first = written(tmp_path / "first", LINES[:4])
    second = written(tmp_path / "second", LINES[4:7])
    calls = Calls([second, first], tmp_path / "sorted", chunk=2)
    came = [(call.request, call.attempt, call.came, call.end) for call in calls]
    assert came == [
        ("q1", 1, Came.UNKNOWN, 25),
        ("q1", 2, Came.OK, 40),
        ("q2", 1, Came.OK, 20),
        ("q3", 1, Came.UNKNOWN, -1),
    ]
    told = list(calls)[1]
    assert told == Call(
        "q1", 2, "portal", "submit", 30, 31, Came.OK, 40, "a1", "owner", "d1", "stored:portal", 2,
        status=201, got_reference="R1", got_owner="owner",
    )  # fmt: skip
    assert [held.closed is not None for held in calls.held] == [True, True]


@pytest.mark.parametrize(
    "lines",
    [
        [Ok("q1", 1, 14, 201, "R9")],
        [LINES[0], Unknown("q1", 1, 25), Ok("q1", 1, 26, 201, "R1")],
        [LINES[0], LINES[0]],
        [LINES[0], Ok("q1", 2, 26, 201, "R1")],
    ],
    ids=["never announced", "two outcomes", "announced twice", "of another try"],
)
def test_an_outcome_that_does_not_pair_with_an_announcement_is_no_evidence(
    tmp_path: Path, lines: list[AnyLine]
) -> None:
    with pytest.raises(LoadError) as caught:
        list(Calls([written(tmp_path / "ledger", lines)], tmp_path / "sorted"))
    assert caught.value.code == "E-load-ledger-orphan"


# --- sorting ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 20), max_size=300), st.integers(1, 7))
def test_any_number_of_chunks_comes_out_sorted_with_equal_keys_in_their_order(
    tmp_path_factory: pytest.TempPathFactory, ends: list[int], chunk: int
) -> None:
    sorting: ExternalSort[Unknown] = ExternalSort(
        Unknown, lambda line: line.end, tmp_path_factory.mktemp("chunks"), chunk
    )
    for place, end in enumerate(ends):
        sorting.put(Unknown("q", place, end))
    expected = [(place, end) for end, place in sorted((end, place) for place, end in enumerate(ends))]
    for _ in range(2):
        assert [(line.attempt, line.end) for line in sorting] == expected
