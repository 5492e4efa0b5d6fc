"""How long cards and certificates are valid: until a birthday after their issue."""

from __future__ import annotations

from datetime import date
from typing import Final

CARD_BIRTHDAYS: Final = 10
CARD_BIRTHDAYS_MINOR: Final = 5
MINOR_UNDER: Final = 18
"""Cards: 10th birthday after issue, 5th for people under 18:
https://www.city.sakura.lg.jp/soshiki/shiminka/265/3849.html"""

CERTIFICATE_BIRTHDAYS: Final = 5
"""Certificates: 5th birthday after issue, never past the card:
https://www.city.suzuka.lg.jp/kurashi/koseki/1009629/1002004.html"""

SIGNING_FROM_AGE: Final = 15
"""No signing certificate for younger people (assumption after `scenarios.law.MINIMUM_AGE`)."""


def birthday_in(birth: date, year: int) -> date:
    """Return a birthday; who is born on 29 February has it on the 28th in other years (assumption)."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def age_on(birth: date, day: date) -> int:
    """Whole years on that day, the birthday included."""
    return day.year - birth.year - (day < birthday_in(birth, day.year))


def nth_birthday(birth: date, after: date, count: int) -> date:
    """Return the `count`-th birthday strictly after a day."""
    first = after.year + (birthday_in(birth, after.year) <= after)
    return birthday_in(birth, first + count - 1)


def card_valid_until(birth: date, issued: date) -> date:
    """Last day of a card."""
    minor = age_on(birth, issued) < MINOR_UNDER
    return nth_birthday(birth, issued, CARD_BIRTHDAYS_MINOR if minor else CARD_BIRTHDAYS)


def certificate_valid_until(birth: date, issued: date, card_until: date) -> date:
    """Last day of a certificate."""
    return min(nth_birthday(birth, issued, CERTIFICATE_BIRTHDAYS), card_until)
