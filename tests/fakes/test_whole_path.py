"""An application all the way over real servers, encrypted, every system with its own certificate."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes.endpoints import Server
from fakes.identifiers import owner_token
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.pki.peers import STRANGER, client_context, listed_peers, write_certificates
from fakes.serving.starting import Running, start
from tests.fakes.clients import ORIGIN, Client, Person, Town
from tests.fakes.conftest import SEED, START, settings_in

PATIENCE_S = 20.0


@dataclass
class Chain:
    """Portal and J-LIS, linked."""

    portal: Running
    jlis: Running
    folder: Path
    people: People

    def person(self, index: int) -> Person:
        one = Person(self.portal.url, self.people, index, context=client_context(self.folder))
        assert one.login().status == 200
        return one

    def town(self, code: str) -> Town:
        town = Town(self.jlis.url, SEED, code, client_context(self.folder, f"town-{code}"))
        assert town.login().status == 200
        return town


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    folder = tmp_path_factory.mktemp("chain")
    write_certificates(folder)
    common = {"certificates": str(folder), "peers": listed_peers(folder)}
    with (
        start(settings_in(folder, Server.JLIS, **common)) as jlis,
        start(settings_in(folder, Server.PORTAL, jlis=(jlis.url,), link_s=0.1, **common)) as portal,
    ):
        yield Chain(portal, jlis, folder, People(SEED, START.date()))


def until(told: Callable[[], bool]) -> None:
    """Ask again, as a client does, until it is so; each question is a call to a real server."""
    end = time.monotonic() + PATIENCE_S
    while not told():
        assert time.monotonic() < end, "it never came to be"


def test_an_application_goes_from_the_applicant_to_the_town_and_its_state_comes_back(
    chain: Chain, cards: tuple[CardIssuer, Path]
) -> None:
    one, town = chain.person(0), chain.town(ORIGIN)
    package, key = one.package(), cards[0].signing(one.household.head, one.household.address)
    submitted = one.submit(package).result
    number = submitted["temporary_reference_number"]
    receipt = one.sign(number, key).result["reference_number"]
    until(lambda: any(row["reference_number"] == receipt for row in town.search()["applications"]))
    taken = town.fetch(receipt)
    assert taken.body == package
    assert taken.headers["x-owner-token"] == owner_token(SEED, one.card.serial, ORIGIN) == submitted["owner_token"]
    assert town.acknowledge(receipt, 1).status == 200
    for state in ("in_review", "notice_accepted", "completed"):
        assert town.report(receipt, state).status == 200

    def ended() -> bool:
        told = one.get(f"/inquiries/applications/{receipt}").result
        return bool(told["procedures"][0]["status_code"] == "003")

    until(ended)
    one.close()
    town.close()


def test_a_revoked_or_unknown_peer_is_refused_though_its_certificate_is_of_the_authority(chain: Chain) -> None:
    for context in (client_context(chain.folder, STRANGER), client_context(chain.folder)):
        client = Client(chain.jlis.url, {"X-Peer": "portal"}, context)
        answer = client.post("/relay/v1/statuses", {})
        assert (answer.status, answer.code) == (403, "E5011")
        client.close()


def test_plain_text_and_old_encryption_do_not_get_through(chain: Chain) -> None:
    plain = Client(chain.jlis.url.replace("https", "http"))
    with pytest.raises((ConnectionError, OSError)):
        plain.get("/healthz")
    plain.close()
    old = client_context(chain.folder, "portal")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        Client(chain.jlis.url, context=old).get("/healthz")
