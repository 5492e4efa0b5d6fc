"""Who may not: at every endpoint the wrong peer, the wrong town, the wrong section, or nobody in particular.

The rows of the endpoints say whom each is for, so that no endpoint is forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from fakes.endpoints import Server, endpoints_of
from fakes.endpoints.endpoint import BodyKind, Caller, Endpoint
from fakes.pki.peers import STRANGER
from fakes.procedures import Section
from fakes.staff import ACCOUNTS, password_of
from tests.fakes.clients import DESTINATION, ORIGIN, Client, Response
from tests.fakes.conftest import PEERS, SEED, settings_in
from tests.fakes.hostile.evidence import Evidence
from tests.fakes.inprocess import Local, locals_of

OTHER = "990027"
KINDS = {
    BodyKind.JSON: b"{}",
    BodyKind.FORM: b"a=b",
    BodyKind.MULTIPART: b"--x--\r\n",
    BodyKind.OCSP: b"0",
}
VALUES = {"reference_number": "20230301000000001", "telegram": "T0000000001", "id": "clerk01", "fault": "f"}
ROWS = {f"{server}.{row.name}": row for server in Server for row in endpoints_of(server)}
GUARDED = [name for name, row in ROWS.items() if row.caller is not Caller.ANYBODY]
OF_PEERS = [name for name in GUARDED if ROWS[name].caller is Caller.PEER]
NOBODYS = {
    Caller.PROVIDER: (401, "E0901"),
    Caller.APPLICANT: (401, "E0901"),
    Caller.PEER: (403, "E5011"),
    Caller.STAFF: (403, "E5011"),
    Caller.SYSTEM: (401, "E5010"),
    Caller.OPERATOR: (401, "E5010"),
}


class Servers:
    """The three servers in this process, and the evidence of each."""

    def __init__(self, locals_: list[Local], evidence: list[Evidence]) -> None:
        self.of = dict(zip(Server, locals_, strict=True))
        self.evidence = dict(zip(Server, evidence, strict=True))
        self._tokens: dict[tuple[Server, str, str], str] = {}

    def call(self, row: Endpoint, **headers: str) -> Response:
        """Call an endpoint with as little as it takes to reach who guards it."""
        client = Client(self.of[row.server], {"X-Test-Data": "synthetic"})
        given = {"Content-Type": row.body.value} if row.body in KINDS else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client.headers |= given | named
        return client.send(row.method, row.path.format(**VALUES), KINDS.get(row.body, b""))

    def refuses(self, row: Endpoint, status: int, code: str, **headers: str) -> None:
        record = self.evidence[row.server].refuses(lambda: self.call(row, **headers), status, code)
        assert record[6] == row.name

    def staff(self, server: Server, town: str, name: str) -> str:
        """Return the token of a member of a town's staff."""
        if (server, town, name) not in self._tokens:
            peer = Client(self.of[server], {"X-Peer": f"town-{town}", "X-Test-Data": "synthetic"})
            message = {"staff_id": name, "password": password_of(SEED, town, name)}
            path = "/staff/v1/login"
            if server is Server.JLIS:
                path, message = "/receive/v1/login", {**message, "municipality": town}
            self._tokens[server, town, name] = peer.post(path, message).result["token"]
        return f"Bearer {self._tokens[server, town, name]}"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("strangers")
    settings = [settings_in(folder, server, speed=0.0, peers=PEERS, households=2) for server in Server]
    with locals_of(*settings) as running:
        yield Servers(running, [Evidence(one) for one in settings])


@pytest.mark.parametrize("name", GUARDED)
def test_who_shows_nothing_or_something_made_up_is_refused_everywhere(servers: Servers, name: str) -> None:
    row = ROWS[name]
    status, code = NOBODYS[row.caller]
    servers.refuses(row, status, code)
    servers.refuses(row, status, code, X_Peer=STRANGER)
    if row.caller not in {Caller.PEER, Caller.STAFF}:
        made_up = "Q" * 64
        servers.refuses(row, status, code, Authorization=f"Bearer {made_up}", X_Access_Key=made_up)


@pytest.mark.parametrize(
    "name", [name for name in GUARDED if ROWS[name].caller is Caller.PEER and ROWS[name].authority]
)
def test_a_peer_of_the_other_kind_is_refused_everywhere(servers: Servers, name: str) -> None:
    row = ROWS[name]
    other = "portal" if row.authority == "town" else f"town-{ORIGIN}"
    servers.refuses(row, 403, "E5012", X_Peer=other)


@pytest.mark.parametrize("name", [name for name in GUARDED if ROWS[name].caller is Caller.STAFF])
def test_staff_are_refused_under_the_certificate_of_another_town_and_without_their_section(
    servers: Servers, name: str
) -> None:
    row = ROWS[name]
    for account, section in ACCOUNTS:
        token = servers.staff(row.server, ORIGIN, account)
        servers.refuses(row, 403, "E5012", X_Peer=f"town-{OTHER}", Authorization=token)
        servers.refuses(row, 403, "E5011", X_Peer=STRANGER, Authorization=token)
        if row.authority in {member.value for member in Section} and section.value != row.authority:
            servers.refuses(row, 403, "E5012", X_Peer=f"town-{ORIGIN}", Authorization=token)


def test_a_supervisors_business_is_for_no_other_section_of_the_town(servers: Servers) -> None:
    for row in (row for row in endpoints_of(Server.WARD) if row.authority == "chief"):
        for account, _ in ACCOUNTS:
            if account != "chief01":
                token = servers.staff(Server.WARD, ORIGIN, account)
                servers.refuses(row, 403, "E5012", X_Peer=f"town-{ORIGIN}", Authorization=token)


def test_a_town_that_calls_itself_another_is_refused(servers: Servers) -> None:
    password = password_of(SEED, DESTINATION, "link")
    message = json.dumps({"municipality": DESTINATION, "staff_id": "link", "password": password}).encode()

    def login() -> Response:
        client = Client(servers.of[Server.JLIS], {"X-Peer": f"town-{ORIGIN}", "Content-Type": "application/json"})
        return client.send("POST", "/receive/v1/login", message)

    servers.evidence[Server.JLIS].refuses(login, 403, "E5012")


def test_the_tokens_of_one_server_open_nothing_at_another(servers: Servers) -> None:
    of_ward, of_jlis = (servers.staff(server, ORIGIN, "link") for server in (Server.WARD, Server.JLIS))
    peer = f"town-{ORIGIN}"
    for server, token in ((Server.JLIS, of_ward), (Server.WARD, of_jlis)):
        for row in (row for row in endpoints_of(server) if row.caller in {Caller.STAFF, Caller.SYSTEM}):
            servers.refuses(row, 401, "E5010", X_Peer=peer, Authorization=token)
