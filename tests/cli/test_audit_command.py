"""`hikkoshi audit verify`: stores are whole, or the first record that does not fit is named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.exits import Exit
from fakes.store.databases import Place
from fakes.store.store import Store, prepare
from tests.cli.small_ward import knock
from tests.fakes.store.little import PROJECTIONS, LittleCall, with_store, write
from tests.postgres import Cluster

RECORDS = 12


def fill(url: str, server: str, records: int = RECORDS) -> None:
    """Make a store with some calls in it."""
    place = Place(url, server)
    prepare(place, PROJECTIONS)

    async def use(store: Store) -> None:
        for number in range(records):
            await store.submit(LittleCall(), write(f"note{number}", "x"))

    with_store(place, use)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for server in ("portal", "ward"):
        fill(f"sqlite:///{tmp_path / server}.db", server)
    return tmp_path


def flip_a_byte(file: Path) -> None:
    content = file.read_bytes()
    place = content.index(b'[5,"tester"')
    file.write_bytes(content[: place + 4] + bytes([content[place + 4] ^ 1]) + content[place + 5 :])


def run(*statements: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        connection = sqlite3.connect(file)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return change


delete_a_row = run("DELETE FROM audit WHERE seq = 5")
insert_a_row = run(
    "UPDATE audit SET seq = -seq - 1 WHERE seq >= 5",
    "UPDATE audit SET seq = -seq WHERE seq < 0",
    "INSERT INTO audit SELECT 5, record, hash FROM audit WHERE seq = 4",
)
swap_two = run(
    "UPDATE audit SET seq = -5 WHERE seq = 5",
    "UPDATE audit SET seq = 5 WHERE seq = 6",
    "UPDATE audit SET seq = 6 WHERE seq = -5",
)
cut_the_tail = run("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")


def test_whole_stores_are_counted_and_said_to_be_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert knock("audit", "verify", str(folder)) == Exit.FINE
    first, portal, ward = capsys.readouterr().out.splitlines()
    assert first == str(folder)
    assert portal.split()[:4] == ["portal", "12", "件", "すべて元のまま"]
    assert ward.startswith("ward ")


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [(flip_a_byte, 5), (delete_a_row, 5), (insert_a_row, 5), (swap_two, 5), (cut_the_tail, RECORDS)],
)
def test_whatever_was_done_to_a_store_is_found_and_the_other_one_is_whole(
    folder: Path, change: Callable[[Path], None], broken_at: int, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder / "ward.db")
    assert knock("audit", "verify", str(folder), "--json") == Exit.FAULTY
    found = json.loads(capsys.readouterr().out)
    assert (found["format"], found["exit_code"]) == ("hikkoshi.audit", Exit.FAULTY)
    assert [(one["server"], one["whole"], one["broken_at"]) for one in found["stores"]] == [
        ("portal", True, None), ("ward", False, broken_at),
    ]  # fmt: skip
    assert knock("audit", "verify", str(folder / "ward.db"), "--lang", "en") == Exit.FAULTY
    assert f"broken at record {broken_at}" in capsys.readouterr().out
    assert knock("audit", "verify", str(folder / "portal.db")) == Exit.FINE


def test_a_store_that_cannot_be_read_is_faulty(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = (folder / "ward.db").read_bytes()
    (folder / "ward.db").write_bytes(b"\0" * 100 + content[100:])
    assert knock("audit", "verify", str(folder)) == Exit.FAULTY
    assert "読めません" in capsys.readouterr().out


def test_a_database_is_checked_too(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    url = cluster.database()
    fill(url, "jlis")
    assert knock("audit", "verify", url, "--json") == Exit.FINE
    [found] = json.loads(capsys.readouterr().out)["stores"]
    assert (found["place"], found["server"], found["records"], len(found["head"])) == (None, "jlis", RECORDS, 64)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "E-use-audit"),
        (("nowhere",), "E-audit-nothing"),
        (("postgresql://me:secret@127.0.0.1:1/x",), "E-audit-database"),
    ],
)
def test_what_is_not_there_is_refused(
    words: tuple[str, ...],
    code: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert knock("audit", "verify", *words) == Exit.USAGE
    said = capsys.readouterr().err
    assert said.startswith(f"{code}: ")
    assert "secret" not in said


def test_audit_alone_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert knock("audit") == Exit.USAGE
    assert "hikkoshi audit verify" in capsys.readouterr().err
