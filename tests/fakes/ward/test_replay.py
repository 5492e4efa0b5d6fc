"""The tables are what the log says: played again into empty ones, it gives the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from fakes.faults.live import FAULT
from fakes.faults.live import KINDS as CONTROL
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.store.store import prepare
from fakes.store.tables import AUDIT, EVENT
from fakes.store.transaction import Transaction, View
from fakes.ward.events import PROJECTIONS
from fakes.ward.tables import TABLES
from tests.fakes.ward.lives import everything
from tests.fakes.ward.towns import Towns, sqlite_towns


def rows_of(view: View) -> dict[str, list[Any]]:
    """Return every row of every table of the ward."""
    return {table.name: sorted(view.all(Statement(select(table)))) for table in TABLES.sorted_tables}


def test_a_log_with_every_kind_of_event_gives_the_same_tables_again(either: Towns, tmp_path: Path) -> None:
    with either as towns:
        everything(towns)
        view = towns.view()
        kinds = {event.kind for event in PROJECTIONS.events(view)}
        assert kinds == PROJECTIONS.kinds() - CONTROL
        (tmp_path / "again").mkdir()
        again = Place(f"sqlite:///{tmp_path}/again/ward.db", "ward")
        prepare(again, PROJECTIONS)
        connection = again.open()
        connection.begin()
        into = Transaction("sqlite", connection.cursor())
        assert PROJECTIONS.replay(view, into) > 100
        before, after = rows_of(view), rows_of(into)
        connection.rollback()
        connection.close()
    for name, rows in before.items():
        assert rows or name == FAULT.name, f"nothing was ever in {name}"
        assert after[name] == rows


def test_no_number_of_a_person_stands_in_log_audit_or_tables(tmp_path: Path) -> None:
    with sqlite_towns(tmp_path) as towns:
        everything(towns)
        numbers = {
            number
            for place in range(6)
            for town in ("990019", "131041")
            for person in towns.household(place, town).members
            for number in (person.individual_number, person.resident_code)
        }
        view = towns.view()
        written = [text for (text,) in view.all(Statement(select(EVENT.c.body)))]
        written += [text for (text,) in view.all(Statement(select(AUDIT.c.record)))]
        written += [text for (text,) in view.all(Statement(select(EVENT.c.subject)))]
        text = " ".join(one.decode() if isinstance(one, bytes) else one for one in written)
        text += " ".join(str(row) for rows in rows_of(view).values() for row in rows)
    assert not [number for number in numbers if number in text]
