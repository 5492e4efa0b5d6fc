"""What happens to the resident register: who lives there when the scenario begins, and every change."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, update

from fakes.identifiers import person_token
from fakes.package.application import Address
from fakes.people import People
from fakes.population import first_household
from fakes.states.register import PlannedState, RemovalState, TransactionState
from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Row, Transaction
from fakes.store.unit import EventBody, Recorded
from fakes.ward.events.base import PROJECTIONS
from fakes.ward.tables import CHANGE, LOCK, PLANNED, RESIDENT


class PopulationSeeded(EventBody, tag="population-seeded"):
    """These households of the seed live in the town when the scenario begins; more may be added later."""

    seed: int
    today: str
    first: int
    households: int


class ChangeEntered(EventBody, tag="change-entered"):
    """A change was entered; the people in it are in hand until then. `entry` is JSON."""

    kind: str
    state: TransactionState
    reference: str
    event_date: str
    entry: str
    persons: tuple[str, ...]
    until: int


class ChangeMoved(EventBody, tag="change-moved"):
    """A change went on to another state without touching the register; cancelled, it lets the people go."""

    change: int
    state: TransactionState


class MovedOut(EventBody, tag="moved-out"):
    """A move-out was applied: the people's records are removed ones, planned."""

    change: int
    members: tuple[str, ...]
    moves_out: str
    destination: str


class NewResident(msgspec.Struct, array_like=True):
    """One of those who move in; `telegram` brought their data, `source` is the event that has them."""

    address_number: str
    person: str
    name: str
    kana: str
    birth_date: str
    sex: str
    relationship: str
    card_serial: str
    signing_serial: int
    telegram: str
    source: int
    previous: str
    person_index: int


class MovedIn(EventBody, tag="moved-in"):
    """A move-in was applied: the people are residents."""

    change: int
    household: str
    address: Address
    lives_there_from: str
    residents: tuple[NewResident, ...]


class MovedWithin(EventBody, tag="moved-within"):
    """A move within the town was applied."""

    change: int
    members: tuple[str, ...]
    address: Address
    lives_there_from: str


class RemovalConfirmed(EventBody, tag="removal-confirmed"):
    """The notice of the new town is acknowledged: the removed record (除票) is final. The subject is its number."""


class CertificateLinked(EventBody, tag="certificate-linked"):
    """A signing certificate was issued to, or ended for (0), a resident; the subject is the 宛名番号."""

    serial: int


_R = RESIDENT.c
_RESIDENT = insertion(RESIDENT)
_ONE = (_R.municipality == bindparam("town"), _R.address_number == bindparam("number"))
_FORGET = Statement(delete(RESIDENT).where(*_ONE))
_REMOVE = Statement(
    update(RESIDENT)
    .where(*_ONE)
    .values(state=bindparam("new_state"), moves_out=bindparam("day"), destination=bindparam("to"), signing_serial=0)
)
_FINAL = Statement(update(RESIDENT).where(*_ONE).values(state="removed", removal=RemovalState.CONFIRMED.value))
_MOVE = Statement(
    update(RESIDENT).where(*_ONE).values(address=bindparam("new_address"), lives_there_from=bindparam("day"))
)
_SERIAL = Statement(update(RESIDENT).where(*_ONE).values(signing_serial=bindparam("serial")))
_CHANGE = insertion(CHANGE)
_STEP = Statement(
    update(CHANGE)
    .where(CHANGE.c.seq == bindparam("number"))
    .values(state=bindparam("new_state"), changed_at=bindparam("at"))
)
_TAKE = insertion(LOCK)
_DROP = Statement(delete(LOCK).where(LOCK.c.municipality == bindparam("town"), LOCK.c.person == bindparam("whose")))
_LET_GO = Statement(delete(LOCK).where(LOCK.c.municipality == bindparam("town"), LOCK.c.change == bindparam("number")))
_ARRIVED = Statement(
    update(PLANNED)
    .where(PLANNED.c.municipality == bindparam("town"), PLANNED.c.telegram == bindparam("name"))
    .values(moved_in=1, state=PlannedState.VISIBLE.value)
)
_BATCH = 500


