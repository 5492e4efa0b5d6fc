"""Staff of the towns: who they are, what they may do, and their passwords, which are tested with argon2.

Accounts follow from the seed, so that every server and every load generator knows the same; nobody real.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from msgspec import Struct

from fakes.clock import moment_of
from fakes.procedures import Section
from fakes.refusals import Code, RefusedError

LINK: Final = "link"
"""ID of a town's link server (連携サーバ), which fetches applications."""

CHIEF: Final = "chief01"
"""ID of the supervisor (責任者), who unlocks accounts and sends telegrams again."""

ACCOUNTS: Final = (
    (LINK, Section.RESIDENTS),
    ("clerk01", Section.RESIDENTS),
    ("clerk02", Section.RESIDENTS),
    (CHIEF, Section.RESIDENTS),
    ("cards01", Section.CARDS),
    ("insured01", Section.INSURANCE),
    ("audit01", Section.AUDIT),
)
_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
"""Lighter than for real secrets: these passwords are printed on the screen."""


TRIES: Final = 5
"""Wrong passwords in a row that lock an account (複数回失敗時の強制終了; the number is an assumption)."""
LOCKED_FOR: Final = timedelta(minutes=30)
"""How long, unless a supervisor unlocks it before (assumption)."""
_MICRO: Final = timedelta(microseconds=1)
_COMPARING: Final = ThreadPoolExecutor(1, thread_name_prefix="password")
"""One at a time: a comparison takes memory and time on purpose, and answers to others go on meanwhile."""


class Tries(Struct, frozen=True):
    """Wrong passwords of an account.

    Attributes
    ----------
    failures
        In a row.
    locked_until
        Moment until which it is locked, microseconds since 1970; 0 if it was not since the last right one.
    """

    failures: int = 0
    locked_until: int = 0

    def refused(self, at: int) -> RefusedError | None:
        """Return why nobody comes in at a moment, whatever the password."""
        if at >= self.locked_until:
            return None
        return RefusedError(Code.STAFF_LOCKED, until=f"{moment_of(self.locked_until):%Y-%m-%d %H:%M}")

    def after(self, at: int, *, right: bool) -> Tries:
        """Return them after a password that was compared."""
        if right:
            return Tries()
        failures = (0 if self.locked_until else self.failures) + 1
        return Tries(failures, at + LOCKED_FOR // _MICRO if failures >= TRIES else 0)


class Account(Struct, frozen=True):
    """Somebody, or a system, that works for a town.

    Attributes
    ----------
    id
        操作者ID, up to ten characters.
    section
        Where they belong; it says what they may do.
    hashed
        argon2 of the password.
    """

    municipality: str
    id: str
    section: Section
    hashed: str

    def opens(self, password: str) -> bool:
        """Whether it is the password. Takes a few milliseconds: see `Staff.opens`."""
        try:
            return _HASHER.verify(self.hashed, password)
        except VerificationError:
            return False


class Staff:
    """The accounts of some towns.

    Parameters
    ----------
    seed
        Of the scenario.
    towns
        Codes of municipalities.
    """

    def __init__(self, seed: int, towns: Iterable[str]) -> None:
        self._accounts = {
            (town, name): Account(town, name, section, _HASHER.hash(password_of(seed, town, name)))
            for town in towns
            for name, section in ACCOUNTS
        }
        self.nobody = Account("", "", Section.AUDIT, _HASHER.hash(password_of(seed, "", "nobody")))
        """To compare with where there is no account, so that an answer takes as long."""

    async def opens(self, account: Account | None, password: str) -> bool:
        """Whether it is the password of an account; for none it takes as long, and it is not."""
        compared = account or self.nobody
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_COMPARING, compared.opens, password) and account is not None

    def find(self, municipality: str, name: str) -> Account | None:
        """Return an account; None if there is none."""
        return self._accounts.get((municipality, name))


def password_of(seed: int, municipality: str, name: str) -> str:
    """Return the password of an account: sixteen hexadecimal digits, for the table of credentials."""
    return hashlib.blake2b(f"{municipality}/{name}".encode(), key=str(seed).encode(), digest_size=8).hexdigest()
