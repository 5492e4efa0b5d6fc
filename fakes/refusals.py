"""What the fakes refuse, and how they say it: one table of codes with their HTTP status, one exception.

E0001 to E0004 are those of the official API specification of the common features (住登外者宛名番号付番API仕様 第2.0版),
E0006, E0009, E0010, E0901, EE000 and EE002 those of public programs; the others are assumptions: E1… a package, E2…
numbers and markers, E3… signatures and certificates, E5… the call itself, E6… rules of states and of time.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

from texts import Lang, say


class Code(StrEnum):
    """Codes of the error envelope; each has a sentence `fakes.E….` in the catalogue."""

    REQUIRED = "E0001"
    CHARACTERS = "E0002"
    LENGTH = "E0003"
    MISMATCH = "E0004"
    TOO_LONG = "E0005"

    PACKAGE_SIZE = "E1001"
    FILE_SIZE = "E1002"
    NOT_A_ZIP = "E1003"
    ENCRYPTED = "E1004"
    PATH = "E1005"
    DOUBLE_NAME = "E1006"
    EXTENSION = "E1007"
    BOMB = "E1008"
    NESTED_ARCHIVE = "E1009"
    UNKNOWN_FILE = "E1010"
    MISSING_FILE = "E1011"
    METHOD = "E1012"
    DAMAGED = "E1013"
    NAME_CHARSET = "E1014"
    XML = "E1101"
    XML_CHARSET = "E1102"
    XML_DECLARATION = "E1103"
    XML_ELEMENT = "E1104"
    UNKNOWN_ITEM = "E1105"
    DOUBLE_ITEM = "E1106"

    UNMARKED = "E2001"
    LEGAL_NUMBER = "E2002"
    CHECK_DIGIT = "E2003"
    UNKNOWN_TOWN = "E2004"

    SIGNATURE_FORM = "E3001"
    SIGNATURE_WRONG = "E3002"
    ISSUER_UNKNOWN = "E3003"
    EXPIRED = "E3004"
    NOT_YET_VALID = "E3005"
    REVOKED = "E3006"
    PURPOSE = "E3007"
    STATUS_UNKNOWN = "E3008"
    STATUS_UNCHECKED = "E3009"
    ALGORITHM = "E3010"

    KEY_FORMAT = "E0006"
    WRONG_PASSWORD = "E0009"  # noqa: S105 - a code, no password
    NO_SUCH_APPLICATION = "E0010"
    NO_KEY = "E0901"
    PROVIDER_REFUSED = "EE000"
    PROVIDER_ITEM_MISSING = "EE002"

    MALFORMED = "E5000"
    TOO_LARGE = "E5001"
    MEDIA_TYPE = "E5002"
    HEADERS_TOO_LARGE = "E5003"
    NOT_FOUND = "E5004"
    WRONG_METHOD = "E5005"
    NOT_AUTHENTICATED = "E5010"
    STAFF_LOCKED = "E5015"
    WRONG_STAFF_PASSWORD = "E5014"  # noqa: S105 - a code, no password
    UNKNOWN_PEER = "E5011"
    NOT_ALLOWED = "E5012"
    TOO_MANY = "E5013"
    GRANT = "E5016"
    SCOPE = "E5017"
    KEY_REUSED = "E5020"
    UNEXPECTED = "E5030"
    BUSY = "E5031"
    STANDBY = "E5032"
    STORE_DOWN = "E5033"

    RULE = "E6000"
    RULE_AUTHORITY = "E6001"
    RULE_STATE = "E6002"
    RULE_GONE = "E6003"
    RULE_LOCKED = "E6004"
    RULE_CLOSED = "E6005"
    IN_HAND = "E6010"
    REENTRY = "E6011"
    DUPLICATE = "E6012"


STATUS: Final[dict[Code, int]] = {
    Code.PACKAGE_SIZE: 413,
    Code.FILE_SIZE: 413,
    Code.BOMB: 413,
    Code.UNMARKED: 422,
    Code.LEGAL_NUMBER: 422,
    Code.EXPIRED: 409,
    Code.NOT_YET_VALID: 409,
    Code.REVOKED: 409,
    Code.STATUS_UNKNOWN: 409,
    Code.STATUS_UNCHECKED: 503,
    Code.WRONG_PASSWORD: 403,
    Code.KEY_FORMAT: 401,
    Code.NO_KEY: 401,
    Code.PROVIDER_REFUSED: 403,
    Code.TOO_LARGE: 413,
    Code.MEDIA_TYPE: 415,
    Code.HEADERS_TOO_LARGE: 431,
    Code.NOT_FOUND: 404,
    Code.WRONG_METHOD: 405,
    Code.NOT_AUTHENTICATED: 401,
    Code.WRONG_STAFF_PASSWORD: 401,
    Code.STAFF_LOCKED: 423,
    Code.UNKNOWN_PEER: 403,
    Code.NOT_ALLOWED: 403,
    Code.TOO_MANY: 429,
    Code.KEY_REUSED: 409,
    Code.UNEXPECTED: 503,
    Code.BUSY: 503,
    Code.STANDBY: 503,
    Code.STORE_DOWN: 503,
    Code.RULE_AUTHORITY: 403,
    Code.RULE_STATE: 409,
    Code.RULE_GONE: 410,
    Code.RULE_LOCKED: 423,
    Code.RULE_CLOSED: 503,
    Code.IN_HAND: 409,
    Code.REENTRY: 409,
    Code.DUPLICATE: 409,
}
"""HTTP status of a code where it is not 400."""

_UNSHOWABLE = re.compile(r"[^\w\s.,:;/+=@()\[\]　-〿＀-￯-]|[\x00-\x1f\x7f-\x9f]")
_LONGEST_SHOWN = 60


@runtime_checkable
class Said(Protocol):
    """A value of a sentence that is itself a sentence, like a refusal of `fakes.states`."""

    def reason(self, lang: Lang) -> str:
        """Say it."""
        ...


class RefusedError(Exception):
    """Data that a fake refuses; whoever answers turns it into the error envelope.

    Attributes
    ----------
    code
        Code of the envelope.
    item
        Which item: a key `fakes.item.…` of the catalogue without its beginning, or `member2.name`; or a file's name.
    values
        What the sentence needs besides the item: limits and findings, never the value of a personal item.
    """

    def __init__(self, code: Code, item: str = "", **values: object) -> None:
        super().__init__(code, item, values)
        self.code = code
        self.item = item
        self.values = values

    @property
    def status(self) -> int:
        """HTTP status of the answer."""
        return STATUS.get(self.code, 400)

    def message(self, lang: Lang) -> str:
        """Say what is refused and what is allowed."""
        said = {name: value.reason(lang) if isinstance(value, Said) else value for name, value in self.values.items()}
        return say(f"fakes.{self.code.value}", lang, item=label(self.item, lang), **said)

    def __str__(self) -> str:
        return f"{self.code.value} {self.message('en')}"


def label(item: str, lang: Lang) -> str:
    """Return what people call an item; names of files come out cut and without control characters."""
    if part := re.fullmatch(r"(applicant|member|old_address|new_address)([0-9]*)\.(\w+)", item):
        owner, number, field = part.groups()
        inner = label(field, lang)
        if owner == "member":
            return say("fakes.of_member", lang, number=number, item=inner)
        if owner == "applicant":
            return say("fakes.of_applicant", lang, item=inner)
        return say("fakes.of_address", lang, address=label(owner, lang), item=inner)
    try:
        return say(f"fakes.item.{item}", lang)
    except KeyError:
        shown = _UNSHOWABLE.sub("?", item)
        return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + "…"
