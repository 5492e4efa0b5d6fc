"""Rows of the register, read by town: who is who, whose numbers they are, and who is in hand."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import Select, bindparam, select

from fakes.identifiers import address_number, owner_token
from fakes.messages.telegrams import CertificateData, DeliveredTelegram
from fakes.package.application import MOST_MEMBERS, Address
from fakes.refusals import Code, RefusedError
from fakes.store.documents import read_document
from fakes.store.statements import Statement
from fakes.store.transaction import Row, Transaction, View
from fakes.towns import WARD_CODE
from fakes.ward.context import Ward
from fakes.ward.tables import LOCK, RESIDENT


class Resident(Struct, frozen=True):
    """A row of the register, in the order of its columns."""

    municipality: str
    address_number: str
    household: str
    person: str
    name: str
    kana: str
    birth_date: str
    sex: str
    relationship: str
    address: str
    state: str
    removal: str
    lives_there_from: str
    previous: str
    moves_out: str
    destination: str
    card_serial: str
    signing_serial: int
    source: int
    person_index: int

    @property
    def present(self) -> bool:
        """Whether they live here."""
        return self.state == "resident"

    def lives_at(self) -> Address:
        """Where they live, or lived."""
        return msgspec.json.decode(self.address, type=Address)


_R = RESIDENT.c


def _by(*names: str) -> Select[Row]:
    return select(RESIDENT).where(*(RESIDENT.c[name] == bindparam(f"given_{name}") for name in names))


_BY_NUMBER = Statement(_by("municipality", "address_number"))
_BY_PERSON = Statement(_by("municipality", "person"))
_BY_SERIAL = Statement(_by("municipality", "signing_serial"))
_BY_CARD = Statement(_by("municipality", "card_serial", "state"))
_OF_HOUSEHOLD = Statement(_by("municipality", "household"))
_ALIKE = Statement(_by("municipality", "birth_date", "sex", "name"))
_HELD = Statement(
    select(LOCK.c.change, LOCK.c.until).where(
        LOCK.c.municipality == bindparam("town"), LOCK.c.person == bindparam("whose")
    )
)
_delivered: Final = msgspec.json.Decoder(DeliveredTelegram).decode


def resident(view: View, town: str, number: str) -> Resident | None:
    """Return a resident of a town by 宛名番号."""
    return _one(view.one(_BY_NUMBER, given_municipality=town, given_address_number=number))


def by_person(view: View, town: str, person: str) -> Resident | None:
    """Return a resident of a town by who they are."""
    return _one(view.one(_BY_PERSON, given_municipality=town, given_person=person))


def by_serial(view: View, town: str, serial: int) -> Resident | None:
    """Return a resident of a town by the serial number of their signing certificate (宛名番号変換)."""
    return _one(view.one(_BY_SERIAL, given_municipality=town, given_signing_serial=serial)) if serial else None


def by_card(view: View, town: str, serial: str) -> Resident | None:
    """Return who lives in a town and has a card."""
    return _one(view.one(_BY_CARD, given_municipality=town, given_card_serial=serial, given_state="resident"))


def alike(view: View, town: str, name: str, sex: str, birth_date: str) -> list[Resident]:
    """Return who has the same name, sex and date of birth."""
    rows = view.all(_ALIKE, given_municipality=town, given_birth_date=birth_date, given_sex=sex, given_name=name)
    return [Resident(*row) for row in rows]


def of_household(view: View, town: str, household: str) -> list[Resident]:
    """Return the people of a household, removed ones among them."""
    return [Resident(*row) for row in view.all(_OF_HOUSEHOLD, given_municipality=town, given_household=household)]


def _one(row: Row | None) -> Resident | None:
    return Resident(*row) if row is not None else None


def document_of(view: View, seq: int) -> bytes:
    """Return the document of an event.

    Raises
    ------
    LookupError
        When it has none.
    """
    content = read_document(view, seq)
    if content is None:
        raise LookupError(f"event {seq} has no document")
    return content


def telegram_of(view: View, seq: int) -> DeliveredTelegram:
    """Return a telegram that came, by the event that keeps it."""
    return _delivered(document_of(view, seq))


def numbers_of(view: View, ward: Ward, own: Resident) -> tuple[str, str]:
    """Return somebody's resident-record code and individual number: from the seed, or from the data they came with."""
    if own.source == 0:
        household = ward.people.household(own.person_index // MOST_MEMBERS, WARD_CODE)
        person = household.members[own.person_index % MOST_MEMBERS]
        return person.resident_code, person.individual_number
    body = telegram_of(view, own.source).body
    assert isinstance(body, CertificateData), "people come with certificate data"
    return body.person.resident_code, body.person.individual_number


def owner_of(ward: Ward, own: Resident) -> str:
    """Return the token that ties an answer to the resident whose record it shows."""
    return owner_token(ward.seed, own.person, own.municipality)


def check_free(view: View, town: str, persons: list[str], at: int, change: int = 0) -> None:
    """Check that nobody else has these people in hand (同一住民の排他制御).

    Raises
    ------
    RefusedError
        409 with the change that has them.
    """
    for person in persons:
        row = view.one(_HELD, town=town, whose=person)
        if row is not None and row[0] != change and at < row[1]:
            raise RefusedError(Code.IN_HAND, change=row[0])


def is_in_hand(view: View, town: str, person: str, at: int) -> bool:
    """Whether somebody changes this record."""
    row = view.one(_HELD, town=town, whose=person)
    return row is not None and at < row[1]


def new_number(tx: Transaction, town: str, place: int) -> str:
    """Return an address number that nobody of the town has; `place` tells apart those of one decision."""
    serial = tx.next_seq * 16 + place
    while True:
        number = address_number(f"{serial:014d}")
        if resident(tx, town, number) is None:
            return number
        serial += 10**12  # somebody of the seed has it: on with a number that no event reaches
