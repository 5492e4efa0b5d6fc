"""The ward in this process, for tests: its towns, whose staff and link servers call it without a network."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import msgspec

from fakes.clock import ScenarioClock
from fakes.endpoints import Server
from fakes.filing import application_of
from fakes.package.application import Application
from fakes.package.building import build_package
from fakes.people import Household, People, Person
from fakes.population import first_household
from fakes.procedures import Procedure
from fakes.serving.assembly import prepare_store
from fakes.serving.settings import Settings
from fakes.staff import password_of
from fakes.store.transaction import View
from fakes.ward.clients import ASSERTION_TYPE, Client, assertion, client_of
from tests.fakes.clients import DESTINATION, FORM, ORIGIN, OWNER, Response, multipart
from tests.fakes.conftest import ON_POSTGRES, PEERS, SEED, START, settings_in
from tests.fakes.inprocess import Local

HOUSEHOLDS = 12


def standing(folder: Path, **others: object) -> Settings:
    """Return settings of a ward whose clock stands still until it is moved."""
    return settings_in(folder, Server.WARD, **{"peers": PEERS, "speed": 0.0, "households": HOUSEHOLDS, **others})


@cache
def _prepared() -> bytes:
    """A ward in which nothing has happened yet, made once for all tests."""
    with TemporaryDirectory() as folder:
        prepare_store(standing(Path(folder)))
        return Path(folder, "ward.db").read_bytes()


class Towns:
    """All towns of a ward in this process; used in a `with` block. The clock is moved by hand."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.people = People(SEED, START.date())

    def __enter__(self) -> Self:
        self.local = Local(self._settings)
        self.clock: ScenarioClock = self.local.assembled.context.clock
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.local.close()

    def view(self) -> View:
        """Return a look at what is committed."""
        return self.local.view()

    def town(self, code: str) -> Town:
        return Town(self, code)

    def household(self, place: int = 0, town: str = ORIGIN) -> Household:
        """Return one of the households that live in a town."""
        return self.people.household(first_household(town) + place, town)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.local.advance(timedelta(**span))


def sqlite_towns(folder: Path, **others: object) -> Towns:
    """Return towns whose store is in a folder; on PostgreSQL where the tests of all servers are."""
    if not ON_POSTGRES:
        (folder / "ward.db").write_bytes(_prepared())
    return Towns(standing(folder, **others))


@dataclass
class Caller:
    """Somebody who calls."""

    towns: Towns
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
        """Send one request; names of headers with _ for -."""
        given = {"X-Test-Data": "synthetic", **self.headers}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.towns.local.handle(method, path, body, given)

    def get(self, path: str, **conditions: object) -> Response:
        query = f"?{urlencode(conditions)}" if conditions else ""
        return self.send("GET", path + query)

    def json(self, method: str, path: str, message: object, **headers: str) -> Response:
        body = msgspec.json.encode(message)
        return self.send(method, path, body, Content_Type="application/json", **headers)

    def post(self, path: str, message: object, **headers: str) -> Response:
        return self.json("POST", path, message, **headers)

    def form(self, path: str, fields: dict[str, str], **headers: str) -> Response:
        kind = "application/x-www-form-urlencoded"
        return self.send("POST", path, urlencode(fields).encode(), Content_Type=kind, **headers)


