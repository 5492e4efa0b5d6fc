"""The load under which servers are killed: applicants who file and sign, towns that fetch, keep and acknowledge.

Whoever gets no answer, or a refusal for the moment, calls again under the same key, until there is an answer.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec

from fakes.clock import ScenarioClock
from fakes.endpoints import Server
from fakes.filing import application_of
from fakes.links import Link, Response, UnreachableError
from fakes.package.building import build_package
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.pki.cms import sign
from fakes.procedures import Procedure, city_service_code
from fakes.staff import password_of
from fakes.ward.clients import ASSERTION_TYPE, assertion, client_of
from fakes.web.multipart import write_multipart
from tests.fakes.clients import BOUNDARY, DESTINATION, FORM, ORIGIN
from tests.fakes.conftest import SEED
from tests.fakes.soak.ledger import Ledger

APPLICANTS: Final = 4
UNDER_WAY: Final = 32
"""Applications that are not at both towns yet; then applicants wait."""
AT_ONCE: Final = 8
"""Applications that a town fetches at once."""
TOWNS: Final = {ORIGIN: Procedure.MOVE_OUT, DESTINATION: Procedure.MOVE_IN_VISIT}
_WAYS: Final = {Server.PORTAL: 32, Server.JLIS: 32, Server.WARD: 32}
_FOR_A_MOMENT: Final = 500
_TOKEN_ENDED: Final = 401
_KNOWN: Final = 409


class Caller:
    """Calls the three servers until they answer."""

    def __init__(self, urls: Mapping[Server, list[str]], ledger: Ledger) -> None:
        self.links = {server: Link(urls[server], connections=_WAYS[server], seed=SEED) for server in Server}
        self.ledger = ledger
        self.answers = dict.fromkeys(Server, 0)
        self.open = dict.fromkeys(Server, 0)
        """Calls under way."""

    async def call(self, server: Server, method: str, path: str, **given: Any) -> Response:
        """Make a call until it is answered for good."""
        attempt = 1
        self.open[server] += 1
        try:
            while True:
                try:
                    answer = await self.links[server].call(method, path, attempt=attempt, **given)
                except UnreachableError as gone:
                    attempt = gone.attempt + 1
                    continue
                if answer.status < _FOR_A_MOMENT:
                    break
                attempt = answer.attempt + 1
        finally:
            self.open[server] -= 1
        self.answers[server] += 1
        self.ledger.repeated[server] += answer.attempt > 1
        return answer


def result_of(answer: Response) -> Any:
    """Return `result` of an answer of success."""
    assert answer.done, answer.body.decode()
    return msgspec.json.decode(answer.body)["result"]


class Load:
    """Applicants and towns at work, from `run` until `end` is set and everything is at its town."""

    def __init__(self, caller: Caller, people: People, cards: CardIssuer, clock: ScenarioClock) -> None:
        self.end = asyncio.Event()
        self._caller = caller
        self._ledger = caller.ledger
        self._people = people
        self._cards = cards
        self._clock = clock
        self._places = itertools.count()
        self._room = asyncio.Semaphore(UNDER_WAY)
        self._left: dict[str, int] = {}
        """Towns that have not acknowledged an accepted application yet."""
        self._filing = APPLICANTS
        self._proofs = itertools.count()

    async def run(self) -> None:
        """Work until the end; raises what went wrong for anybody."""
        async with asyncio.TaskGroup() as group:
            for _ in range(APPLICANTS):
                group.create_task(self._apply())
            for town in TOWNS:
                group.create_task(self._poll(town))

    async def _apply(self) -> None:
        """File for one household after the other."""
        while not self.end.is_set():
            await self._room.acquire()
            await self._file(next(self._places))
        self._filing -= 1

    async def _file(self, index: int) -> None:
        ask = partial(self._caller.call, Server.PORTAL)
        household = self._people.household(index, ORIGIN)
        card = household.head.card
        assert card is not None
        login = {"card_serial": card.serial, "pin": card.pin}
        headers = {"X-Access-Key": result_of(await ask("POST", "/accounts/login", message=login))["access_key"]}
        filed = self._people.today
        moving = filed + timedelta(5)
        address = self._people.address(index, DESTINATION, 1)
        package = build_package(application_of(household, address, filed, moving, moving))
        digest = hashlib.sha256(package).digest()
        code = city_service_code(ORIGIN, Procedure.MOVE_OUT)
        form = write_multipart({"city_service_code": code, "application_zip": package}, BOUNDARY)
        path = "/apply/submit_application_set"
        told = result_of(await ask("POST", path, body=form, content_type=FORM, headers=headers))
        temporary = told["temporary_reference_number"]
        self._ledger.submitted[temporary] = (card.serial, digest)
        where = f"/inquiries/reference_number?temporary_reference_number={temporary}"
        content = base64.b64decode(result_of(await ask("GET", where, headers=headers))["file_for_signature"])
        key = self._cards.signing(household.head, household.address)
        signed = {
            "temporary_reference_number": temporary,
            "signature": base64.b64encode(sign(content, key.key, key.certificate)).decode(),
            "signing_password": card.signing_password,
        }
        receipt = result_of(await ask("POST", "/apply/submit_signature", message=signed, headers=headers))[
            "reference_number"
        ]
        self._left.setdefault(receipt, len(TOWNS))
        self._ledger.accepted[receipt] = temporary
        assert result_of(await ask("GET", where, headers=headers))["reference_number"] == receipt

    async def _poll(self, town: str) -> None:
        """Fetch what waits for a town, keep it at the ward, acknowledge it; until nothing can come any more."""
        desk = Desk(self._caller, town, self._clock, self._proofs)
        while self._filing or any(receipt for receipt in self._left if self._left[receipt]):
            waiting = (await desk.waiting())[:AT_ONCE]
            for receipt, first in zip(waiting, await asyncio.gather(*map(desk.fetch, waiting)), strict=True):
                if first:
                    self._at_town(receipt)

    def _at_town(self, receipt: str) -> None:
        """Note that one of its towns has it: perhaps before its applicant has heard that it is accepted."""
        self._left[receipt] = self._left.get(receipt, len(TOWNS)) - 1
        if not self._left[receipt]:
            self._room.release()


class Desk:
    """One town: its terminal at the relay, and its link server at the ward."""

    def __init__(self, caller: Caller, town: str, clock: ScenarioClock, proofs: itertools.count[int]) -> None:
        self._caller = caller
        self._ledger = caller.ledger
        self._town = town
        self._clock = clock
        self._proofs = proofs
        self._peer = {"X-Peer": f"town-{town}"}
        self._staff: dict[str, str] = {}
        self._system: dict[str, str] = {}

    async def waiting(self) -> list[str]:
        """Return the numbers of what nobody has acknowledged."""
        answer = await self._at_relay("POST", "/receive/v1/applications/search", message={"waiting": True})
        return [row["reference_number"] for row in result_of(answer)["applications"]]

    async def fetch(self, receipt: str) -> bool:
        """Take one, keep it, acknowledge it; return whether the relay knows that the town has it, for the first time.

        What was taken and not acknowledged, because an answer was lost, is taken again by the same terminal.
        """
        path = f"/receive/v1/applications/{receipt}"
        taken = await self._at_relay("GET", path)
        assert taken.done, taken.body.decode()
        one = (receipt, self._town)
        delivery = taken.headers["x-delivery"]
        again = taken.headers["x-redelivery"] == "true"
        self._ledger.delivered.setdefault(one, []).append(again)
        await self._keep(receipt, taken, delivery, "1" if again else "0")
        self._ledger.imported.add(one)
        told = await self._at_relay("POST", f"{path}/ack", message={"delivery": int(delivery)})
        assert told.done, told.body.decode()
        first = one not in self._ledger.acknowledged
        self._ledger.acknowledged.add(one)
        return first

    async def _keep(self, receipt: str, taken: Response, delivery: str, again: str) -> None:
        """Import an application at the ward; that it has it already is an answer too."""
        form: dict[str, str | bytes] = {
            "reference_number": receipt,
            "procedures": TOWNS[self._town],
            "delivery": delivery,
            "redelivered": again,
            "arrived_at": "2023-03-01T09:00:00+09:00",
            "sha256": taken.headers["x-digest"],
            "owner_token": taken.headers["x-owner-token"],
            "application_zip": taken.body,
        }
        body = write_multipart(form, BOUNDARY)
        while True:
            answer = await self._caller.call(
                Server.WARD, "POST", "/shinsei/v1/imports", body=body, content_type=FORM, headers=self._system
            )
            if answer.status != _TOKEN_ENDED:
                break
            self._system = await self._system_token()
        assert answer.done or (answer.status, answer.code) == (_KNOWN, "E6012"), answer.body.decode()

    async def _at_relay(self, method: str, path: str, **given: Any) -> Response:
        """Call the relay as the town's terminal; log in when the token has ended."""
        while True:
            headers = {**self._peer, **self._staff}
            answer = await self._caller.call(Server.JLIS, method, path, headers=headers, **given)
            if answer.status != _TOKEN_ENDED:
                return answer
            message = {
                "municipality": self._town,
                "staff_id": "link",
                "password": password_of(SEED, self._town, "link"),
            }
            answer = await self._caller.call(
                Server.JLIS, "POST", "/receive/v1/login", message=message, headers=self._peer
            )
            self._staff = {"Authorization": f"Bearer {result_of(answer)['token']}"}

    async def _system_token(self) -> dict[str, str]:
        """Get a token at the ward; a proof whose answer was lost counts no more, and a new one is made."""
        while True:
            now = self._clock.micros() // 1_000_000
            shown = assertion(client_of(SEED, self._town, "link"), f"soak-{next(self._proofs)}", now)
            form = f"grant_type=client_credentials&client_assertion_type={ASSERTION_TYPE}&client_assertion={shown}"
            kind = "application/x-www-form-urlencoded"
            answer = await self._caller.call(
                Server.WARD, "POST", "/oauth2/token", body=form.encode(), content_type=kind
            )
            if answer.done:
                return {"Authorization": f"Bearer {msgspec.json.decode(answer.body)['access_token']}"}
