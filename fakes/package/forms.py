"""The two forms of a package: which items they have, under which ids, how long and of which characters.

Ids, grouping and roots are assumptions after a public client; whoever learns the real ones changes this table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from types import NoneType
from typing import Annotated, Final, NamedTuple, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct

from fakes.package.application import MOST_MEMBERS, Address, Applicant, Application, Member
from fakes.procedures import Procedure

APPLICANT_FILE: Final = "sinsei.xml"
APPLICATION_FILE: Final = "sinsei_info.xml"
ATTACHMENTS: Final = "Attachment/"

APPLICANT_ROOT: Final = "Data"
APPLICATION_ROOT: Final = "FocusFormSpecification"
MARKER: Final = ("test-data", "synthetic")
"""Attribute of both roots; a form without it is refused."""

EXTENSIONS: Final = frozenset(
    "xls xlsx doc docx ppt pptx pdf jpeg jpg png gif tiff tif xml txt csv".split()  # noqa: SIM905
)
"""Attachments that municipalities take: https://faq.myna.go.jp/print/faq/4288?category_id=18&site_domain=default"""


class Kind(Enum):
    """Which characters a value may have."""

    WIDE = auto()
    """Full-width characters."""
    KANA = auto()
    """Katakana, full-width digits and letters."""
    DATE = auto()
    """YYYY-MM-DD."""
    SEX = auto()
    """0, 1, 2 or 9."""
    FLAG = auto()
    """0 or 1."""
    POSTCODE = auto()
    PHONE = auto()
    EMAIL = auto()
    MUNICIPALITY = auto()
    INDIVIDUAL_NUMBER = auto()
    RESIDENT_CODE = auto()


NOT_WIDE: Final = re.compile(
    "[\x00-\u024f\u02b0-\u036f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ue000-\uf8ff\ufeff\uff61-\uffdf\ufff0-\uffff"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
"""Half-width, control, invisible and private characters: none of them can stand in a resident record."""

NOT_KANA: Final = re.compile("[^\u30a1-\u30f6\u30fb-\u30fe\u3000０-９Ａ-Ｚａ-ｚ]")
NOT_PHONE: Final = re.compile("[^0-9-]")
EMAIL: Final = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
SEXES: Final = frozenset("0129")

_KINDS = {
    "name": Kind.WIDE, "kana": Kind.KANA, "birth_date": Kind.DATE, "sex": Kind.SEX, "phone": Kind.PHONE,
    "email": Kind.EMAIL, "relationship": Kind.WIDE, "individual_number": Kind.INDIVIDUAL_NUMBER,
    "resident_code": Kind.RESIDENT_CODE, "municipality": Kind.MUNICIPALITY, "postcode": Kind.POSTCODE,
    "prefecture": Kind.WIDE, "city": Kind.WIDE, "town": Kind.WIDE, "lot": Kind.WIDE, "building": Kind.WIDE,
    "head": Kind.WIDE, "requested_on": Kind.DATE, "moving_date": Kind.DATE, "planned_visit_date": Kind.DATE,
}  # fmt: skip


class Rule(NamedTuple):
    """What one value must be; `length` is the most characters, `label` the name in messages."""

    field: str
    label: str
    kind: Kind
    required: bool
    length: int


Group = tuple[Rule, ...]
"""The rules of one FormItem, by Fragment."""


def _rule(struct: type[Struct], field: str, prefix: str = "") -> Rule:
    """Read length and need off the message type, where they are declared."""
    hint = get_type_hints(struct, include_extras=True)[field]
    length = 10
    if get_origin(hint) is Annotated:
        meta = next(extra for extra in get_args(hint) if isinstance(extra, Meta))
        length = meta.max_length or length
    required = field in struct.__struct_fields__[: _needed(struct)] and NoneType not in get_args(hint)
    return Rule(field, prefix + field, _KINDS[field], required, length)


def _needed(struct: type[Struct]) -> int:
    return len(struct.__struct_fields__) - len(struct.__struct_defaults__)


def _group(struct: type[Struct], prefix: str = "") -> Group:
    return tuple(_rule(struct, field, prefix) for field in struct.__struct_fields__)


APPLICANT: Final[Mapping[str, Group]] = {"applicant": _group(Applicant, "applicant.")}
"""Items of `sinsei.xml` (申請者情報)."""

MEMBER_ITEMS: Final = tuple(f"member{number}" for number in range(1, MOST_MEMBERS + 1))

APPLICATION: Final[Mapping[str, Group]] = {
    "procedures": tuple(Rule(kind.value, kind.value, Kind.FLAG, required=False, length=1) for kind in Procedure),
    "dates": tuple(_rule(Application, field) for field in ("requested_on", "moving_date", "planned_visit_date")),
    "old_address": _group(Address, "old_address."),
    "new_address": _group(Address, "new_address."),
    "household": (_rule(Application, "head"),),
    **{item: _group(Member, f"{item}.") for item in MEMBER_ITEMS},
}
"""Items of `sinsei_info.xml` (申請情報)."""

REQUIRED: Final = frozenset({"applicant", "procedures", "dates", "old_address", "new_address", "household", "member1"})
"""Items without which a form says nothing."""


class Form(NamedTuple):
    """One of the two forms."""

    file: str
    root: str
    title: str
    groups: Mapping[str, Group]


FORMS: Final = (
    Form(APPLICANT_FILE, APPLICANT_ROOT, "申請者情報", APPLICANT),
    Form(APPLICATION_FILE, APPLICATION_ROOT, "引越し手続", APPLICATION),
)
