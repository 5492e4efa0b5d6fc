"""Who holds a certificate: the four items (基本4情報) and how they are written into it and read out again."""

from __future__ import annotations

from datetime import date
from typing import Final

from cryptography import x509
from cryptography.hazmat import asn1
from msgspec import Struct

from fakes.package.application import Address
from fakes.people import Person
from fakes.pki.oids import HOLDER_ADDRESS, HOLDER_BIRTH, HOLDER_NAME, HOLDER_SEX

_ERAS: Final = (
    (date(2019, 5, 1), "5"),
    (date(1989, 1, 8), "4"),
    (date(1926, 12, 25), "3"),
    (date(1912, 7, 30), "2"),
    (date(1868, 1, 25), "1"),
)
_UNKNOWN_ERA = "0"


class Holder(Struct, frozen=True):
    """The four items of a signing certificate."""

    name: str
    sex: str
    birth_date: date
    address: str


def holder_of(person: Person, address: Address) -> Holder:
    """Return the four items of a person who lives at an address."""
    where = address.prefecture + address.city + address.town + address.lot + address.building
    return Holder(person.name, person.sex, person.birth_date, where)


def alternative_name(holder: Holder) -> x509.SubjectAlternativeName:
    """Return the extension that holds the four items."""
    texts = (
        (HOLDER_NAME, holder.name),
        (HOLDER_SEX, holder.sex),
        (HOLDER_BIRTH, written_birth(holder.birth_date)),
        (HOLDER_ADDRESS, holder.address),
    )
    return x509.SubjectAlternativeName([x509.OtherName(oid, asn1.encode_der(text)) for oid, text in texts])


def read_holder(extensions: x509.Extensions) -> Holder | None:
    """Return the four items of a certificate, or None when it has none."""
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    texts = {name.type_id: asn1.decode_der(str, name.value) for name in names if isinstance(name, x509.OtherName)}
    return Holder(texts[HOLDER_NAME], texts[HOLDER_SEX], read_birth(texts[HOLDER_BIRTH]), texts[HOLDER_ADDRESS])


def written_birth(birth: date) -> str:
    """Return a date of birth as EYYYYMMDD: the number of the era, and the date of the Gregorian calendar."""
    era = next((number for first, number in _ERAS if birth >= first), _UNKNOWN_ERA)
    return f"{era}{birth:%Y%m%d}"


def read_birth(text: str) -> date:
    """Return the date of birth of EYYYYMMDD."""
    return date(int(text[1:5]), int(text[5:7]), int(text[7:9]))
