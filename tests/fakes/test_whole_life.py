"""The life of a move over portal, J-LIS and ward as real servers: nobody takes a shortcut, nobody waits for help."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import bindparam, select

from fakes.endpoints import Server
from fakes.filing import application_of
from fakes.package.application import Application
from fakes.package.building import build_package
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.pki.peers import client_context, listed_peers, write_certificates
from fakes.population import first_household
from fakes.procedures import city_service_code
from fakes.serving.starting import Running, start, stop_all
from fakes.staff import password_of
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.store.tables import EVENT
from fakes.store.transaction import View
from fakes.towns import TOWNS
from tests.fakes.clients import DESTINATION, ORIGIN, Client, Person, Portal, Response
from tests.fakes.conftest import SEED, START, database_of, settings_in

PATIENCE_S = 60.0
LOOK_S = 0.1


class Clerk(Client):
    """A member of a town's staff at the ward."""

    def __init__(self, chain: Chain, town: str, name: str = "clerk01") -> None:
        super().__init__(chain.ward.url, {"X-Test-Data": "synthetic"}, client_context(chain.folder, f"town-{town}"))
        answer = self.post("/staff/v1/login", {"staff_id": name, "password": password_of(SEED, town, name)})
        self.headers["Authorization"] = f"Bearer {answer.result['token']}"

    def application(self, number: str) -> Any:
        answer = self.get(f"/shinsei/v1/applications/{number}")
        return answer.result if answer.status == 200 else None

    def review(self, number: str, action: str, **others: str) -> Response:
        body = msgspec.json.encode({"action": action, **others})
        path = f"/shinsei/v1/applications/{number}"
        return self.send("PATCH", path, body, Content_Type="application/json")

    def accept(self, number: str) -> None:
        """Review, accept, and wait until the relay knows."""
        for action, others in (
            ("begin_review", {}),
            ("formal_check", {"result": "passed"}),
            ("substantive_check", {"result": "passed"}),
            ("accept_notice", {}),
        ):
            answer = self.review(number, action, **others)
            assert answer.status == 200, answer.body.decode()
        until(lambda: self.application(number)["told"] == "notice_accepted")

    def enter(self, kind: str, message: object) -> str:
        """Enter a change and return its number."""
        body = msgspec.json.encode(message)
        answer = self.send("POST", f"/juki/v1/transactions/{kind}", body, Content_Type="application/json")
        change: str = answer.result["transaction"]
        return change

    def approve(self, change: str) -> None:
        assert self.post(f"/juki/v1/transactions/{change}/approve", {}).result["state"] == "applied"

    def resident(self, number: str) -> Any:
        [found] = self.post("/juki/v1/residents/search", {"address_number": number}).result["residents"]
        return found


@dataclass
class Chain:
    """Portal, J-LIS (primary and standby) and ward, linked."""

    portal: Running
    jlis: list[Running]
    ward: Running
    folder: Path
    people: People
    cards: CardIssuer

    def applicant(self, place: int, town: str = ORIGIN) -> Person:
        """Return the head of a household of a town, logged in."""
        index = first_household(town) + place
        one = Person(self.portal.url, self.people, index, town, context=client_context(self.folder))
        assert one.login().status == 200
        return one

    def file(self, one: Person, destination: str = DESTINATION, days_ago: int = 3) -> tuple[str, Application]:
        """Let somebody file who has moved already; return the receipt number."""
        moved = START.date() - timedelta(days_ago)
        address = self.people.address(one.household.index, destination, 1)
        application = application_of(one.household, address, START.date(), moved, START.date())
        town = one.household.address.municipality
        code = city_service_code(town, application.procedures[0])
        temporary = one.submit(build_package(application), code).result["temporary_reference_number"]
        key = self.cards.signing(one.household.head, one.household.address)
        receipt: str = one.sign(temporary, key).result["reference_number"]
        return receipt, application

    def kill_ward(self) -> None:
        """Cut the ward's power, and let it start again where it was."""
        self.ward.kill()
        self.ward = start(self.ward.settings, self.ward.port)

    def log(self, server: Server, kind: str) -> list[tuple[str, str, int]]:
        """Return what a log says of a kind of event: subject, town, attempt."""
        place = Place(database_of(self.folder, server), server.value)
        connection = place.open(read_only=True)
        rows = View(place.database, connection.cursor()).all(_OF_KIND, wanted=kind)
        connection.close()
        return [(subject, town, attempt) for subject, town, attempt in rows]