class Town:
    """One town: its staff, and its link server as a test plays it."""

    def __init__(self, towns: Towns, code: str) -> None:
        self.towns = towns
        self.code = code
        self.peer = Caller(towns, {"X-Peer": f"town-{code}"})
        self._staff: dict[tuple[str, date], Caller] = {}
        self._holding: Caller | None = None

    def login(self, name: str, password: str | None = None) -> Response:
        given = password_of(SEED, self.code, name) if password is None else password
        return self.peer.post("/staff/v1/login", {"staff_id": name, "password": given})

    def staff(self, name: str = "clerk01") -> Caller:
        """Return a member of staff with a session of the day."""
        if (name, today := self.towns.clock.today()) not in self._staff:
            token = self.login(name).result["token"]
            self._staff[name, today] = Caller(self.towns, {**self.peer.headers, "Authorization": f"Bearer {token}"})
        return self._staff[name, today]

    def client(self, name: str = "link") -> Client:
        return client_of(SEED, self.code, name)

    def token(self, name: str = "link", **fields: str) -> Response:
        """Ask for an access token, by an assertion."""
        return Caller(self.towns).form("/oauth2/token", proof(self.towns, self.client(name)) | fields)

    def system(self, name: str = "link") -> Caller:
        """Return a system with a fresh token."""
        token = json.loads(self.token(name).body)["access_token"]
        return Caller(self.towns, {"Authorization": f"Bearer {token}"})

    def hold_token(self) -> None:
        """Let the link server keep the token that it gets now, so that its calls get none first."""
        self._holding = self.system()

    # the link server

    def bring(self, number: str, package: bytes, *procedures: Procedure, **others: str) -> Response:
        """Import an application."""
        fields: dict[str, str | bytes] = {
            "reference_number": number,
            "procedures": ",".join(procedures or (Procedure.MOVE_OUT,)),
            "delivery": "1",
            "redelivered": "0",
            "arrived_at": "2023-03-01T09:00:00+09:00",
            "sha256": hashlib.sha256(package).hexdigest(),
            "owner_token": OWNER,
            **others,
            "application_zip": package,
        }
        return self._link().send("POST", "/shinsei/v1/imports", multipart(fields), Content_Type=FORM)

    def _link(self) -> Caller:
        return self._holding or self.system()

    def outbox(self) -> list[Any]:
        """Return what waits to be said."""
        items: list[Any] = self.system().get("/link/v1/outbox").result["items"]
        return items

    def said(self, number: int, code: str = "", **others: Any) -> Response:
        """Report that jlis took an item, or why not."""
        message = {"number": number, "done": not code, "code": code, **others}
        return self.system().post("/link/v1/outbox/said", message)

    def say_all(self) -> list[Any]:
        """Say everything, as a jlis that takes all of it; return the tasks."""
        told = []
        while waiting := self.outbox():
            for item in waiting:
                task: Any = item["task"]
                others: dict[str, Any] = {}
                if task["kind"] == "telegram":
                    others = {"telegram": f"T-{self.code}-{item['number']}", "edition": 1}
                if task["kind"] == "issue":
                    others = {"serial": 2_000_000_000 + item["number"]}
                assert self.said(item["number"], **others).status == 200
                told.append({**task, "receipt": others.get("telegram", ""), "number": item["number"]})
        return told

    def receive(self, telegram: Any, name: str, sender: str, edition: int = 1, delivery: int = 1) -> Response:
        """Take a telegram out of the inbox; `telegram` is as it was sent."""
        body = msgspec.json.encode(telegram["body"])
        delivered = {
            "telegram": name,
            "sender": sender,
            "number": telegram["number"],
            "edition": edition,
            "delivery": delivery,
            "redelivered": delivery > 1,
            "until": "2023-03-01T09:05:00+09:00",
            "created_at": telegram["created_at"],
            "sent_at": telegram["created_at"],
            "reference_number": telegram.get("reference_number") or "",
            "owner_token": telegram.get("owner_token") or "",
            "digest": hashlib.sha256(body).hexdigest(),
            "body": telegram["body"],
        }
        return self._link().post("/link/v1/telegrams", {"telegram": delivered})

    # the staff

    def review(self, number: str, action: str, name: str = "clerk01", **others: str) -> Response:
        return self.staff(name).json("PATCH", f"/shinsei/v1/applications/{number}", {"action": action, **others})

    def accept(self, number: str) -> None:
        """Review an application, accept it, and let the relay know."""
        for action, others in (
            ("begin_review", {}),
            ("formal_check", {"result": "passed"}),
            ("substantive_check", {"result": "passed"}),
            ("accept_notice", {}),
        ):
            assert self.review(number, action, **others).status == 200
        self.say_all()

    def details(self, number: str) -> Any:
        return self.staff().get(f"/shinsei/v1/applications/{number}").result

    def out(self, number: str, members: list[str], application: Application, **others: Any) -> Response:
        """Enter a move-out."""
        message = {
            "reference_number": number,
            "event_date": application.moving_date.isoformat(),
            "members": members,
            "new_address": application.new_address,
            **others,
        }
        return self.staff().post("/juki/v1/transactions/out", message)

    def come(self, telegrams: dict[str, str], person: Person, application: Application, **others: Any) -> Response:
        """Enter a move-in, of telegrams with relationships, on somebody's card."""
        assert person.card is not None
        message = {
            "members": [{"telegram": name, "relationship": role} for name, role in telegrams.items()],
            "event_date": application.moving_date.isoformat(),
            "new_address": application.new_address,
            "card_serial": person.card.serial,
            "card_pin": person.card.pin,
            **others,
        }
        return self.staff().post("/juki/v1/transactions/in", message)

    def approve(self, change: str, action: str = "approve") -> Response:
        return self.staff().post(f"/juki/v1/transactions/{change}/approve", {"action": action})

    def resident(self, number: str) -> Any:
        [found] = self.staff().post("/juki/v1/residents/search", {"address_number": number}).result["residents"]
        return found


