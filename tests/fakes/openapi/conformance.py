"""Schemathesis over the three servers: every check, every phase, against real servers with real callers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import tomlkit

from fakes.endpoints import Caller, Endpoint, Server, endpoints_of
from fakes.endpoints.ward import CHIEF as CHIEF_AUTHORITY
from fakes.endpoints.ward import SHINSEI_DATA
from fakes.pki.cards import CardIssuer
from fakes.population import first_household
from fakes.procedures import Procedure, Section
from fakes.refusals import STATUS
from fakes.serving.starting import Running, start
from fakes.staff import CHIEF, password_of
from fakes.ward.clients import ASSERTION_TYPE, LINK, MANAGEMENT, assertion, client_of
from tests.fakes.clients import DESTINATION, FORM, ORIGIN, OWNER, Client, Person, Portal, Town, multipart
from tests.fakes.conftest import PEERS, SEED, START, cards_folder, settings_in
from tests.fakes.jlis.applications import PEOPLE, number_of, package, service
from tests.fakes.openapi.hooks import PACKAGES

PROVIDER, PROVIDER_PASSWORD = "P1", "secret"
OPERATOR_KEY = "operator"
ACCEPTABLE: Final = ["2xx", "304", "401", "403", "404", "409", "429"]
"""What valid data may be answered anywhere; an endpoint's own rules in the table come on top."""
SEEDED: Final = 6
SPEED: Final = 0.01
"""So slow that no token ends meanwhile."""
PUSHED: Final = 900_000
"""Numbers that the portal will not issue."""


