"""Whom a town amends certificate data about in a run, and what it sends: data, and the same with another day."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from fakes.messages.telegrams import CertificateData, HouseholdOfTelegram, PersonOfTelegram, SendTelegram
from fakes.people import People
from fakes.population import ROOM, first_household
from fakes.towns import OTHERS, WARD_CODE

SENDER: Final = OTHERS[0]
MOST: Final = 3
"""Of one run: enough to see a network that turns them round, and few among the telegrams whose time is judged."""


def first_of(run: str) -> int:
    """Return the first household of a run's, by its name: nobody files there, and other runs have others."""
    half = ROOM // 2
    drawn = int.from_bytes(hashlib.sha256(run.encode()).digest()[:8], "big")
    return first_household(SENDER) + half + drawn % (half - MOST)


def telegram_about(people: People, household: int, number: int, at: datetime) -> SendTelegram:
    """Return the certificate data of a head of household, as the sender's telegram of that number about them."""
    home = people.household(household, SENDER)
    head = home.head
    body = CertificateData(
        planned_move_out=at.date() + timedelta(days=6 + number),
        notified_on=at.date(),
        old_address=home.address,
        new_address=people.address(household, WARD_CODE, 1),
        household=HouseholdOfTelegram(1, 1, head.name),
        person=PersonOfTelegram(
            head.resident_code, head.individual_number, head.name, head.kana, head.birth_date, head.sex,
            head.relationship,
        ),
    )  # fmt: skip
    return SendTelegram(WARD_CODE, number, at.isoformat(), body)