_OF_KIND = Statement(
    select(EVENT.c.subject, EVENT.c.municipality, EVENT.c.attempt)
    .where(EVENT.c.kind == bindparam("wanted"))
    .order_by(EVENT.c.seq)
)


@contextmanager
def chained(folder: Path, issuer: CardIssuer, **others: Any) -> Iterator[Chain]:
    """Start everything, linked, in a folder; `others` are further settings of each server."""
    write_certificates(folder)
    common = {"certificates": str(folder), "peers": listed_peers(folder), **others}
    instances = {"takeover_s": 1.0, **common}
    with ExitStack() as stack:
        jlis = [start(settings_in(folder, Server.JLIS, instance=name, **instances)) for name in ("primary", "standby")]
        linked = {"jlis": tuple(one.url for one in jlis), "link_s": LOOK_S, "poll_s": LOOK_S, **common}
        portal = stack.enter_context(start(settings_in(folder, Server.PORTAL, **linked)))
        ward = start(settings_in(folder, Server.WARD, households=20, **linked))
        made = Chain(portal, jlis, ward, folder, People(SEED, START.date()), issuer)
        stack.callback(lambda: stop_all([made.ward, *made.jlis]))
        yield made


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, cards: tuple[CardIssuer, Path]) -> Iterator[Chain]:
    with chained(tmp_path_factory.mktemp("life"), cards[0]) as made:
        yield made


def until(told: Callable[[], Any]) -> Any:
    """Ask again, as a client does, until there is an answer; each question is a call to a real server."""
    end = time.monotonic() + PATIENCE_S
    while not (answer := told()):
        assert time.monotonic() < end, "it never came to be"
    return answer


def status_of(one: Person, receipt: str) -> str:
    """Return what the applicant sees."""
    code: str = one.get(f"/inquiries/applications/{receipt}").result["procedures"][0]["status_code"]
    return code


def moves_out(chain: Chain, clerk: Clerk, receipt: str, application: Application) -> list[str]:
    """Let the origin enter and apply a move-out that it has accepted; return the address numbers."""
    members = [person["address_number"] for person in clerk.application(receipt)["people"]]
    out = {
        "reference_number": receipt,
        "event_date": application.moving_date,
        "members": members,
        "new_address": application.new_address,
    }
    clerk.approve(clerk.enter("out", out))
    return members


def moves_in(clerk: Clerk, one: Person, receipt: str, application: Application, people: int) -> None:
    """Let the destination take a whole household at the counter, as soon as everybody is planned."""

    def planned() -> Any:
        found = clerk.get("/juki/v1/planned").result["planned"]
        mine = [each for each in found if each["reference_number"] == receipt]
        return mine if len(mine) == people else None

    coming = until(planned)
    come = {
        "members": [{"telegram": each["telegram"], "relationship": each["relationship"]} for each in coming],
        "event_date": application.moving_date,
        "new_address": application.new_address,
        "card_serial": one.card.serial,
        "card_pin": one.card.pin,
        "reference_number": receipt,
    }
    clerk.approve(clerk.enter("in", come))


def test_a_household_moves_and_every_town_and_the_applicant_learn_it(chain: Chain) -> None:
    one = chain.applicant(0)
    origin, destination = Clerk(chain, ORIGIN), Clerk(chain, DESTINATION)
    receipt, application = chain.file(one)
    until(lambda: origin.application(receipt))
    notice = until(lambda: destination.application(receipt))
    assert (notice["procedures"], notice["visit"]) == (["move_in_visit"], "received")
    assert destination.review(receipt, "begin_preparation").status == 200
    assert origin.application(receipt)["people"][0]["by"] == "certificate"
    origin.accept(receipt)
    members = moves_out(chain, origin, receipt, application)
    until(lambda: status_of(one, receipt) == "003")
    assert destination.review(receipt, "finish_preparation").result["visit"] == "prepared"
    moves_in(destination, one, receipt, application, len(members))
    again = one.submit(one.package()).result["temporary_reference_number"]
    key = chain.cards.signing(one.household.head, one.household.address)
    assert one.sign(again, key).status == 409  # the signing certificate was revoked with the move-out
    until(lambda: origin.resident(members[0])["removal"] == "confirmed")
    assert origin.resident(members[0])["state"] == "removed"
    assert destination.application(receipt)["visit"] == "visited"
    until(lambda: DESTINATION in [town for _, town, _ in chain.log(Server.WARD, "certificate-linked")])
    for client in (one, origin, destination):
        client.close()


