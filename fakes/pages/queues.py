"""The queues of each server, counted: what waits, for whom. Each count goes over an index of what waits, if it can."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import func, literal, select

from fakes.jlis.tables import CHANGE, ITEM
from fakes.jlis.tables import TELEGRAM as RELAYED
from fakes.portal.tables import OUTBOX as ACCEPTED
from fakes.servers import Server
from fakes.store.statements import Statement
from fakes.store.transaction import View
from fakes.ward.tables import OUTBOX as SAID


class Queue(NamedTuple):
    """A queue; its name in both languages is `fakes.page.queue.<name>`. The statement gives towns and counts."""

    name: str
    waiting: Statement


_COUNT = func.count()

QUEUES: Final[dict[Server, tuple[Queue, ...]]] = {
    Server.PORTAL: (Queue("accepted", Statement(select(literal("").label("town"), _COUNT).select_from(ACCEPTED))),),
    Server.JLIS: (
        Queue(
            "applications",
            Statement(
                select(ITEM.c.municipality, _COUNT).where(ITEM.c.acknowledged.is_(None)).group_by(ITEM.c.municipality)
            ),
        ),
        Queue(
            "telegrams",
            Statement(
                select(RELAYED.c.destination, _COUNT)
                .where(RELAYED.c.acknowledged.is_(None))
                .group_by(RELAYED.c.destination)
            ),
        ),
        Queue(
            "changes",
            Statement(
                select(literal("").label("town"), _COUNT).select_from(CHANGE).where(CHANGE.c.acknowledged.is_(None))
            ),
        ),
    ),
    Server.WARD: (
        Queue(
            "said",
            Statement(
                select(SAID.c.municipality, _COUNT).where(SAID.c.state == "waiting").group_by(SAID.c.municipality)
            ),
        ),
    ),
}


def waiting(server: Server, view: View) -> list[tuple[str, dict[str, int]]]:
    """Return the queues of a server by name, each with what waits for each town ("" where no town is meant)."""
    return [(queue.name, {town: count for town, count in view.all(queue.waiting) if count}) for queue in QUEUES[server]]
