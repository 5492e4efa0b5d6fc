"""The log of J-LIS, replayed into empty tables, gives the same tables, for every kind of event."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from fakes.faults.live import FAULT
from fakes.faults.live import KINDS as CONTROL
from fakes.jlis.events import PROJECTIONS
from fakes.jlis.events.relay import DeliveryForgotten
from fakes.jlis.tables import TABLES
from fakes.store.databases import Place
from fakes.store.projections import kind_of
from fakes.store.statements import Statement
from fakes.store.store import prepare
from fakes.store.transaction import Transaction, View
from tests.fakes.clients import Portal, Town
from tests.fakes.inprocess import Local
from tests.fakes.jlis.applications import DESTINATION, PEOPLE, number_of, package, service
from tests.fakes.jlis.test_network import data_of, head, signing_serial

ONE, TWO = number_of(1), number_of(2)
SEEDED = {kind_of(DeliveryForgotten)}
"""What only happens with a seeded defect."""


def a_busy_morning(local: Local, portal_side: Portal, origin: Town, destination: Town) -> None:
    """Let everything happen at least once, leases that run out too."""
    portal_side.push(ONE, package(), service(), signature=b"CMS", signing_serial="1")
    portal_side.push(TWO, package(1), service(), resubmission_of=ONE)
    origin.fetch(ONE, "a")
    local.advance(timedelta(minutes=6))
    origin.acknowledge(ONE, int(origin.fetch(ONE, "b").headers["x-delivery"]))
    origin.fetch(TWO, "a")
    origin.post(f"/receive/v1/applications/{TWO}/release", {"delivery": 1})
    destination.take()
    origin.report(ONE, "in_review")
    portal_side.withdraw(TWO)
    portal_side.changes()
    local.advance(timedelta(minutes=6))
    portal_side.acknowledge(*portal_side.changes())
    origin.login("clerk01", "wrong")
    person = head()
    assert person.card is not None
    origin.telegram(DESTINATION, data_of(person))
    resent: dict[str, Any] = {"resend": True, "created_at": "2023-03-01T09:10:00+09:00"}
    origin.telegram(DESTINATION, data_of(person, signing_serial=signing_serial(person)), **resent)
    destination.store(*destination.inbox())
    address = msgspec.to_builtins(PEOPLE.address(0, DESTINATION, 1))
    destination.post("/jpki/v1/certificates", {"card_serial": person.card.serial, "address": address})
    destination.post("/cards/v1/unlock", {"card_serial": person.card.serial, "secrets": ["pin"]})
    info = {"individual_number": person.individual_number, "name": person.name, "address": address}
    destination.post("/cards/v1/delivery-info", info)


def tables_of(view: View) -> dict[str, list[Any]]:
    return {name: sorted(view.all(Statement(select(table))), key=repr) for name, table in TABLES.tables.items()}


def test_a_replay_gives_the_same_tables(
    tmp_path: Path, local: Local, portal_side: Portal, origin: Town, destination: Town
) -> None:
    a_busy_morning(local, portal_side, origin, destination)
    log = local.view()
    assert {event.kind for event in PROJECTIONS.events(log)} == PROJECTIONS.kinds() - CONTROL - SEEDED
    place = Place(f"sqlite:///{tmp_path / 'replayed.db'}", "jlis")
    prepare(place, PROJECTIONS)
    connection = place.open()
    try:
        replayed = Transaction(place.database, connection.cursor())
        connection.begin()
        PROJECTIONS.replay(log, replayed)
        assert tables_of(replayed) == tables_of(log)
        empty = {name for name, rows in tables_of(log).items() if not rows}
        assert empty == {FAULT.name}, "only that of the operator's control, who did nothing"
    finally:
        connection.close()
