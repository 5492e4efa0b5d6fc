"""Numbers of people, households, towns and applications: check digits, parsing, masking in logs, issuing.

Two profiles: `legal` is the arithmetic of the law and exists for unit tests; `test` shifts the legal check digit by
five, so that a number made here can never be one that was issued. Everything else in the fakes runs in `test`.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from operator import mul
from typing import Final

from fakes.refusals import Code, RefusedError

TEST_SHIFT: Final = 5
"""Added to the legal check digit modulo 10 in the profile `test`."""

INDIVIDUAL_NUMBER_DIGITS: Final = 12
RESIDENT_CODE_DIGITS: Final = 11
ADDRESS_NUMBER_DIGITS: Final = 15
MUNICIPALITY_DIGITS: Final = 6
CARD_SERIAL_LENGTH: Final = 16
OWNER_TOKEN_LENGTH: Final = 32

_MUNICIPALITY_WEIGHTS = (6, 5, 4, 3, 2)
_ELEVEN = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_TEN = _ELEVEN[1:]
_FOURTEEN = tuple(2 + n % 6 for n in reversed(range(14)))


class Profile(StrEnum):
    """Which check digit is right: the one of the law, or the one that no authority can ever issue."""

    LEGAL = "legal"
    TEST = "test"


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    """Return the weighted sum modulo 11 of as many digits as there are weights."""
    # the codes of ASCII digits start at 48; taking that off once is three times as fast as making each an int
    total: int = sum(map(mul, digits.encode(), weights))
    return (total - 48 * sum(weights)) % 11


def _modulus_11(digits: str, weights: tuple[int, ...]) -> int:
    rest = _weighted(digits, weights)
    return 0 if rest <= 1 else 11 - rest


def _shifted(legal: int, profile: Profile) -> str:
    return str((legal + TEST_SHIFT) % 10 if profile is Profile.TEST else legal)


def municipality_code(five: str) -> str:
    """Return the six-digit code (全国地方公共団体コード) of prefecture and municipality, 13104 → 131041.

    Weights 6 to 2, check digit (11 - sum mod 11) mod 10: https://wiki.hgotoh.jp/documents/code/code-014
    """
    return five + str((11 - _weighted(five, _MUNICIPALITY_WEIGHTS)) % 10)


def individual_number(eleven: str, profile: Profile = Profile.TEST) -> str:
    """Return the twelve digits of an individual number (個人番号) from its first eleven.

    Ministerial Ordinance No. 85 of 2014, Art. 5: https://mynumber.okinawa-spot.com/core/archives/227
    """
    return eleven + _shifted(_modulus_11(eleven, _ELEVEN), profile)


def resident_code(ten: str, profile: Profile = Profile.TEST) -> str:
    """Return the eleven digits of a resident-record code (住民票コード) from its first ten; weights 2 to 7, modulus 11.

    The rule is held against one published specimen (24727059608).
    """
    return ten + _shifted(_modulus_11(ten, _TEN), profile)


def address_number(fourteen: str) -> str:
    """Return the fifteen digits of an address number (宛名番号) or household number (世帯番号).

    Modulus 11, weights 2 to 7 from the right (住民記録システム標準仕様書 第1.0版); a check digit that would have two
    digits is 0 (assumption). Numbers inside one municipality: no profile.
    """
    return fourteen + str(_modulus_11(fourteen, _FOURTEEN))


def checked_municipality_code(text: str, item: str = "municipality") -> str:
    """Return a municipality code that has the right form.

    Raises
    ------
    RefusedError
        E0001, E0002, E0003, or E2003 for a wrong check digit.
    """
    _digits(text, MUNICIPALITY_DIGITS, item)
    if municipality_code(text[:-1]) != text:
        raise RefusedError(Code.CHECK_DIGIT, item)
    return text


def checked_individual_number(text: str, item: str = "individual_number", profile: Profile = Profile.TEST) -> str:
    """Return an individual number of the profile.

    Raises
    ------
    RefusedError
        E0001, E0002, E0003, E2003; E2002 for a number that an authority could have issued.
    """
    _digits(text, INDIVIDUAL_NUMBER_DIGITS, item)
    return _of_profile(text, _modulus_11(text[:-1], _ELEVEN), item, profile)


def checked_resident_code(text: str, item: str = "resident_code", profile: Profile = Profile.TEST) -> str:
    """Return a resident-record code of the profile; raises as `checked_individual_number`."""
    _digits(text, RESIDENT_CODE_DIGITS, item)
    return _of_profile(text, _modulus_11(text[:-1], _TEN), item, profile)


def checked_address_number(text: str, item: str = "address_number") -> str:
    """Return an address number or household number; raises as `checked_municipality_code`."""
    _digits(text, ADDRESS_NUMBER_DIGITS, item)
    if address_number(text[:-1]) != text:
        raise RefusedError(Code.CHECK_DIGIT, item)
    return text


def _digits(text: str, length: int, item: str) -> None:
    if not text:
        raise RefusedError(Code.REQUIRED, item)
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(Code.CHARACTERS, item)
    if len(text) != length:
        raise RefusedError(Code.LENGTH, item, length=length)


def _of_profile(text: str, legal: int, item: str, profile: Profile) -> str:
    shift = (int(text[-1]) - legal) % 10
    if shift == (TEST_SHIFT if profile is Profile.TEST else 0):
        return text
    raise RefusedError(Code.CHECK_DIGIT if shift else Code.LEGAL_NUMBER, item)


def card_serial(number: int) -> str:
    """Return the serial (カード製造番号) of a card: TEST and twelve digits, an assumption."""
    return f"TEST{number:012d}"


def owner_token(seed: int, applicant: str, municipality: str) -> str:
    """Return the token that ties everything about one application to its owner without naming anyone.

    Keyed BLAKE2b of applicant and municipality under the seed, 32 hexadecimal digits: whoever has the seed can
    recompute it for a document that came back, and so see that it reached the wrong person.
    """
    parts = (applicant.encode(), municipality.encode())
    text = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    key = hashlib.blake2b(str(seed).encode(), digest_size=32).digest()
    return hashlib.blake2b(text, key=key, digest_size=OWNER_TOKEN_LENGTH // 2, person=b"owner-token").hexdigest()


def person_token(seed: int, code: str) -> str:
    """Return what stands for the number of a person in a log: a keyed hash, 32 hexadecimal digits."""
    key = hashlib.blake2b(str(seed).encode(), digest_size=32).digest()
    return hashlib.blake2b(
        code.encode(), key=key, digest_size=OWNER_TOKEN_LENGTH // 2, person=b"person-token"
    ).hexdigest()


_NUMBERS = re.compile(r"(?<!\d)(?:\d{4}[-\s‐−－]?\d{4}[-\s‐−－]?\d{4}|\d{11})(?!\d)")
MASK: Final = "*"


def masked(text: str) -> str:
    """Return a text for a log: every run of 12 or 11 digits, also grouped by four or in full width, becomes stars.

    Whether the check digit fits is not asked: a mistyped number is as private as a right one. Receipt numbers, of 17
    and 20 digits, stay readable.
    """
    return _NUMBERS.sub(lambda found: MASK * len(found[0]), text)


def masked_name(name: str) -> str:
    """Return a name for a list: the first character of each part, 試験　太郎 → 試＊　太＊."""
    return "　".join(part[:1] + "＊" * (len(part) - 1) for part in name.split("　"))
