"""Systems of the towns that call by OAuth: their IDs, secrets and scopes; and how a client proves who it is.

IDs have 32 letters and digits, secrets at least 32 characters (共通機能標準仕様書 第2.7版). They follow from the seed,
as the passwords of staff do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from joserfc import jwt
from joserfc.jwk import OctKey
from msgspec import Struct

from fakes.endpoints.ward import IMPORTS, INBOX, OUTBOX, SHINSEI_DATA

LINK: Final = "link"
"""連携サーバ."""
MANAGEMENT: Final = "shinsei"
"""申請管理, towards 基幹."""

_SCOPES: Final = {LINK: (IMPORTS, OUTBOX, INBOX), MANAGEMENT: (SHINSEI_DATA,)}

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523."""
AUDIENCE: Final = "/oauth2/token"
"""End of the `aud` of an assertion: the address of the token endpoint, under whatever name the server has."""
ALGORITHM: Final = "HS256"


class Client(Struct, frozen=True):
    """A system of a town."""

    municipality: str
    name: str
    id: str
    secret: str
    scopes: tuple[str, ...]


class Clients:
    """The systems of some towns.

    Parameters
    ----------
    seed
        Of the scenario.
    towns
        Codes of municipalities.
    """

    def __init__(self, seed: int, towns: Iterable[str]) -> None:
        made = (client_of(seed, town, name) for town in towns for name in _SCOPES)
        self._by_id = {client.id: client for client in made}

    def find(self, client_id: str) -> Client | None:
        """Return a client; None if there is none."""
        return self._by_id.get(client_id)


def client_of(seed: int, municipality: str, name: str) -> Client:
    """Return a system of a town, with its secret: for the table of credentials, and for who plays it."""
    return Client(
        municipality,
        name,
        _drawn(seed, f"client/{municipality}/{name}", 16),
        _drawn(seed, f"secret/{municipality}/{name}", 32),
        _SCOPES[name],
    )


def assertion(client: Client, jti: str, issued: int, seconds: int = 60) -> str:
    """Return a client's assertion (client_secret_jwt): a JWT about itself, signed with its secret.

    Parameters
    ----------
    jti
        Its number, new each time.
    issued
        Moment of the scenario, seconds since 1970.
    """
    claims = {"iss": client.id, "sub": client.id, "aud": AUDIENCE, "jti": jti, "iat": issued, "exp": issued + seconds}
    return jwt.encode({"alg": ALGORITHM}, claims, OctKey.import_key(client.secret), algorithms=[ALGORITHM])


def _drawn(seed: int, name: str, size: int) -> str:
    return hashlib.blake2b(name.encode(), key=str(seed).encode(), digest_size=size).hexdigest()