@PROJECTIONS.on(PopulationSeeded)
def _seeded(tx: Transaction, event: Recorded[PopulationSeeded]) -> None:
    body = event.body
    people = People(body.seed, date.fromisoformat(body.today))
    start = first_household(event.municipality) + body.first
    rows: list[Row] = []
    for index in range(start, start + body.households):
        household = people.household(index, event.municipality)
        address = _json(household.address)
        rows += (
            (
                *(
                    event.municipality,
                    person.address_number,
                    household.number,
                    person_token(body.seed, person.resident_code),
                ),
                *(person.name, person.kana, person.birth_date.isoformat(), person.sex, person.relationship, address),
                *("resident", RemovalState.NOT_CONFIRMED.value, "", "", "", ""),
                person.card.serial if person.card is not None else "",
                person.card.signing.serial if person.card is not None and person.card.signing is not None else 0,
                *(0, person.index),
            )
            for person in household.members
        )
        if len(rows) >= _BATCH:
            tx.run_many(_RESIDENT, rows)
            rows = []
    if rows:
        tx.run_many(_RESIDENT, rows)


@PROJECTIONS.on(ChangeEntered)
def _entered(tx: Transaction, event: Recorded[ChangeEntered]) -> None:
    body, town = event.body, event.municipality
    tx.run(
        _CHANGE,
        seq=event.seq,
        municipality=town,
        kind=body.kind,
        state=body.state,
        reference=body.reference,
        event_date=body.event_date,
        entry=body.entry,
        owner=event.owner,
        changed_at=event.at,
    )
    for person in body.persons:
        tx.run(_DROP, town=town, whose=person)
        tx.run(_TAKE, municipality=town, person=person, change=event.seq, until=body.until)


@PROJECTIONS.on(ChangeMoved)
def _moved(tx: Transaction, event: Recorded[ChangeMoved]) -> None:
    tx.run(_STEP, number=event.body.change, new_state=event.body.state, at=event.at)
    if event.body.state is TransactionState.CANCELLED:
        tx.run(_LET_GO, town=event.municipality, number=event.body.change)


@PROJECTIONS.on(MovedOut)
def _moved_out(tx: Transaction, event: Recorded[MovedOut]) -> None:
    body, town = event.body, event.municipality
    for member in body.members:
        tx.run(_REMOVE, town=town, number=member, new_state="leaving", day=body.moves_out, to=body.destination)
    _applied(tx, event, body.change)


@PROJECTIONS.on(MovedIn)
def _moved_in(tx: Transaction, event: Recorded[MovedIn]) -> None:
    body, town = event.body, event.municipality
    address = _json(body.address)
    for new in body.residents:
        tx.run(_FORGET, town=town, number=new.address_number)  # who comes back has their old number again
        tx.run(
            _RESIDENT,
            municipality=town,
            address_number=new.address_number,
            household=body.household,
            person=new.person,
            name=new.name,
            kana=new.kana,
            birth_date=new.birth_date,
            sex=new.sex,
            relationship=new.relationship,
            address=address,
            state="resident",
            removal=RemovalState.NOT_CONFIRMED,
            lives_there_from=body.lives_there_from,
            previous=new.previous,
            moves_out="",
            destination="",
            card_serial=new.card_serial,
            signing_serial=new.signing_serial,
            source=new.source,
            person_index=new.person_index,
        )
        tx.run(_ARRIVED, town=town, name=new.telegram)
    _applied(tx, event, body.change)


@PROJECTIONS.on(MovedWithin)
def _moved_within(tx: Transaction, event: Recorded[MovedWithin]) -> None:
    body, town = event.body, event.municipality
    for member in body.members:
        tx.run(_MOVE, town=town, number=member, new_address=_json(body.address), day=body.lives_there_from)
    _applied(tx, event, body.change)


def _applied(tx: Transaction, event: Recorded[Any], change: int) -> None:
    tx.run(_STEP, number=change, new_state=TransactionState.APPLIED, at=event.at)
    tx.run(_LET_GO, town=event.municipality, number=change)


@PROJECTIONS.on(RemovalConfirmed)
def _confirmed(tx: Transaction, event: Recorded[RemovalConfirmed]) -> None:
    tx.run(_FINAL, town=event.municipality, number=event.subject)


@PROJECTIONS.on(CertificateLinked)
def _linked(tx: Transaction, event: Recorded[CertificateLinked]) -> None:
    tx.run(_SERIAL, town=event.municipality, number=event.subject, serial=event.body.serial)


def _json(address: Address) -> str:
    return msgspec.json.encode(address).decode()