_JTI = itertools.count(1)


def proof(towns: Towns, client: Client) -> dict[str, str]:
    """Return what a client shows to get a token."""
    claim = assertion(client, f"jti-{next(_JTI)}", towns.clock.micros() // 1_000_000)
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": claim,
    }


def move(towns: Towns, household: Household, destination: str = DESTINATION, in_days: int = 5) -> Application:
    """Return what a household files today that moves in some days."""
    filed = towns.clock.today()
    moving = filed + timedelta(in_days)
    address = towns.people.address(household.index, destination, 1)
    return application_of(household, address, filed, moving, moving + timedelta(2))


NUMBERS = (f"20230301{number:09d}" for number in itertools.count(1))


def filed(towns: Towns, household: Household, destination: str = DESTINATION) -> tuple[str, Application]:
    """Let a household's application be imported by the towns that get it."""
    application, number = move(towns, household, destination), next(NUMBERS)
    package = build_package(application)
    origin = household.address.municipality
    card = household.head.card
    assert card is not None
    assert card.signing is not None
    if origin == destination:
        taken = towns.town(origin).bring(number, package, Procedure.MOVE_WITHIN_VISIT)
        assert taken.status == 202, taken.body
    else:
        signed = {"signing_serial": str(card.signing.serial)}
        assert towns.town(origin).bring(number, package, Procedure.MOVE_OUT, **signed).status == 202
        assert towns.town(destination).bring(number, package, Procedure.MOVE_IN_VISIT).status == 202
    return number, application


def moved_out(towns: Towns, household: Household, destination: str = DESTINATION) -> tuple[str, Application, list[Any]]:
    """Let a household leave; return the number, the application and the telegrams that were sent."""
    number, application = filed(towns, household, destination)
    origin = towns.town(household.address.municipality)
    origin.say_all()
    origin.accept(number)
    members = [person.address_number for person in household.members]
    change = origin.out(number, members, application).result["transaction"]
    assert origin.approve(change).result["state"] == "applied"
    return number, application, [task for task in origin.say_all() if task["kind"] == "telegram"]


def arrived(towns: Towns, household: Household) -> tuple[str, Application, dict[str, str]]:
    """Let a household's certificate data come to the destination; return the telegrams with relationships."""
    number, application, sent = moved_out(towns, household)
    destination = towns.town(DESTINATION)
    for task in sent:
        taken = destination.receive(task["telegram"], task["receipt"], household.address.municipality)
        assert taken.status == 202, taken.body
    destination.say_all()
    return number, application, {task["receipt"]: task["telegram"]["body"]["person"]["relationship"] for task in sent}
