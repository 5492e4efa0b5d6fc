"""Who calls: client certificates on an allow-list, bearer tokens of staff and systems, access keys of applicants.

Without TLS (tests and load runs on one machine) a peer names itself in `X-Peer`; with TLS that header counts nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from fakes.endpoints.endpoint import Caller, Endpoint
from fakes.refusals import Code, RefusedError
from fakes.web.request import NOBODY, Identity, Request
from fakes.web.tokens import Token, Tokens

_BEARER: Final = b"Bearer "
_SHORTEST_KEY: Final = 32
TOWN: Final = "town"
"""What the systems of any town are entitled to; another peer to what its name says."""


class Peer(Struct, frozen=True):
    """A system on the allow-list.

    Attributes
    ----------
    name
        `portal`, or `town-131041`.
    municipality
        Its town; empty for the portal.
    fingerprint
        SHA-256 of its client certificate (DER), hexadecimal; empty where TLS is off.
    """

    name: str
    municipality: str = ""
    fingerprint: str = ""


class Authentication:
    """Finds out who calls an endpoint.

    Parameters
    ----------
    tokens
        Of this server.
    peers
        The allow-list.
    operator_key
        Secret of whoever runs the rehearsal.
    """

    def __init__(self, tokens: Tokens, peers: Mapping[str, Peer], operator_key: str = "") -> None:
        self._tokens = tokens
        self._by_name = dict(peers)
        self._by_fingerprint = {peer.fingerprint: peer for peer in peers.values() if peer.fingerprint}
        self._operator_key = operator_key.encode()
        self._ways: dict[Caller, Callable[[Request, int], Identity]] = {
            Caller.ANYBODY: lambda _request, _at: NOBODY,
            Caller.PROVIDER: self._provider,
            Caller.APPLICANT: self._applicant,
            Caller.PEER: self._peer_identity,
            Caller.STAFF: self._staff,
            Caller.SYSTEM: self._system,
            Caller.OPERATOR: self._operator,
        }

    def identify(self, endpoint: Endpoint, request: Request, at: int) -> Identity:
        """Return who calls.

        Raises
        ------
        RefusedError
            401 without a valid key or token, 403 for a peer that is not listed or authority that is missing.
        """
        identity = self._ways[endpoint.caller](request, at)
        if endpoint.authority and endpoint.authority not in identity.authorities:
            raise RefusedError(Code.NOT_ALLOWED)
        return identity

    def peer(self, request: Request) -> Peer:
        """Return the system that calls.

        Raises
        ------
        RefusedError
            403 without a client certificate, or with one that is not on the list.
        """
        found: Peer | None = None
        if request.certificate is not None:
            found = self._by_fingerprint.get(hashlib.sha256(request.certificate).hexdigest())
        elif not request.encrypted:
            found = self._by_name.get(request.headers.get(b"x-peer", b"").decode("latin-1"))
        if found is None:
            raise RefusedError(Code.UNKNOWN_PEER)
        return found

    def _peer_identity(self, request: Request, _at: int) -> Identity:
        peer = self.peer(request)
        authority = TOWN if peer.municipality else peer.name
        return Identity(f"peer:{peer.name}", peer.municipality, peer.name, frozenset({authority}))

    def _applicant(self, request: Request, at: int) -> Identity:
        return _of(self._access_key(request, ("applicant", "provider"), at))

    def _provider(self, request: Request, at: int) -> Identity:
        token = self._access_key(request, ("provider",), at)
        if request.headers.get(b"x-provider-id", b"").decode("latin-1") != token.subject:
            raise RefusedError(Code.NO_KEY)
        return _of(token)

    def _access_key(self, request: Request, kinds: tuple[str, ...], at: int) -> Token:
        given = request.headers.get(b"x-access-key", b"")
        if not given:
            raise RefusedError(Code.NO_KEY)
        if len(given) < _SHORTEST_KEY:
            raise RefusedError(Code.KEY_FORMAT)
        token = self._tokens.check(given, kinds, at)
        if token is None:
            raise RefusedError(Code.NO_KEY)
        return token

    def _staff(self, request: Request, at: int) -> Identity:
        peer = self.peer(request)
        token = self._bearer(request, ("staff",), at)
        if token.municipality != peer.municipality:
            raise RefusedError(Code.NOT_ALLOWED)
        return _of(token)

    def _system(self, request: Request, at: int) -> Identity:
        return _of(self._bearer(request, ("system",), at))

    def _operator(self, request: Request, _at: int) -> Identity:
        given = _bearer_of(request)
        if not self._operator_key or not hmac.compare_digest(given, self._operator_key):
            raise RefusedError(Code.NOT_AUTHENTICATED)
        return Identity("operator")

    def _bearer(self, request: Request, kinds: tuple[str, ...], at: int) -> Token:
        token = self._tokens.check(_bearer_of(request), kinds, at)
        if token is None:
            raise RefusedError(Code.NOT_AUTHENTICATED)
        return token


def _bearer_of(request: Request) -> bytes:
    given = request.headers.get(b"authorization", b"")
    if not given.startswith(_BEARER):
        raise RefusedError(Code.NOT_AUTHENTICATED)
    return given[len(_BEARER) :].strip()


def _of(token: Token) -> Identity:
    town = f"{token.municipality}:" if token.municipality else ""
    return Identity(
        f"{token.kind}:{town}{token.subject}", token.municipality, token.subject, frozenset(token.authorities)
    )
