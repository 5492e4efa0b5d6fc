"""Clients of the fake systems for tests: plain HTTP, one connection each, and what an applicant does."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from fakes.package.application import Applicant, Application, Member
from fakes.package.building import build_package
from fakes.people import Household, People
from fakes.procedures import Procedure, city_service_code

BOUNDARY = "line-between-the-parts"
ORIGIN, DESTINATION = "990019", "131041"


@dataclass
class Response:
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def result(self) -> Any:
        """`result` of an answer of success."""
        assert self.status < 300, self.body.decode()
        return self.json["result"]

    @property
    def code(self) -> str:
        """Code of a refusal."""
        assert self.status >= 400, self.body.decode()
        return str(self.json["errors"][0]["code"])


@dataclass
class Client:
    """One keep-alive connection to a server."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            self._connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=20, context=self.context)
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
        """Send one request; names of headers with _ for -."""
        given = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, given)
        answer = self._connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, named, answer.read())

    def get(self, path: str, **headers: str) -> Response:
        return self.send("GET", path, b"", **headers)

    def post(self, path: str, message: object, **headers: str) -> Response:
        """Send a message as JSON."""
        return self.send("POST", path, json.dumps(message).encode(), Content_Type="application/json", **headers)

    def put(self, path: str, message: object, **headers: str) -> Response:
        """Send a message as JSON."""
        return self.send("PUT", path, json.dumps(message).encode(), Content_Type="application/json", **headers)

    def close(self) -> None:
        self._connection.close()


def multipart(fields: dict[str, str | bytes]) -> bytes:
    """Return a form; bytes become files."""
    made = b""
    for name, value in fields.items():
        file = f'; filename="{name}.zip"\r\nContent-Type: application/zip' if isinstance(value, bytes) else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        made += head.encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return made + f"--{BOUNDARY}--\r\n".encode()


def household_application(
    household: Household,
    people: People,
    filed: date,
    destination: str = DESTINATION,
    procedures: tuple[Procedure, ...] = (Procedure.MOVE_OUT, Procedure.MOVE_IN_VISIT),
    in_days: int = 5,
) -> Application:
    """Return what a household files that moves `in_days` days after the filing."""
    head = household.head
    moving = filed + timedelta(in_days)
    visit = moving + timedelta(2) if Procedure.MOVE_OUT not in procedures or len(procedures) > 1 else None
    return Application(
        procedures=procedures,
        requested_on=filed,
        moving_date=moving,
        planned_visit_date=visit,
        applicant=Applicant(head.name, head.kana, head.birth_date, head.sex, household.phone, household.email),
        old_address=household.address,
        new_address=people.address(household.index, destination, 1),
        head=head.name,
        members=tuple(
            Member(m.name, m.kana, m.birth_date, m.sex, m.relationship, m.individual_number, m.resident_code)
            for m in household.members
        ),
    )


class Person(Client):
    """An applicant at the portal: the head of a household, with card, PIN and password."""

    def __init__(
        self, url: str, people: People, index: int, town: str = ORIGIN, context: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(url, {"X-Test-Data": "synthetic"}, context)
        self.people = people
        self.household = people.household(index, town)
        card = self.household.head.card
        assert card is not None
        self.card = card

    def login(self, pin: str | None = None) -> Response:
        """Log in, and use the key from now on."""
        message = {"card_serial": self.card.serial, "pin": self.card.pin if pin is None else pin}
        answer = self.post("/accounts/login", message)
        if answer.status == 200:
            self.headers["X-Access-Key"] = answer.result["access_key"]
        return answer

    def package(self, **choices: Any) -> bytes:
        """Return the ZIP of this household's application."""
        return build_package(household_application(self.household, self.people, self.people.today, **choices))

    def submit(self, package: bytes, code: str = "", sign: str = "1", **headers: str) -> Response:
        """Submit a package to the town of the household."""
        town = self.household.address.municipality
        form: dict[str, str | bytes] = {
            "city_service_code": code or city_service_code(town, Procedure.MOVE_OUT),
            "sign_flg": sign,
            "application_zip": package,
        }
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return self.send("POST", "/apply/submit_application_set", multipart(form), Content_Type=kind, **headers)

    def inquire(self, temporary: str) -> Response:
        return self.get(f"/inquiries/reference_number?temporary_reference_number={temporary}")
