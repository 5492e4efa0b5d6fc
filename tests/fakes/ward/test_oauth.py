"""Systems prove who they are, get a token for a short time and for what they may do, and nothing else."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.fakes.clients import DESTINATION, Response
from tests.fakes.ward.towns import Caller, Town, Towns, proof

SCOPES = "031:shinsei/v1/imports:Create 031:link/v1/outbox:Update 031:link/v1/inbox:Create"


def asked(towns: Towns, town: Town, path: str, token: str) -> Response:
    """Introspect or revoke a token as a town's link server."""
    shown = proof(towns, town.client())
    del shown["grant_type"]
    return Caller(towns).form(path, {**shown, "token": token})


def basic(towns: Towns, name: str, secret: str) -> Response:
    given = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return Caller(towns).form("/oauth2/token", {"grant_type": "client_credentials"}, Authorization=f"Basic {given}")


def test_a_client_gets_a_bearer_token_for_its_scopes_and_no_refresh_token(origin: Town) -> None:
    answer = origin.token().json
    assert answer.pop("access_token")
    assert answer == {"token_type": "Bearer", "expires_in": 300, "scope": SCOPES}


def test_a_client_can_ask_for_less_but_not_for_more(origin: Town) -> None:
    less = "031:link/v1/outbox:Update"
    assert origin.token(scope=less).json["scope"] == less
    more = origin.token(scope="031:app_submit/v10/shinseidata:Create")
    assert (more.status, more.code, more.json["error"]) == (400, "E5017", "invalid_scope")


def test_ids_and_secrets_are_as_long_as_the_standard_wants(origin: Town) -> None:
    client = origin.client()
    assert len(client.id) == 32
    assert len(client.secret) >= 32
    assert client.id.isalnum()


def test_the_secret_itself_is_taken_for_the_time_being(towns: Towns, origin: Town) -> None:
    client = origin.client()
    assert basic(towns, client.id, client.secret).status == 200
    for name, secret in ((client.id, "wrong"), ("f" * 32, client.secret), (client.id, "")):
        refused = basic(towns, name, secret)
        assert (refused.status, refused.json["error"]) == (401, "invalid_client")
    assert refused.headers["www-authenticate"] == "Bearer"


def test_a_header_that_is_no_secret_is_refused(towns: Towns) -> None:
    for given in ("Basic %%%", "Basic /w==", "Digest a"):
        refused = Caller(towns).form("/oauth2/token", {"grant_type": "client_credentials"}, Authorization=given)
        assert refused.status in {400, 401}


def test_an_assertion_counts_once(towns: Towns, origin: Town) -> None:
    shown = proof(towns, origin.client())
    assert Caller(towns).form("/oauth2/token", shown).status == 200
    assert Caller(towns).form("/oauth2/token", shown).status == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": -1},
        {"exp": 301},
        {"aud": "https://elsewhere.example/token"},
        {"aud": 1},
        {"iss": "f" * 32},
        {"sub": "f" * 32},
        {"jti": ""},
        {"jti": 5},
        {"jti": "x" * 129},
        {"exp": None},
        {"jti": None},
    ],
)
def test_an_assertion_must_be_about_the_client_for_us_and_now(towns: Towns, origin: Town, claims: Any) -> None:
    client, now = origin.client(), towns.clock.micros() // 1_000_000
    said: dict[str, Any] = {"iss": client.id, "sub": client.id, "aud": "/oauth2/token", "jti": "n", "exp": now + 60}
    said |= claims
    if isinstance(claims.get("exp"), int):
        said["exp"] = now + claims["exp"]
    said = {name: value for name, value in said.items() if value is not None}
    shown = jwt.encode({"alg": "HS256"}, said, OctKey.import_key(client.secret), algorithms=["HS256"])
    refused = origin.token(client_assertion=shown)
    assert (refused.status, refused.code) == (401, "E5010")


def test_another_key_or_algorithm_is_refused(towns: Towns, origin: Town, destination: Town) -> None:
    client, other = origin.client(), destination.client()
    now = towns.clock.micros() // 1_000_000
    said = {"iss": client.id, "sub": client.id, "aud": "/oauth2/token", "jti": "n", "exp": now + 60}
    for algorithm, secret in (("HS256", other.secret), ("HS512", client.secret)):
        shown = jwt.encode({"alg": algorithm}, said, OctKey.import_key(secret), algorithms=[algorithm])
        assert origin.token(client_assertion=shown).status == 401
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = shown.split(".")[1]
    for broken in (f"{head}.{body}.", "a.b.c", "", "."):
        assert origin.token(client_assertion=broken).status == 401


def test_another_grant_or_way_of_proof_is_refused(towns: Towns, origin: Town) -> None:
    refused = origin.token(grant_type="password")
    assert (refused.status, refused.json["error"]) == (400, "unsupported_grant_type")
    assert origin.token(client_assertion_type="saml").code == "E5016"
    both = Caller(towns).form("/oauth2/token", proof(towns, origin.client()), Authorization="Basic YTpi")
    assert both.code == "E5016"
    assert origin.token(client_id="f" * 32).status == 401


def test_a_token_ends_by_itself(towns: Towns, origin: Town) -> None:
    system = origin.system()
    assert system.get("/link/v1/outbox").status == 200
    towns.wait(seconds=301)
    assert system.get("/link/v1/outbox").status == 401


def test_a_token_opens_only_what_its_scopes_say(origin: Town) -> None:
    assert origin.system("shinsei").get("/link/v1/outbox").status == 403


def test_introspection_tells_the_own_town_and_nobody_else(towns: Towns, origin: Town, destination: Town) -> None:
    token = origin.token().json["access_token"]
    told = asked(towns, origin, "/oauth2/introspect", token).json
    assert told["active"] is True
    assert told["client_id"] == origin.client().id
    assert told["scope"] == SCOPES
    assert asked(towns, destination, "/oauth2/introspect", token).json == {"active": False}
    assert asked(towns, origin, "/oauth2/introspect", "rubbish").json == {"active": False}
    towns.wait(seconds=301)
    assert asked(towns, origin, "/oauth2/introspect", token).json == {"active": False}


def test_a_revoked_token_opens_nothing(towns: Towns, origin: Town, destination: Town) -> None:
    token = origin.token().json["access_token"]
    system = Caller(towns, {"Authorization": f"Bearer {token}"})
    assert asked(towns, destination, "/oauth2/revoke", token).status == 200
    assert system.get("/link/v1/outbox").status == 200
    assert asked(towns, origin, "/oauth2/revoke", token).status == 200
    assert system.get("/link/v1/outbox").status == 401
    assert asked(towns, origin, "/oauth2/introspect", token).json == {"active": False}
    assert asked(towns, origin, "/oauth2/revoke", token).status == 200


def test_a_token_of_a_town_opens_nothing_of_another(towns: Towns, origin: Town) -> None:
    assert origin.outbox() == []
    staff = origin.login("clerk01").result["token"]
    assert Caller(towns, {"Authorization": f"Bearer {staff}"}).get("/link/v1/outbox").status == 401
    assert towns.town(DESTINATION).client().id != origin.client().id
