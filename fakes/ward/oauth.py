"""The authorization server: tokens for systems by client credentials, introspection, revocation."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final
from urllib.parse import unquote

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from msgspec import Struct
from sqlalchemy import bindparam, select

from fakes.endpoints.ward import INTROSPECT, REVOKE_TOKEN, TOKEN
from fakes.messages.oauth import TokenAnswer, TokenQuestion, TokenRequest, TokenState
from fakes.refusals import Code, RefusedError
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.ward.clients import ALGORITHM, ASSERTION_TYPE, AUDIENCE, Client
from fakes.ward.context import Ward
from fakes.ward.events.access import AssertionUsed, TokenRevoked
from fakes.ward.tables import ASSERTION, REVOKED
from fakes.web.answers import bare, nothing
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.tokens import Token, ends

HANDLERS: Final[Handlers[Ward]] = Handlers()

_MICROS: Final = 1_000_000
_LONGEST_S: Final = 300
"""An assertion that lives longer is none: its number would have to be remembered so long."""
_BASIC: Final = b"Basic "
_NO_STORE: Final = ((b"pragma", b"no-cache"),)

_USED = Statement(
    select(ASSERTION.c.until).where(ASSERTION.c.client == bindparam("who"), ASSERTION.c.jti == bindparam("number"))
)
_GONE = Statement(select(REVOKED.c.at).where(REVOKED.c.number == bindparam("token")))


class _Proven(Struct, frozen=True):
    """A client that has proven who it is; with what, if that counts once."""

    client: Client
    jti: str = ""
    until: int = 0

    def use(self, tx: Transaction) -> tuple[Event[AssertionUsed], ...]:
        """Return what is to be noted of the proof.

        Raises
        ------
        RefusedError
            401 when it was shown before.
        """
        if not self.jti:
            return ()
        if tx.one(_USED, who=self.client.id, number=self.jti) is not None:
            raise _unknown()
        body = AssertionUsed(self.jti, self.until)
        return (Event(self.client.id, body, self.client.municipality),)


@HANDLERS.on(TOKEN)
def token(call: WebCall, ward: Ward) -> Decide:
    """Issue an access token to a system; there is no refresh token."""
    message: TokenRequest = call.message
    if message.grant_type != "client_credentials":
        raise RefusedError(Code.GRANT, oauth="unsupported_grant_type")
    proven = _proven(call, ward, message)
    client = proven.client
    scopes = tuple(message.scope.split()) or client.scopes
    if not set(scopes) <= set(client.scopes):
        raise RefusedError(Code.SCOPE, oauth="invalid_scope")

    def decide(tx: Transaction) -> Decision:
        used = proven.use(tx)
        number = f"{call.at}-{tx.next_seq}-{client.id}"
        said = Token("system", client.id, client.municipality, scopes, ends(call.at, ward.token_s), number)
        issued = ward.tokens.issue(said)
        answer = bare(TokenAnswer(issued, "Bearer", ward.token_s, " ".join(scopes)), headers=_NO_STORE)
        return Decision(answer, used, client.id)

    return decide


@HANDLERS.on(INTROSPECT)
def introspect(call: WebCall, ward: Ward) -> Decide:
    """Say whether a token of the asking client's town is valid; nothing of any other."""
    message: TokenQuestion = call.message
    proven = _proven(call, ward, message)
    told = ward.tokens.check(message.token.encode(), ("system",), call.at)

    def decide(tx: Transaction) -> Decision:
        used = proven.use(tx)
        state = TokenState(False)
        if told is not None and told.municipality == proven.client.municipality and not is_revoked(tx, told):
            state = TokenState(True, " ".join(told.authorities), told.subject, told.until // _MICROS, "Bearer")
        return Decision(bare(state), used, proven.client.id)

    return decide


@HANDLERS.on(REVOKE_TOKEN)
def revoke(call: WebCall, ward: Ward) -> Decide:
    """End a token of the asking client before its time; what is no token of its own is answered the same (RFC 7009)."""
    message: TokenQuestion = call.message
    proven = _proven(call, ward, message)
    told = ward.tokens.check(message.token.encode(), ("system",), call.at)

    def decide(tx: Transaction) -> Decision:
        events: tuple[Event[AssertionUsed] | Event[TokenRevoked], ...] = proven.use(tx)
        if told is not None and told.subject == proven.client.id and not is_revoked(tx, told):
            events = (*events, Event(told.number, TokenRevoked(), told.municipality))
        return Decision(nothing(200), events, proven.client.id)

    return decide


def is_revoked(tx: Transaction, told: Token) -> bool:
    """Whether a token was given back."""
    return tx.one(_GONE, token=told.number) is not None


def live(tx: Transaction, call: WebCall, ward: Ward) -> None:
    """Check, where a system acts, that its token was not revoked: what RFC 7662 has the provider ask.

    Raises
    ------
    RefusedError
        401 when it was.
    """
    bearer = call.request.headers[b"authorization"].partition(b" ")[2].strip()
    told = ward.tokens.check(bearer, ("system",), call.at)
    if told is None or is_revoked(tx, told):
        raise RefusedError(Code.NOT_AUTHENTICATED)


def _unknown() -> RefusedError:
    return RefusedError(Code.NOT_AUTHENTICATED, oauth="invalid_client")


def _proven(call: WebCall, ward: Ward, message: TokenRequest | TokenQuestion) -> _Proven:
    """Return which client calls.

    Raises
    ------
    RefusedError
        401 when it does not prove it; E5016 for another way of proving it, or two at once.
    """
    basic = call.request.headers.get(b"authorization", b"")
    if bool(basic) == bool(message.client_assertion):
        raise RefusedError(Code.GRANT, oauth="invalid_request") if basic else _unknown()
    proven = _by_secret(ward, basic) if basic else _by_assertion(call, ward, message)
    if message.client_id and message.client_id != proven.client.id:
        raise _unknown()
    return proven


def _by_secret(ward: Ward, header: bytes) -> _Proven:
    """client_secret_basic, allowed for the time being (共通機能標準仕様書)."""
    if not header.startswith(_BASIC):
        raise RefusedError(Code.GRANT, oauth="invalid_request")
    try:
        name, _, secret = base64.b64decode(header[len(_BASIC) :], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _unknown() from None
    client = ward.clients.find(unquote(name))
    if client is None or not hmac.compare_digest(client.secret.encode(), unquote(secret).encode()):
        raise _unknown()
    return _Proven(client)


def _by_assertion(call: WebCall, ward: Ward, message: TokenRequest | TokenQuestion) -> _Proven:
    """client_secret_jwt: HS256 and no other algorithm, for us, about itself, now, for a short time."""
    if message.client_assertion_type != ASSERTION_TYPE:
        raise RefusedError(Code.GRANT, oauth="invalid_request")
    now = call.at // _MICROS
    client = ward.clients.find(_claimed(message.client_assertion))
    if client is None:
        raise _unknown()
    try:
        claims = jwt.decode(message.client_assertion, OctKey.import_key(client.secret), algorithms=[ALGORITHM]).claims
        jwt.JWTClaimsRegistry(
            now=now,
            leeway=0,
            iss={"essential": True, "value": client.id},
            sub={"essential": True, "value": client.id},
            aud={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError, TypeError):
        raise _unknown() from None
    audience, until, jti = claims["aud"], claims["exp"], claims["jti"]
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one.endswith(AUDIENCE) for one in named):
        raise _unknown()
    if not isinstance(until, int) or until - now > _LONGEST_S or not isinstance(jti, str) or not 0 < len(jti) <= 128:
        raise _unknown()
    return _Proven(client, jti, until)


def _claimed(text: str) -> str:
    """Return who an assertion says that it is of; it is not believed yet, it only says which secret to try."""
    try:
        payload = text.split(".")[1].encode()
        said = msgspec.json.decode(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    except (IndexError, ValueError, msgspec.DecodeError):
        return ""
    issuer = said.get("iss") if isinstance(said, dict) else None
    return issuer if isinstance(issuer, str) else ""
