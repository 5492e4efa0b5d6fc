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


def accepted(one: Person, package: bytes, cards: tuple[CardIssuer, Path], **others: str) -> str:
    """Submit and sign; return the receipt number."""
    number = one.submit(package, others=others).result["temporary_reference_number"]
    key = cards[0].signing(one.household.head, one.household.address)
    return str(one.sign(number, key).result["reference_number"])


def reviewed(town: Town, receipt: str) -> None:
    """Take an application and begin to look at it."""
    until(lambda: town.fetch(receipt).status == 200)
    assert town.acknowledge(receipt, int(town.fetch(receipt).headers.get("x-delivery", "1"))).status == 200
    assert town.report(receipt, "in_review").status == 200


def state_at_portal(one: Person, receipt: str) -> str:
    return str(one.status(receipt)["messages"][-1]["message_type"]) if one.status(receipt)["messages"] else ""


def test_a_withdrawal_is_decided_where_the_state_is_until_the_town_accepts_the_notice(
    chain: Chain, cards: tuple[CardIssuer, Path]
) -> None:
    one, town = chain.person(1), chain.town(ORIGIN)
    first, second = accepted(one, one.package(), cards), accepted(one, one.package(6), cards)
    assert one.withdraw(first, "日程の変更").result["state"] == "withdrawn"
    [told] = town.statuses(reference_numbers=[first])["statuses"]
    assert (told["state"], told["message"]) == ("withdrawn", "日程の変更")
    reviewed(town, second)
    assert town.report(second, "notice_accepted").status == 200
    late = one.withdraw(second)  # the portal need not have heard of it yet
    assert (late.status, late.code) == (409, "E6002")
    assert state_at_portal(one, first) == "withdrawn"
    one.close()
    town.close()


def test_a_returned_application_is_filed_again_once_and_the_town_sees_whose_place_it_takes(
    chain: Chain, cards: tuple[CardIssuer, Path]
) -> None:
    one, town = chain.person(2), chain.town(ORIGIN)
    returned = accepted(one, one.package(), cards)
    reviewed(town, returned)
    assert town.report(returned, "needs_resubmit", "番地が抜けています。").status == 200
    until(lambda: state_at_portal(one, returned) == "needs_resubmit")
    assert one.status(returned)["messages"][-1]["text"] == "番地が抜けています。"
    again = accepted(one, one.package(6), cards, resubmission_of=returned)
    assert again != returned
    assert one.status(again)["resubmission_of"] == returned
    twice = one.submit(one.package(7), others={"resubmission_of": returned})
    assert (twice.status, twice.code) == (409, "E6002")
    listed = until_listed(town, again)
    assert listed["resubmission_of"] == returned
    one.close()
    town.close()


def until_listed(town: Town, receipt: str) -> dict[str, object]:
    rows: list[dict[str, object]] = []

    def seen() -> bool:
        rows[:] = [row for row in town.search()["applications"] if row["reference_number"] == receipt]
        return bool(rows)

    until(seen)
    return rows[0]


def test_a_card_that_is_locked_opens_again_after_the_counter_unlocked_it(chain: Chain) -> None:
    one, town = chain.person(3), chain.town(ORIGIN)
    wrong = "0000" if one.card.pin != "0000" else "0001"
    assert [one.login(wrong).status for _ in range(3)] == [403, 403, 423]
    assert one.login().status == 423
    assert town.post("/cards/v1/unlock", {"card_serial": one.card.serial, "secrets": ["pin"]}).status == 200
    until(lambda: one.login().status == 200)
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
