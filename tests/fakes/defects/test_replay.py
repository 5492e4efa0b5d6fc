"""A log of what seeded defects did, replayed into empty tables, gives the same tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, select

from fakes.endpoints import Server
from fakes.jlis import events as jlis_events
from fakes.people import People
from fakes.portal import events as portal_events
from fakes.store.databases import Place
from fakes.store.projections import Projections
from fakes.store.statements import Statement
from fakes.store.store import prepare
from fakes.store.transaction import Transaction, View
from tests.fakes.clients import Person
from tests.fakes.defects.seeded import log_of, server
from tests.fakes.defects.test_portal import accepted
from tests.fakes.defects.test_relay import pushed, stored
from tests.fakes.inprocess import Local
from tests.fakes.jlis.applications import DESTINATION, ORIGIN


def tables_of(view: View, tables: MetaData) -> dict[str, list[Any]]:
    return {name: sorted(view.all(Statement(select(table))), key=repr) for name, table in tables.tables.items()}


def replays(local: Local, projections: Projections, folder: Path) -> bool:
    """Whether the log, replayed, gives the tables that there are."""
    place = Place(f"sqlite:///{folder / 'replayed.db'}", local.place.server)
    prepare(place, projections)
    connection = place.open()
    try:
        replayed, log = Transaction(place.database, connection.cursor()), local.view()
        connection.begin()
        projections.replay(log, replayed)
        return tables_of(replayed, projections.tables) == tables_of(log, projections.tables)
    finally:
        connection.close()


def test_the_relays_log_with_what_it_forgot_skipped_and_mistook(tmp_path: Path) -> None:
    given = ("double-delivery=2", "cursor-skips=3", "ack-wrong-one=3")
    with server(tmp_path, Server.JLIS, given) as jlis:
        pushed(jlis)
        for code in (ORIGIN, DESTINATION):
            stored(jlis.town(code))
        assert log_of(jlis, "delivery-forgotten")
        assert replays(jlis, jlis_events.PROJECTIONS, tmp_path)


def test_the_portals_log_with_what_it_forgot(tmp_path: Path, people: People) -> None:
    given = ("same-instant-overwrite",)
    with server(tmp_path, Server.PORTAL, given) as portal:
        for index in range(3):
            accepted(Person(portal, people, index))
        assert len(log_of(portal, "forgotten")) == 2
        assert replays(portal, portal_events.PROJECTIONS, tmp_path)
