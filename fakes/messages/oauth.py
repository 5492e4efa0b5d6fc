"""Messages of the authorization server (OAuth 2.0: RFC 6749, 7009, 7523, 7662), as the common-feature standard has it:
client credentials only, `client_secret_jwt` with HS256, for the time being `client_secret_basic`, no refresh token.

Source: 共通機能標準仕様書 第2.7版. These answers have no envelope, because the RFCs say what they look like.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from fakes.messages.envelope import Message, Outcome

Assertion = Annotated[str, Meta(max_length=4096, title="client_assertion (JWT)")]
Bearer = Annotated[str, Meta(min_length=1, max_length=2048, title="アクセストークン")]
Scope = Annotated[str, Meta(max_length=1024, pattern="^[!-~ ]*$", title="スコープ ${業務ID}:${リソース名}:${操作名}")]


class TokenRequest(Message):
    """Client credentials: an assertion, or the secret in the Authorization header (Basic)."""

    grant_type: Annotated[str, Meta(min_length=1, max_length=64)]
    scope: Scope = ""
    """Empty for all that the client has."""
    client_id: Annotated[str, Meta(max_length=32)] = ""
    client_assertion_type: Annotated[str, Meta(max_length=128)] = ""
    client_assertion: Assertion = ""


class TokenAnswer(Outcome):
    """An access token; there is no refresh token."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    """Seconds of the scenario."""
    scope: str


class TokenQuestion(Message):
    """Introspection or revocation of a token; whoever asks shows who it is as for a token."""

    token: Bearer
    token_type_hint: Annotated[str, Meta(max_length=32)] = ""
    client_id: Annotated[str, Meta(max_length=32)] = ""
    client_assertion_type: Annotated[str, Meta(max_length=128)] = ""
    client_assertion: Assertion = ""


class TokenState(Outcome, omit_defaults=True):
    """Whether a token is valid now, and what it says; of another town's token nothing is said."""

    active: bool
    scope: str = ""
    client_id: str = ""
    exp: int = 0
    """Seconds since 1970."""
    token_type: str = ""
