"""Killed at random moments under load, the servers have everything that they acknowledged, and nothing twice.

`make soak` does the same with fifty kills of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy

import pytest
from sqlalchemy import delete, update

from fakes.endpoints import Server
from fakes.jlis.tables import ITEM
from fakes.portal.tables import APPLICATION
from fakes.store.statements import Statement
from fakes.store.tables import EVENT
from fakes.store.transaction import Transaction
from tests.fakes.clients import ORIGIN
from tests.fakes.soak.crashes import ORDER, Outcome, crash
from tests.fakes.soak.ledger import Ledger, judged

KILLS = 2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return crash(tmp_path_factory.mktemp("crashes"), KILLS)


def test_whatever_is_killed_nothing_acknowledged_is_lost_and_nothing_is_there_twice(outcome: Outcome) -> None:
    assert outcome.kills == dict.fromkeys(ORDER, KILLS)
    assert {server: (found.lost, found.doubled) for server, found in outcome.found.items()} == dict.fromkeys(
        Server, (0, 0)
    )
    assert all(found.whole for found in outcome.found.values())


def test_the_kills_met_calls_that_had_to_be_made_again(outcome: Outcome) -> None:
    assert sum(outcome.met.values()) > 0
    assert sum(outcome.ledger.repeated[server] for server in Server) > 0
    assert len(outcome.ledger.accepted) > len(ORDER)
    assert all(found.acknowledged for found in outcome.found.values())


def _unknown_submission(ledger: Ledger) -> None:
    ledger.submitted["9" * 20] = ("TEST000000000000", bytes(32))


def _another_package(ledger: Ledger) -> None:
    receipt, temporary = next(iter(ledger.accepted.items()))
    ledger.submitted[temporary] = (ledger.submitted[temporary][0], bytes(32))
    assert ledger.digest_of(receipt) == bytes(32)


def _unlabelled(ledger: Ledger) -> None:
    next(iter(ledger.delivered.values())).extend([False, False])


@pytest.mark.parametrize(
    ("server", "change", "lost", "doubled"),
    [
        (Server.PORTAL, _unknown_submission, 1, 0),
        (Server.PORTAL, _another_package, 1, 0),
        (Server.JLIS, _another_package, 1, 0),
        (Server.WARD, _another_package, 2, 0),
        (Server.JLIS, _unlabelled, 0, 2),
    ],
)
def test_what_was_acknowledged_and_is_not_there_would_be_found(
    outcome: Outcome, server: Server, change: Callable[[Ledger], None], lost: int, doubled: int
) -> None:
    ledger = deepcopy(outcome.ledger)
    change(ledger)
    with outcome.places[server].snapshot() as view:
        found = judged(ledger, server, view)
    assert (found.lost, found.doubled) == (lost, doubled)


@contextmanager
def changed(outcome: Outcome, server: Server, statement: Statement) -> Iterator[Transaction]:
    """A store in which something else happened; undone afterwards."""
    connection = outcome.places[server].open()
    try:
        connection.begin()
        tx = Transaction(outcome.places[server].database, connection.cursor())
        assert tx.run(statement) > 0
        yield tx
        connection.rollback()
    finally:
        connection.close()


CHANGES = {
    "the portal forgets receipt numbers": (Server.PORTAL, update(APPLICATION).values(reference=None), "lost"),
    "an applicant has filed everything": (Server.PORTAL, update(APPLICATION).values(applicant="TEST"), "doubled"),
    "the relay forgets a town": (Server.JLIS, delete(ITEM).where(ITEM.c.municipality == ORIGIN), "lost"),
    "the relay forgets acknowledgements": (Server.JLIS, update(ITEM).values(acknowledged=None), "lost"),
    "an application is relayed again": (
        Server.JLIS, update(EVENT).where(EVENT.c.kind == "relayed").values(subject="x"), "doubled",
    ),
    "the ward forgets imports": (Server.WARD, delete(EVENT).where(EVENT.c.kind == "application-imported"), "lost"),
    "a town imports twice": (
        Server.WARD, update(EVENT).where(EVENT.c.kind == "application-imported").values(municipality=ORIGIN), "doubled",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_store_that_forgets_or_repeats_would_be_found(outcome: Outcome, what: str) -> None:
    server, statement, wrong = CHANGES[what]
    with changed(outcome, server, Statement(statement)) as tx:
        found = judged(outcome.ledger, server, tx)
    assert getattr(found, wrong) > 0
