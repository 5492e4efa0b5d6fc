"""What must not be written down in clear: keys that clients choose, and the numbers of people."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from fakes.endpoints import Server
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.pki.peers import client_context
from fakes.store.statements import Statement
from fakes.store.tables import IDEMPOTENCY
from tests.fakes.clients import DESTINATION, ORIGIN, Client, Person, Town
from tests.fakes.conftest import SEED, settings_in
from tests.fakes.hostile.evidence import Evidence
from tests.fakes.inprocess import locals_of
from tests.fakes.test_whole_life import Chain, Clerk, chained, moves_in, moves_out, until

_KEYS = Statement(select(IDEMPOTENCY.c.key))


def test_of_an_idempotency_key_only_its_digest_is_kept(tmp_path: Path, people: People) -> None:
    with locals_of(settings_in(tmp_path, Server.PORTAL, speed=0.0)) as [local]:
        one = Person(local, people, 0)
        one.login()
        key = one.household.head.individual_number
        first = one.submit(one.package(), Idempotency_Key=key)
        assert one.submit(one.package(), Idempotency_Key=key).body == first.body
        assert local.view().all(_KEYS) == [(sha256(key.encode()).hexdigest(),)]


def wide(number: str) -> str:
    return number.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})


def written(folder: Path) -> dict[str, bytes]:
    """Return every file that the servers wrote, and every value of every table, by where it stands."""
    found = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for server in Server:
        for table, rows in Evidence(settings_in(folder, server)).look().tables.items():
            values = [one if isinstance(one, bytes) else str(one).encode() for row in rows for one in row]
            found[f"{server}.{table}"] = b"\n".join(values)
    return found


@pytest.mark.slow
def test_no_number_of_anybody_who_moves_stands_in_clear_in_any_log_table_or_file(
    tmp_path: Path, cards: tuple[CardIssuer, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    with chained(tmp_path, cards[0], log=str(tmp_path / "servers.log")) as chain:
        one = chain.applicant(0)
        receipt = moved(chain, one)
        numbers_everywhere(chain, one)
        one.close()
    people = one.household.members
    found = written(tmp_path)
    assert any(receipt.encode() in content for content in found.values()), "what is looked for in clear is found"
    said = "".join(capfd.readouterr()).encode()
    for person in people:
        number = person.individual_number
        grouped = f"{number[:4]}.?{number[4:8]}.?{number[8:]}".encode()
        for spelled in (grouped, re.escape(wide(number).encode()), re.escape(number.encode("utf-16-le"))):
            where = [name for name, content in found.items() if re.search(spelled, content)]
            assert (where, re.search(spelled, said)) == ([], None)


def moved(chain: Chain, one: Person) -> str:
    """Let a household move, until the last notice has come back; return the receipt number."""
    origin, destination = Clerk(chain, ORIGIN), Clerk(chain, DESTINATION)
    receipt, application = chain.file(one)
    until(lambda: origin.application(receipt) and destination.application(receipt))
    origin.accept(receipt)
    members = moves_out(chain, origin, receipt, application)
    moves_in(destination, one, receipt, application, len(members))
    until(lambda: origin.resident(members[0])["removal"] == "confirmed")
    origin.close()
    destination.close()
    return receipt


def numbers_everywhere(chain: Chain, one: Person) -> None:
    """Send the number of somebody wherever a call has room for it, right or wrong."""
    number = one.household.head.individual_number
    town = Town(chain.jlis[0].url, SEED, ORIGIN, client_context(chain.folder, f"town-{ORIGIN}"))
    assert town.post("/cards/v1/status", {"individual_number": number}, Idempotency_Key=number).status == 200
    staff = {"municipality": ORIGIN, "staff_id": number, "password": number}
    tried = [town.post("/receive/v1/login", staff), town.fetch(number), town.get(f"/cs/v1/inbox?limit={number}")]
    town.close()
    named = {"X-Request-Id": number, "X-Peer": number, "X-Attempt": number, "User-Agent": number, "X-Unknown": number}
    for url in (chain.portal.url, chain.jlis[0].url, chain.ward.url):
        stranger = Client(url, {"X-Test-Data": "synthetic", **named}, client_context(chain.folder))
        tried += [stranger.get(f"/{path}{number}") for path in ("", "shinsei/v1/applications/", "a?b=", "%20")]
        tried.append(stranger.post("/accounts/login", {"card_serial": number, "pin": number[:4]}))
        tried.append(stranger.send(number, "/healthz"))
        stranger.close()
    assert all(400 <= answer.status < 500 for answer in tried)
