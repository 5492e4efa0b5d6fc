"""Clients of the fake systems for tests: plain HTTP, one connection each, and what an applicant does."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import urlsplit

from fakes.filing import application_of
from fakes.package.building import build_package
from fakes.people import People
from fakes.pki.cards import CardKey
from fakes.pki.cms import sign
from fakes.procedures import Procedure, city_service_code
from fakes.staff import password_of
from fakes.web.multipart import write_multipart

BOUNDARY = "line-between-the-parts"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
ORIGIN, DESTINATION = "990019", "131041"
OWNER = "0" * 32


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


class Here(Protocol):
    """A server in this process."""

    def handle(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
        """Carry a request through."""
        ...


@dataclass
class Client:
    """One keep-alive connection to a server at a URL; or one that is in this process, without any."""

    url: str | Here
    headers: dict[str, str] = field(default_factory=dict)
    context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.url, str):
            return
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
        if not isinstance(self.url, str):
            return self.url.handle(method, path, body, given)
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
        if isinstance(self.url, str):
            self._connection.close()


def multipart(fields: dict[str, str | bytes]) -> bytes:
    """Return a form with the boundary of these tests."""
    return write_multipart(fields, BOUNDARY)


class Person(Client):
    """An applicant at the portal: the head of a household, with card, PIN and password."""

    def __init__(
        self, url: str | Here, people: People, index: int, town: str = ORIGIN, context: ssl.SSLContext | None = None
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

    def package(self, in_days: int = 5, destination: str = DESTINATION) -> bytes:
        """Return the ZIP of this household's application, which moves in so many days."""
        filed = self.people.today
        moving = filed + timedelta(in_days)
        address = self.people.address(self.household.index, destination, 1)
        return build_package(application_of(self.household, address, filed, moving, moving + timedelta(2)))

    def submit(
        self, package: bytes, code: str = "", sign: str = "1", others: dict[str, str] | None = None, **headers: str
    ) -> Response:
        """Submit a package to the town of the household; `others` are further items of the form."""
        town = self.household.address.municipality
        form: dict[str, str | bytes] = {
            "city_service_code": code or city_service_code(town, Procedure.MOVE_OUT),
            "sign_flg": sign,
            "application_zip": package,
            **(others or {}),
        }
        return self.send("POST", "/apply/submit_application_set", multipart(form), Content_Type=FORM, **headers)

    def sign(self, temporary: str, key: CardKey, password: str | None = None, **headers: str) -> Response:
        """Sign what the portal asks to sign, with the key of a card."""
        return self.send_signature(temporary, self.to_sign(temporary), key, password, None, **headers)

    def to_sign(self, temporary: str) -> bytes:
        """Return what the portal asks to sign."""
        return base64.b64decode(self.inquire(temporary).result["file_for_signature"])

    def send_signature(
        self,
        temporary: str,
        content: bytes,
        key: CardKey,
        password: str | None = None,
        others: dict[str, str] | None = None,
        **headers: str,
    ) -> Response:
        """Send a signature over any content; `others` are further items of the message."""
        message = self.signature_message(temporary, content, key, password) | (others or {})
        return self.post("/apply/submit_signature", message, **headers)

    def signature_message(
        self, temporary: str, content: bytes, key: CardKey, password: str | None = None
    ) -> dict[str, str]:
        """What is sent with a signature made now: one that is made a second later is another, it tells its time."""
        return {
            "temporary_reference_number": temporary,
            "signature": base64.b64encode(sign(content, key.key, key.certificate)).decode(),
            "signing_password": self.card.signing_password if password is None else password,
        }

    def status(self, receipt: str) -> Any:
        return self.get(f"/inquiries/applications/{receipt}").result

    def withdraw(self, receipt: str, reason: str = "", **headers: str) -> Response:
        return self.post(f"/apply/withdraw/{receipt}", {"reason": reason}, **headers)

    def inquire(self, temporary: str) -> Response:
        return self.get(f"/inquiries/reference_number?temporary_reference_number={temporary}")


