"""Projections: the keyed tables of a server, each made from the event log by one function per kind of event.

The same functions run when an event is recorded and when the log is replayed, so the tables hold nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec
from sqlalchemy import MetaData, bindparam, select

from fakes.store.statements import Statement
from fakes.store.tables import EVENT
from fakes.store.transaction import Transaction, View
from fakes.store.unit import EventBody, Recorded

Body = TypeVar("Body", bound=EventBody)
Apply = Callable[[Transaction, "Recorded[Any]"], None]

_NEXT = Statement(select(EVENT).where(EVENT.c.seq > bindparam("after")).order_by(EVENT.c.seq).limit(bindparam("limit")))
_PAGE = 1000


class Projections:
    """The projections of one server.

    Parameters
    ----------
    tables
        The tables that they fill; beside those that every server has.
    """

    def __init__(self, tables: MetaData) -> None:
        self.tables = tables
        self._apply: dict[str, Apply] = {}
        self._bodies: dict[str, msgspec.json.Decoder[Any]] = {}

    def on(self, body: type[Body]) -> Callable[[Callable[[Transaction, Recorded[Body]], None]], Apply]:
        """Register the function for one kind of event.

        Raises
        ------
        ValueError
            When the kind has one already.
        """

        def register(apply: Callable[[Transaction, Recorded[Body]], None]) -> Apply:
            kind = kind_of(body)
            if kind in self._apply:
                raise ValueError(f"two projections for events of kind {kind}")
            self._apply[kind] = apply
            self._bodies[kind] = msgspec.json.Decoder(body)
            return apply

        return register

    def kinds(self) -> frozenset[str]:
        """Kinds of events that this server knows."""
        return frozenset(self._apply)

    def apply(self, tx: Transaction, event: Recorded[Any]) -> None:
        """Bring the tables up to date with an event."""
        self._apply[event.kind](tx, event)

    def events(self, view: View, after: int = 0) -> Iterator[Recorded[Any]]:
        """Return the log from an event on, in order."""
        while rows := view.all(_NEXT, after=after, limit=_PAGE):
            for row in rows:
                seq, at, kind, subject, municipality, actor, request_id, attempt, owner, digest, fault_id, body = row
                yield Recorded(
                    *(seq, at, kind, subject, municipality, actor, request_id, attempt, owner, digest, fault_id),
                    self._bodies[kind].decode(body),
                )
            after = rows[-1][0]

    def replay(self, log: View, into: Transaction) -> int:
        """Fill empty tables from a log; return how many events it had."""
        count = 0
        for count, event in enumerate(self.events(log), start=1):  # noqa: B007 - the last one is the number
            self.apply(into, event)
        return count


def kind_of(body: type[EventBody]) -> str:
    """Kind of an event: the tag of its type."""
    tag = body.__struct_config__.tag
    if not isinstance(tag, str):
        raise TypeError(f"{body.__name__} needs a tag, which is its kind")
    return tag
