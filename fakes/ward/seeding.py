"""Who lives in the towns when the scenario begins: recorded once, in a store that has nobody yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec
from sqlalchemy import select

from fakes.messages.answer import Answer
from fakes.refusals import RefusedError
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.store.tables import EVENT
from fakes.store.transaction import Transaction
from fakes.store.unit import Decision, Event, Unit
from fakes.store.writer import Writer
from fakes.towns import TOWNS
from fakes.ward.events import PROJECTIONS
from fakes.ward.events.register import PopulationSeeded

_ACTOR: Final = "system:seed"
_ANY = Statement(select(EVENT.c.seq).order_by(EVENT.c.seq.desc()).limit(1))


@dataclass
class _Seeding:
    """The seeding, as the writer and the audit chain see it."""

    at: int
    actor: str = _ACTOR
    request_id: str = "seed"
    attempt: int = 1
    fault_id: str = ""
    key: str = ""
    digest: bytes = b""

    def refuse(self, refused: RefusedError) -> Answer:
        """Nothing here refuses."""
        raise refused

    def record(self, seq: int, answer: Answer, decision: Decision | None) -> bytes:
        """Return the audit record, in the same order as that of a call."""
        subject = decision.subject if decision is not None else ""
        return msgspec.json.encode(
            (seq, self.at, _ACTOR, "", "", "", _ACTOR, subject, answer.status, "", self.request_id, 1, "")
        )


def seed_towns(place: Place, seed: int, today: date, start: int, households: int) -> None:
    """Record who lives in every town, unless the store knows already.

    Parameters
    ----------
    today
        Day on which ages and cards are taken.
    start
        Moment of the scenario, microseconds since 1970.
    households
        In each town.
    """
    writer = Writer(place, PROJECTIONS)

    def decide(tx: Transaction) -> Decision:
        if tx.one(_ANY) is not None:
            return Decision(Answer(200))
        body = PopulationSeeded(seed, today.isoformat(), 0, households)
        return Decision(Answer(200), tuple(Event(town, body, town) for town in TOWNS), "population")

    try:
        [answer] = writer.carry_out([Unit(_Seeding(start), decide)])
    finally:
        writer.close()
    if isinstance(answer, Exception):
        raise answer