def push_form(number: str, package: bytes, code: str, owner: str = OWNER) -> dict[str, str | bytes]:
    """Return what the portal says to the relay of an application without a signature."""
    return {
        "reference_number": number,
        "city_service_code": code,
        "accepted_at": "2023-03-01T09:00:00+09:00",
        "owner_token": owner,
        "sha256": sha256(package).hexdigest(),
        "application_zip": package,
    }


class Portal(Client):
    """The portal at J-LIS."""

    def __init__(self, url: str | Here, context: ssl.SSLContext | None = None) -> None:
        super().__init__(url, {"X-Peer": "portal", "X-Test-Data": "synthetic"}, context)

    def push(self, number: str, package: bytes, code: str, owner: str = OWNER, **others: str | bytes) -> Response:
        """Bring an application to the relay."""
        form = {**push_form(number, package, code, owner), **others}
        return self.send("POST", "/relay/v1/applications", multipart(form), Content_Type=FORM)

    def withdraw(self, number: str, reason: str = "") -> Response:
        return self.post(f"/relay/v1/applications/{number}/withdrawal", {"reason": reason})

    def changes(self, limit: int = 100) -> Any:
        """Lease what has changed."""
        return self.post("/relay/v1/statuses", {"limit": limit}).result["changes"]

    def acknowledge(self, *changes: Any) -> Any:
        """Acknowledge changes as they were told."""
        given = [{"change": change["change"], "delivery": change["delivery"]} for change in changes]
        return self.post("/relay/v1/statuses/ack", {"acknowledgements": given}).result["results"]


class Town(Client):
    """A town's systems at J-LIS: its link server, and its resident register."""

    def __init__(self, url: str | Here, seed: int, municipality: str, context: ssl.SSLContext | None = None) -> None:
        super().__init__(url, {"X-Peer": f"town-{municipality}", "X-Test-Data": "synthetic"}, context)
        self.seed = seed
        self.municipality = municipality

    def login(self, name: str = "link", password: str | None = None) -> Response:
        """Log in, and use the token from now on."""
        given = password_of(self.seed, self.municipality, name) if password is None else password
        message = {"municipality": self.municipality, "staff_id": name, "password": given}
        answer = self.post("/receive/v1/login", message)
        if answer.status == 200:
            self.headers["Authorization"] = f"Bearer {answer.result['token']}"
        return answer

    def search(self, **conditions: object) -> Any:
        return self.post("/receive/v1/applications/search", conditions).result

    def statuses(self, **conditions: object) -> Any:
        return self.post("/receive/v1/statuses/search", conditions).result

    def fetch(self, number: str, terminal: str = "") -> Response:
        return self.get(f"/receive/v1/applications/{number}{f'?terminal={terminal}' if terminal else ''}")

    def take(self, limit: int = 20) -> Any:
        return self.post("/receive/v1/applications/take", {"limit": limit}).result["applications"]

    def acknowledge(self, number: str, delivery: int) -> Response:
        return self.post(f"/receive/v1/applications/{number}/ack", {"delivery": delivery})

    def acknowledge_all(self, taken: list[tuple[str, int]]) -> Any:
        given = [{"reference_number": number, "delivery": delivery} for number, delivery in taken]
        return self.post("/receive/v1/applications/ack", {"acknowledgements": given}).result["results"]

    def report(self, number: str, state: str, message: str = "") -> Response:
        return self.put(f"/receive/v1/statuses/{number}", {"state": state, "message": message})

    def telegram(self, destination: str, body: object, number: int = 1, **others: object) -> Response:
        """Send a telegram; `others` are the other items of the message."""
        message = {
            "destination": destination,
            "number": number,
            "created_at": "2023-03-01T09:00:00+09:00",
            "body": body,
            **others,
        }
        return self.post("/cs/v1/telegrams", message)

    def inbox(self, limit: int = 100) -> Any:
        """Lease what waits in the resident network."""
        answer = self.get(f"/cs/v1/inbox?limit={limit}")
        return [] if answer.status == 204 else answer.result["telegrams"]

    def store(self, *telegrams: Any) -> Any:
        """Acknowledge telegrams as they were delivered."""
        given = [{"telegram": one["telegram"], "edition": one["edition"]} for one in telegrams]
        return self.post("/cs/v1/inbox/ack", {"acknowledgements": given}).result["results"]
