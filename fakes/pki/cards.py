"""The certificates on a card: issued for synthetic people by both authorities, with keys from the pool."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec import Struct

from fakes.clock import JST
from fakes.package.application import Address
from fakes.people import Person, certificate_serial
from fakes.pki.authority import Authority
from fakes.pki.holder import holder_of
from fakes.pki.keys import KeyPool
from fakes.pki.oids import Purpose
from fakes.pki.trust import TrustStore
from fakes.validity import certificate_valid_until

ISSUED_AT: Final = time(9, 0)
"""Time of day of an issue at the counter."""


class CardKey(Struct, frozen=True):
    """A certificate of a card with its private key: what the chip holds."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


class CardIssuer:
    """Both authorities and the pool of keys."""

    def __init__(self, authorities: dict[Purpose, Authority], pool: KeyPool) -> None:
        self.authorities = authorities
        self.pool = pool
        self.trust = TrustStore({purpose: one.certificate for purpose, one in authorities.items()})

    @classmethod
    def create(cls, at: datetime, base: str = "http://127.0.0.1", pool: KeyPool | None = None) -> CardIssuer:
        """Make authorities and keys for a scenario that starts at a moment."""
        authorities = {purpose: Authority.create(purpose, at, base) for purpose in Purpose}
        return cls(authorities, pool or KeyPool.create())

    @classmethod
    def load(cls, folder: Path, base: str = "http://127.0.0.1") -> CardIssuer:
        """Read what `save` wrote, so that certificates stay valid over a restart."""
        return cls({purpose: Authority.load(purpose, folder, base) for purpose in Purpose}, KeyPool.load(folder))

    def save(self, folder: Path) -> None:
        """Write authorities and keys into a folder that exists."""
        for authority in self.authorities.values():
            authority.save(folder)
        self.pool.save(folder)

    def authentication(self, person: Person) -> CardKey:
        """Issue the certificate for authentication of somebody with a card.

        Raises
        ------
        ValueError
            For somebody without a card.
        """
        if person.card is None:
            raise ValueError(f"person {person.index} has no card")
        card = person.card
        return self._issue(
            Purpose.AUTHENTICATION, card.authentication.serial, _at(card.issued_on), card.valid_until, person
        )

    def signing(self, person: Person, address: Address) -> CardKey:
        """Issue the signing certificate that stands on somebody's card, for the address where they live.

        Raises
        ------
        ValueError
            For somebody without a card or too young.
        """
        if person.card is None or person.card.signing is None:
            raise ValueError(f"person {person.index} has no signing certificate")
        card = person.card
        return self._issue(
            Purpose.SIGNING, person.card.signing.serial, _at(card.issued_on), card.valid_until, person, address
        )

    def renewed_signing(self, person: Person, address: Address, generation: int, at: datetime) -> CardKey:
        """Issue a later signing certificate, as at the counter after a move."""
        if person.card is None:
            raise ValueError(f"person {person.index} has no card")
        serial = certificate_serial(person.index, generation)
        return self._issue(Purpose.SIGNING, serial, at, person.card.valid_until, person, address)

    def _issue(
        self,
        purpose: Purpose,
        serial: int,
        at: datetime,
        card_until: date,
        person: Person,
        address: Address | None = None,
    ) -> CardKey:
        key = self.pool.key_for(serial)
        until = certificate_valid_until(person.birth_date, at.astimezone(JST).date(), card_until)
        holder = holder_of(person, address) if address is not None else None
        certificate = self.authorities[purpose].issue(key.public_key(), serial, at, until, holder)
        return CardKey(certificate, key)


def _at(day: date) -> datetime:
    return datetime.combine(day, ISSUED_AT, JST)
