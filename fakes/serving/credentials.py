"""Who may do what: addresses, cards, passwords, certificates and keys of a rehearsal, all of them made up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from fakes.people import People
from fakes.pki.peers import AUTHORITY_FILE, PORTAL, town_peer
from fakes.population import first_household
from fakes.staff import ACCOUNTS, password_of
from fakes.towns import OTHERS, TOWNS, WARD_CODE
from fakes.ward.clients import LINK, MANAGEMENT, Client, client_of

PROVIDER: Final = "TESTPROVIDER"
SHOWN_CARDS: Final = 2
"""Of each of two towns; anybody else's follow from the seed (`fakes.people`)."""


class Address(Struct, frozen=True):
    """A server and where it is; `page` is for people, `api` describes its calls."""

    server: str
    url: str
    page: str
    api: str


class ShownCard(Struct, frozen=True):
    """A card of the head of a household, who lives in a town."""

    municipality: str
    household: int
    serial: str
    pin: str
    signing_password: str


class StaffLogin(Struct, frozen=True):
    """Somebody who works for a town."""

    municipality: str
    section: str
    id: str
    password: str


class PeerCertificate(Struct, frozen=True):
    """A system and its client certificate with its key; without TLS it names itself in `X-Peer`."""

    name: str
    file: str


class Credentials(Struct, frozen=True):
    """Everything.

    Attributes
    ----------
    people_day
        Day on which people's ages and cards are taken.
    authority
        File of the authority that vouches for the servers; empty without TLS.
    provider_password
        As it is sent: SHA-256 of what the provider knows, hexadecimal.
    """

    folder: str
    seed: int
    people_day: date
    authority: str
    servers: tuple[Address, ...]
    cards: tuple[ShownCard, ...]
    staff: tuple[StaffLogin, ...]
    systems: tuple[Client, ...]
    peers: tuple[PeerCertificate, ...]
    provider: str
    provider_password: str
    operator_key: str


def sent_password(secret: str) -> str:
    """Return a provider's password as it is sent."""
    return hashlib.sha256(secret.encode()).hexdigest()


def addresses(urls: Sequence[tuple[str, str]]) -> tuple[Address, ...]:
    """Return the addresses of servers by name and URL."""
    return tuple(Address(name, url, f"{url}/", f"{url}/openapi.json") for name, url in urls)


def cards_of(people: People) -> tuple[ShownCard, ...]:
    """Return the cards of some households of the ward and of the first other town."""
    found = []
    for town in (OTHERS[0], WARD_CODE):
        for index in range(first_household(town), first_household(town) + SHOWN_CARDS):
            card = people.household(index, town).head.card
            assert card is not None, "heads of households have one"
            found.append(ShownCard(town, index, card.serial, card.pin, card.signing_password))
    return tuple(found)


def staff_of(seed: int) -> tuple[StaffLogin, ...]:
    """Return everybody who works for the towns."""
    return tuple(
        StaffLogin(town, section.value, name, password_of(seed, town, name))
        for town in TOWNS
        for name, section in ACCOUNTS
    )


def systems_of(seed: int) -> tuple[Client, ...]:
    """Return the systems of all towns, which call the ward server by OAuth 2.0."""
    return tuple(client_of(seed, town, name) for town in TOWNS for name in (LINK, MANAGEMENT))


def peers_of(certificates: str) -> tuple[PeerCertificate, ...]:
    """Return the systems that are on the allow-list."""
    names = (PORTAL, *(town_peer(code) for code in TOWNS))
    return tuple(PeerCertificate(name, f"{certificates}/peer-{name}.pem" if certificates else "") for name in names)


def authority_of(certificates: str) -> str:
    """Return the file of the authority."""
    return f"{certificates}/{AUTHORITY_FILE}" if certificates else ""
