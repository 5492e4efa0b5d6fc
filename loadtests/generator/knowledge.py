"""What the generator knows of the systems: passwords, secrets, certificates, keys of cards; and connections to them."""

from __future__ import annotations

import ssl
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from fakes.pki.cards import CardIssuer
from loadtests.errors import LoadError
from loadtests.generator.asking import Caller
from loadtests.generator.record import Record
from loadtests.generator.wire import Wire
from loadtests.plan import Plan, town_peer

PORTAL, JLIS, WARD = "portal", "jlis", "ward"
_RESERVE: Final = 256
"""Connections beyond those of applicants: of towns, staff and auditors."""


class StaffLogin(Struct, frozen=True):
    """Somebody who works for a town."""

    municipality: str
    section: str
    id: str
    password: str


class System(Struct, frozen=True):
    """A system of a town that calls the ward server by OAuth 2.0."""

    municipality: str
    name: str
    id: str
    secret: str


class Known(Struct, frozen=True):
    """What is needed of `credentials.json`."""

    staff: tuple[StaffLogin, ...]
    systems: tuple[System, ...]
    provider: str
    provider_password: str

    @classmethod
    def read(cls, file: Path) -> Known:
        """Read the file.

        Raises
        ------
        LoadError
            E-load-credentials.
        """
        try:
            return msgspec.json.decode(file.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError) as error:
            raise LoadError("E-load-credentials", path=file, reason=error) from error

    def password(self, municipality: str, name: str) -> str:
        """Return the password of an account."""
        return next(one.password for one in self.staff if (one.municipality, one.id) == (municipality, name))

    def system(self, municipality: str, name: str) -> System:
        """Return a system of a town."""
        return next(one for one in self.systems if (one.municipality, one.name) == (municipality, name))


class Way:
    """The way of one worker to all systems; connections of one kind of caller are shared.

    Raises
    ------
    LoadError
        E-load-credentials when a file of the plan cannot be used; also when what is in it is first needed.
    """

    def __init__(self, plan: Plan, record: Record, mark: str) -> None:
        servers = plan.servers
        self._plan = plan
        self._record = record
        self._mark = mark
        most = plan.in_flight + _RESERVE
        self.opened: Counter[str] = Counter()
        """Connections that were made, by version and cipher of TLS."""
        self._portal = (Wire(servers.portal, self._context(""), most, opened=self.opened),)
        self._towns: dict[str, tuple[tuple[Wire, ...], tuple[Wire, ...]]] = {}

    @cached_property
    def known(self) -> Known:
        """Passwords and secrets."""
        return Known.read(Path(self._plan.servers.credentials))

    @cached_property
    def issuer(self) -> CardIssuer:
        """Who has issued the cards, and their keys."""
        cards = self._plan.servers.cards
        try:
            return CardIssuer.load(Path(cards))
        except (OSError, ValueError) as error:
            raise LoadError("E-load-credentials", path=cards, reason=error) from error

    def applicant(self) -> Caller:
        """Return a caller of the portal."""
        return Caller(self._record, PORTAL, self._portal, self._mark)

    def jlis(self, municipality: str) -> Caller:
        """Return a caller of J-LIS: the systems of a town."""
        return Caller(self._record, JLIS, self._town(municipality)[0], self._mark, self._peer(municipality))

    def ward(self, municipality: str) -> Caller:
        """Return a caller of the ward: systems and staff of a town."""
        return Caller(self._record, WARD, self._town(municipality)[1], self._mark, self._peer(municipality))

    def _town(self, municipality: str) -> tuple[tuple[Wire, ...], tuple[Wire, ...]]:
        made = self._towns.get(municipality)
        if made is None:
            servers, context = self._plan.servers, self._context(town_peer(municipality))
            jlis = tuple(Wire(url, context, _RESERVE, opened=self.opened) for url in servers.jlis)
            made = self._towns[municipality] = jlis, (Wire(servers.ward, context, _RESERVE, opened=self.opened),)
        return made

    def _peer(self, municipality: str) -> dict[str, str]:
        return {} if self._plan.servers.authority else {"X-Peer": town_peer(municipality)}

    def _context(self, peer: str) -> ssl.SSLContext | None:
        servers = self._plan.servers
        if not servers.authority:
            return None
        try:
            context = ssl.create_default_context(cafile=servers.authority)
            if peer:
                context.load_cert_chain(servers.peers[peer])
        except (OSError, KeyError) as error:
            raise LoadError("E-load-credentials", path=servers.authority, reason=error) from error
        return context
