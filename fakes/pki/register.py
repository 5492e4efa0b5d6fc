"""What an authority knows about the certificates that it issued; the store keeps it, OCSP and lists publish it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from fakes.pki.oids import Purpose


class Reason(StrEnum):
    """Why a certificate was revoked (RFC 5280)."""

    AFFILIATION_CHANGED = "affiliation_changed"
    """Name, address, sex or date of birth changed; a move-out revokes the signing certificate this way:
    https://www.city.suzuka.lg.jp/kurashi/koseki/1009629/1002004.html"""
    SUPERSEDED = "superseded"
    KEY_COMPROMISE = "key_compromise"
    CESSATION = "cessation_of_operation"


class Revocation(Struct, frozen=True):
    """When and why."""

    at: datetime
    reason: Reason


class Standing(Struct, frozen=True):
    """What is known about a serial number: issued or not, revoked or not."""

    issued: bool
    revocation: Revocation | None = None


class RevocationRegister(Protocol):
    """What OCSP and revocation lists ask."""

    def standing(self, purpose: Purpose, serial: int) -> Standing:
        """Return what is known about a certificate."""
        ...

    def revoked(self, purpose: Purpose) -> Iterable[tuple[int, Revocation]]:
        """Return all revoked certificates of an authority, by serial number."""
        ...


class MemoryRegister:
    """A register in memory, for one process."""

    def __init__(self) -> None:
        self._issued: dict[Purpose, set[int]] = {purpose: set() for purpose in Purpose}
        self._revoked: dict[Purpose, dict[int, Revocation]] = {purpose: {} for purpose in Purpose}

    def issue(self, purpose: Purpose, serial: int) -> None:
        """Note a certificate."""
        self._issued[purpose].add(serial)

    def revoke(self, purpose: Purpose, serial: int, revocation: Revocation) -> None:
        """Note a revocation; the first one stays."""
        self._revoked[purpose].setdefault(serial, revocation)

    def standing(self, purpose: Purpose, serial: int) -> Standing:
        """Return what is known about a certificate."""
        return Standing(serial in self._issued[purpose], self._revoked[purpose].get(serial))

    def revoked(self, purpose: Purpose) -> Iterable[tuple[int, Revocation]]:
        """Return all revoked certificates."""
        return sorted(self._revoked[purpose].items())
