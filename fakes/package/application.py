"""An application as the rest of the fakes knows it, whatever file it came in; lengths as in the official API.

Lengths: 住登外者宛名番号付番API仕様 第2.0版 (X half-width, N full-width); what is not there is an assumption.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from fakes.procedures import Procedure

MOST_MEMBERS: Final = 8
"""Most people in one application (assumption; the form of the trial had four)."""

MOST_ATTACHMENTS: Final = 20
LONGEST_FILE_NAME: Final = 255

Name = Annotated[str, Meta(min_length=1, max_length=100, title="氏名 N(100)")]
Relationship = Annotated[str, Meta(min_length=1, max_length=50, title="続柄 N(50), 長さは仮定")]
Sex = Annotated[str, Meta(min_length=1, max_length=1, title="性別 X(1), JIS X 0303")]
MunicipalityCode = Annotated[str, Meta(min_length=6, max_length=6, pattern="^[0-9]{6}$", title="市区町村コード X(6)")]
Postcode = Annotated[str, Meta(min_length=7, max_length=7, pattern="^[0-9]{7}$", title="郵便番号 X(7)")]
Prefecture = Annotated[str, Meta(min_length=1, max_length=4, title="住所_都道府県 N(4)")]
City = Annotated[str, Meta(min_length=1, max_length=12, title="住所_市区郡町村名 N(12)")]
TownArea = Annotated[str, Meta(min_length=1, max_length=120, title="町字 N(120)")]
Lot = Annotated[str, Meta(min_length=1, max_length=50, title="番地号 N(50)")]
Building = Annotated[str, Meta(max_length=300, title="方書 N(300)")]
Phone = Annotated[str, Meta(max_length=13, title="電話番号 X(13), 長さは仮定")]
Email = Annotated[str, Meta(max_length=254, title="メールアドレス X(254), 長さは仮定")]
IndividualNumber = Annotated[str, Meta(max_length=12, pattern="^([0-9]{12})?$", title="個人番号 X(12)")]
ResidentCode = Annotated[str, Meta(max_length=11, pattern="^([0-9]{11})?$", title="住民票コード X(11)")]
FileName = Annotated[str, Meta(min_length=1, max_length=LONGEST_FILE_NAME)]
Digest = Annotated[str, Meta(min_length=64, max_length=64, title="SHA-256, 16進")]


class Address(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An address in Japan; `building` may be empty."""

    municipality: MunicipalityCode
    postcode: Postcode
    prefecture: Prefecture
    city: City
    town: TownArea
    lot: Lot
    building: Building = ""


class Applicant(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Who files; phone and mail may be empty."""

    name: Name
    kana: Name
    birth_date: date
    sex: Sex
    phone: Phone = ""
    email: Email = ""


class Member(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One of the people who move; the numbers may be empty."""

    name: Name
    kana: Name
    birth_date: date
    sex: Sex
    relationship: Relationship
    individual_number: IndividualNumber = ""
    resident_code: ResidentCode = ""


class Attachment(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A file that came along; its bytes stay in the package."""

    name: FileName
    size: Annotated[int, Meta(ge=0)]
    sha256: Digest


class Application(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What is filed for one household.

    Attributes
    ----------
    procedures
        One of `fakes.procedures.TOGETHER`, in the order of `Procedure`.
    requested_on, moving_date, planned_visit_date
        請求年月日, 異動年月日, 来庁予定日; the last only with a visit notice.
    old_address, new_address
        いままでの住所, 新しい住所.
    head
        世帯主 of the new household.
    """

    procedures: tuple[Procedure, ...]
    requested_on: date
    moving_date: date
    planned_visit_date: date | None
    applicant: Applicant
    old_address: Address
    new_address: Address
    head: Name
    members: tuple[Member, ...]
    attachments: tuple[Attachment, ...] = ()

    def municipality_for(self, procedure: Procedure) -> str:
        """Return the municipality that a procedure goes to: the old address for a move-out, else the new one."""
        address = self.old_address if procedure is Procedure.MOVE_OUT else self.new_address
        return address.municipality


class Package(Struct, frozen=True, gc=False):
    """A package that was read, or is to be sent.

    Attributes
    ----------
    application
        What it says.
    canonical
        The one spelling of the application, attachments by their SHA-256: what is digested, signed and compared.
    digest
        SHA-256 of `canonical`, hexadecimal.
    """

    application: Application
    canonical: bytes
    digest: str


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Application)


def packaged(application: Application) -> Package:
    """Return an application with its canonical bytes (JSON, fields in the order of their declaration) and digest."""
    canonical = _ENCODER.encode(application)
    return Package(application, canonical, hashlib.sha256(canonical).hexdigest())


def from_canonical(canonical: bytes) -> Application:
    """Return the application of canonical bytes that `packaged` made."""
    return _DECODER.decode(canonical)