@dataclass
class World:
    """Servers in which something has happened, and who may call them."""

    folder: Path
    running: dict[Server, Running]
    headers: dict[str, dict[str, str]]
    """By the operation's id."""
    known: dict[str, list[str]]
    """Values that mean something there, by field."""

    def conform(self, server: Server, *options: str) -> subprocess.CompletedProcess[str]:
        """Let Schemathesis try everything on a server."""
        config = self.folder / f"{server}.toml"
        config.write_text(tomlkit.dumps(self._config(server)), encoding="utf-8")
        command = [
            *(str(Path(sys.executable).with_name("st")), "--config-file", str(config)),
            *("run", f"{self.running[server].url}/openapi.json", "--checks", "all", "--continue-on-failure"),
            # A fault that is tried out strikes the calls after it; the operator's control has tests of its own.
            *("--exclude-path-regex", "^/__admin/"),
            *options,
        ]
        root = Path(__file__).parents[3]
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": "tests.fakes.openapi.hooks",
            "PYTHONPATH": str(root),
            PACKAGES: str(self.folder / "packages"),
            "COLUMNS": "160",
        }
        return subprocess.run(
            command, env=environment, cwd=self.folder, capture_output=True, text=True, check=False, timeout=1800
        )

    def _config(self, server: Server) -> dict[str, Any]:
        bound = {
            f"{place}{field}": {"dictionary": field, "probability": 0.5}
            for field in self.known
            for place in ("body.", "path.", "query.", "body.[*].", "body.acknowledgements[*].")
        }
        return {
            "color": False,
            "generation": {"with-security-parameters": False},
            "warnings": False,
            "phases": {"stateful": {"inference": {"algorithms": []}}},  # the documents say their links
            "dictionaries": {field: {"values": values} for field, values in self.known.items()},
            "parameters": bound,
            "operations": [self._operation(row) for row in endpoints_of(server)],
        }

    def _operation(self, row: Endpoint) -> dict[str, Any]:
        name = f"{row.server}.{row.name}"
        own = sorted({str(STATUS.get(code, 400)) for code in row.refusals})
        return {
            "include-operation-id": name,
            "headers": self.headers.get(name, {}),
            "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTABLE, *own]}},
        }


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Start the servers, and let some applications be filed, relayed and taken."""
    common: dict[str, Any] = {"peers": PEERS, "operator_key": OPERATOR_KEY, "speed": SPEED}
    providers = {PROVIDER: sha256(PROVIDER_PASSWORD.encode()).hexdigest()}
    with (
        start(settings_in(folder, Server.JLIS, **common)) as jlis,
        start(settings_in(folder, Server.PORTAL, jlis=(jlis.url,), providers=providers, **common)) as portal,
        start(settings_in(folder, Server.WARD, **common)) as ward,
    ):
        made = World(folder, {Server.JLIS: jlis, Server.PORTAL: portal, Server.WARD: ward}, {}, {})
        _packages(folder / "packages")
        _portal(made, portal.url)
        _jlis(made, jlis.url)
        _ward(made, ward.url)
        yield made


def _packages(folder: Path) -> None:
    folder.mkdir()
    for town in (ORIGIN, "990027"):
        (folder / f"{service(town)}.zip").write_bytes(package(3, town))


def _portal(made: World, url: str) -> None:
    one = Person(url, PEOPLE, 0)
    one.login()
    key = CardIssuer.load(cards_folder()).signing(one.household.head, one.household.address)
    temporary = [one.submit(one.package()).result["temporary_reference_number"] for _ in range(SEEDED + 2)]
    receipts = [one.sign(number, key).result["reference_number"] for number in temporary[:SEEDED]]
    made.known |= {"temporary_reference_number": temporary, "reference_number": receipts}
    for row in endpoints_of(Server.PORTAL):
        if row.caller is Caller.APPLICANT:
            made.headers[f"portal.{row.name}"] = {"X-Access-Key": one.headers["X-Access-Key"]}
        elif row.caller is Caller.OPERATOR:
            made.headers[f"portal.{row.name}"] = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    one.close()


def _jlis(made: World, url: str) -> None:
    portal, town = Portal(url), Town(url, SEED, DESTINATION)
    town.login()
    for number in range(PUSHED, PUSHED + SEEDED):
        assert portal.push(number_of(number), package(number - PUSHED), service()).status == 200
    made.known["reference_number"] += [number_of(number) for number in range(PUSHED, PUSHED + SEEDED)]
    for row in endpoints_of(Server.JLIS):
        peer = "portal" if row.authority == "portal" else f"town-{DESTINATION}"
        headers = {"X-Peer": peer} if row.caller in {Caller.PEER, Caller.STAFF} else {}
        if row.caller is Caller.STAFF:
            headers["Authorization"] = town.headers["Authorization"]
        elif row.caller is Caller.OPERATOR:
            headers["Authorization"] = f"Bearer {OPERATOR_KEY}"
        made.headers[f"jlis.{row.name}"] = headers
    people = [PEOPLE.household(first_household(DESTINATION) + place, DESTINATION).head for place in range(SEEDED)]
    made.known |= {
        "individual_number": [person.individual_number for person in people],
        "card_serial": [person.card.serial for person in people if person.card is not None],
        "municipality": [ORIGIN, DESTINATION],
        "destination": [ORIGIN, DESTINATION],
    }
    portal.close()
    town.close()


def _ward(made: World, url: str) -> None:
    staff = {name: _staff(url, name) for name in ("clerk01", CHIEF, "cards01", "audit01")}
    systems = {name: {"Authorization": f"Bearer {_token(url, name)}"} for name in (LINK, MANAGEMENT)}
    of_section = {Section.CARDS.value: "cards01", Section.AUDIT.value: "audit01", CHIEF_AUTHORITY: CHIEF}
    for row in endpoints_of(Server.WARD):
        name = f"ward.{row.name}"
        if row.caller is Caller.STAFF:
            made.headers[name] = staff[of_section.get(row.authority, "clerk01")]
        elif row.caller is Caller.PEER:
            made.headers[name] = {"X-Peer": f"town-{DESTINATION}"}
        elif row.caller is Caller.SYSTEM:
            made.headers[name] = systems[MANAGEMENT if row.authority == SHINSEI_DATA else LINK]
        elif row.caller is Caller.OPERATOR:
            made.headers[name] = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    client = Client(url, {"X-Test-Data": "synthetic", **systems[LINK]})
    for number in made.known["reference_number"]:
        content = package(int(number[-1]), DESTINATION, DESTINATION)
        assert client.send("POST", "/shinsei/v1/imports", multipart(_import(number, content)), Content_Type=FORM).status
    client.close()
    first = first_household(DESTINATION)
    people = [PEOPLE.household(first + place, DESTINATION).head for place in range(SEEDED)]
    made.known["address_number"] = [person.address_number for person in people]
    made.known["staff_id"] = ["clerk02"]


def _import(number: str, content: bytes) -> dict[str, str | bytes]:
    return {
        "reference_number": number,
        "procedures": Procedure.MOVE_WITHIN_VISIT.value,
        "delivery": "1",
        "redelivered": "0",
        "arrived_at": START.isoformat(),
        "sha256": sha256(content).hexdigest(),
        "owner_token": OWNER,
        "application_zip": content,
    }


def _staff(url: str, name: str) -> dict[str, str]:
    client = Client(url, {"X-Peer": f"town-{DESTINATION}"})
    message = {"staff_id": name, "password": password_of(SEED, DESTINATION, name)}
    token = client.post("/staff/v1/login", message).result["token"]
    client.close()
    return {**client.headers, "Authorization": f"Bearer {token}"}


def _token(url: str, name: str) -> str:
    client = Client(url)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(client_of(SEED, DESTINATION, name), f"first-{name}", int(START.timestamp())),
    }
    kind = "application/x-www-form-urlencoded"
    answer = client.send("POST", "/oauth2/token", urlencode(form).encode(), Content_Type=kind)
    client.close()
    token: str = answer.json["access_token"]
    return token
