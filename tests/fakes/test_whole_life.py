"""The life of a move over portal, J-LIS and ward as real servers: nobody takes a shortcut, nobody waits for help."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.endpoints import Server
from fakes.filing import application_of
from fakes.package.application import Application
from fakes.package.building import build_package
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.pki.peers import client_context, listed_peers, write_certificates
from fakes.population import first_household
from fakes.procedures import Procedure, city_service_code
from fakes.serving.starting import Running, start
from fakes.staff import password_of
from tests.fakes.clients import DESTINATION, ORIGIN, Client, Person, Response
from tests.fakes.conftest import SEED, START, settings_in

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
    """The three servers, linked."""

    portal: Running
    jlis: Running
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

    def file(self, one: Person, destination: str = DESTINATION) -> tuple[str, Application]:
        """Let somebody file who moved three days ago; return the receipt number."""
        moved = START.date().replace(month=2, day=26)
        address = self.people.address(one.household.index, destination, 1)
        application = application_of(one.household, address, START.date(), moved, START.date())
        town = one.household.address.municipality
        procedure = application.procedures[0]
        code = city_service_code(town, procedure)
        assert procedure is not Procedure.MOVE_IN_VISIT
        temporary = one.submit(build_package(application), code).result["temporary_reference_number"]
        key = self.cards.signing(one.household.head, one.household.address)
        receipt: str = one.sign(temporary, key).result["reference_number"]
        return receipt, application


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, cards: tuple[CardIssuer, Path]) -> Iterator[Chain]:
    folder = tmp_path_factory.mktemp("life")
    write_certificates(folder)
    common = {"certificates": str(folder), "peers": listed_peers(folder)}
    with start(settings_in(folder, Server.JLIS, **common)) as jlis:
        linked = {"jlis": (jlis.url,), "link_s": LOOK_S, "poll_s": LOOK_S, **common}
        with (
            start(settings_in(folder, Server.PORTAL, **linked)) as portal,
            start(settings_in(folder, Server.WARD, households=20, **linked)) as ward,
        ):
            yield Chain(portal, jlis, ward, folder, People(SEED, START.date()), cards[0])


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


def test_a_household_moves_and_every_town_and_the_applicant_learn_it(chain: Chain) -> None:
    one = chain.applicant(0)
    origin, destination = Clerk(chain, ORIGIN), Clerk(chain, DESTINATION)
    receipt, application = chain.file(one)

    until(lambda: origin.application(receipt))
    notice = until(lambda: destination.application(receipt))
    assert (notice["procedures"], notice["visit"]) == (["move_in_visit"], "received")
    assert destination.review(receipt, "begin_preparation").status == 200
    people = origin.application(receipt)["people"]
    assert people[0]["by"] == "certificate"

    origin.accept(receipt)
    members = [person["address_number"] for person in people]
    out = {
        "reference_number": receipt,
        "event_date": application.moving_date,
        "members": members,
        "new_address": application.new_address,
    }
    origin.approve(origin.enter("out", out))
    until(lambda: status_of(one, receipt) == "003")

    def planned() -> Any:
        found = destination.get("/juki/v1/planned").result["planned"]
        mine = [each for each in found if each["reference_number"] == receipt]
        return mine if len(mine) == len(members) else None

    coming = until(planned)
    assert destination.review(receipt, "finish_preparation").result["visit"] == "prepared"
    again = one.submit(one.package()).result["temporary_reference_number"]
    key = chain.cards.signing(one.household.head, one.household.address)
    assert one.sign(again, key).status == 409  # the signing certificate was revoked with the move-out

    come = {
        "members": [{"telegram": each["telegram"], "relationship": each["relationship"]} for each in coming],
        "event_date": application.moving_date,
        "new_address": application.new_address,
        "card_serial": one.card.serial,
        "card_pin": one.card.pin,
        "reference_number": receipt,
    }
    destination.approve(destination.enter("in", come))
    until(lambda: origin.resident(members[0])["removal"] == "confirmed")
    assert origin.resident(members[0])["state"] == "removed"
    assert destination.application(receipt)["visit"] == "visited"
    for client in (one, origin, destination):
        client.close()