def test_a_household_moves_within_the_ward(chain: Chain) -> None:
    one = chain.applicant(1, DESTINATION)
    clerk = Clerk(chain, DESTINATION)
    receipt, application = chain.file(one, DESTINATION)
    until(lambda: clerk.application(receipt))
    clerk.accept(receipt)
    assert clerk.review(receipt, "complete").status == 200
    until(lambda: status_of(one, receipt) == "003")
    move: dict[str, Any] = {
        "members": [person["address_number"] for person in clerk.application(receipt)["people"]],
        "event_date": application.moving_date,
        "new_address": application.new_address,
        "card_serial": one.card.serial,
        "card_pin": one.card.pin,
        "reference_number": receipt,
    }
    clerk.approve(clerk.enter("within", move))
    holder = move["members"][0]
    linked = [holder, holder]  # the old certificate is gone, the new one is known
    until(lambda: [each for each, *_ in chain.log(Server.WARD, "certificate-linked") if each == holder] == linked)
    for client in (one, clerk):
        client.close()


def test_a_withdrawal_ends_it_in_both_towns(chain: Chain) -> None:
    one = chain.applicant(2)
    origin, destination = Clerk(chain, ORIGIN), Clerk(chain, DESTINATION)
    receipt, _ = chain.file(one)
    until(lambda: origin.application(receipt) and destination.application(receipt))
    assert origin.review(receipt, "begin_review").status == 200
    until(lambda: origin.application(receipt)["told"] == "in_review")
    portal = Portal(chain.jlis[0].url, client_context(chain.folder, "portal"))
    assert portal.withdraw(receipt, "引越しを取りやめました。").status == 200
    until(lambda: origin.application(receipt)["state"] == "withdrawn")
    until(lambda: destination.application(receipt)["visit"] == "cancelled")
    assert origin.review(receipt, "formal_check", result="passed").status == 409
    for client in (one, origin, destination, portal):
        client.close()


def test_whatever_is_killed_nothing_is_lost_and_nothing_done_twice(chain: Chain) -> None:
    one = chain.applicant(3)
    receipt, application = chain.file(one)
    chain.kill_ward()
    origin = Clerk(chain, ORIGIN)
    until(lambda: origin.application(receipt))
    chain.jlis[0].kill()
    for action, others in (
        ("begin_review", {}),
        ("formal_check", {"result": "passed"}),
        ("substantive_check", {"result": "passed"}),
        ("accept_notice", {}),
    ):
        assert origin.review(receipt, action, **others).status == 200
    until(lambda: origin.application(receipt)["told"] == "notice_accepted")
    members = moves_out(chain, origin, receipt, application)
    origin.close()
    chain.kill_ward()
    origin, destination = Clerk(chain, ORIGIN), Clerk(chain, DESTINATION)
    moves_in(destination, one, receipt, application, len(members))
    origin.close()
    destination.close()
    chain.kill_ward()
    origin = Clerk(chain, ORIGIN)
    until(lambda: all(origin.resident(number)["removal"] == "confirmed" for number in members))
    until(lambda: status_of(one, receipt) == "003")
    imported = chain.log(Server.WARD, "application-imported")
    assert sorted(town for subject, town, _ in imported if subject == receipt) == [DESTINATION, ORIGIN]
    came = [subject for subject, _, _ in chain.log(Server.WARD, "certificate-data-came")]
    sent = [subject for subject, _, _ in chain.log(Server.JLIS, "telegram-sent")]
    assert len(came) == len(set(came))
    assert len(sent) == len(set(sent))
    assert len(chain.log(Server.WARD, "link-started")) == 4 * len(TOWNS)
    for client in (one, origin):
        client.close()
