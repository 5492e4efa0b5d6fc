"""The link server says what waits in its order, once, and labels what it may have said before; it keeps nothing."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest
from aiohttp import web

from fakes.endpoints.ward import OPEN_LINK
from fakes.links import Link
from fakes.package.building import build_package
from fakes.ward.link.jlis import Jlis
from fakes.ward.link.listening import Listener
from fakes.ward.link.server import LinkServer
from fakes.ward.link.speaking import Speaker
from fakes.ward.link.systems import NotTakenError, Systems
from tests.fakes.clients import DESTINATION, ORIGIN, OWNER
from tests.fakes.conftest import SEED
from tests.fakes.ward.towns import Town, Towns, filed, move, moved_out

NUMBER = "20230301900000001"
MOMENT = "2023-03-01T09:00:00+09:00"


class Scripted:
    """A jlis that answers what a test says; what it was asked is kept."""

    def __init__(self, answers: dict[str, Callable[[Any], web.Response]]) -> None:
        self.answers = answers
        self.seen: list[tuple[str, str, int, str, Any]] = []
        self.called = asyncio.Event()

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        message = msgspec.json.decode(body) if body else None
        headers = request.headers
        call = (request.method, request.path, int(headers["X-Attempt"]), headers.get("Idempotency-Key", ""), message)
        self.seen.append(call)
        self.called.set()
        if request.path == "/receive/v1/login":
            return told({"token": "t", "expires_in": 900, "authorities": []})
        for beginning, answer in self.answers.items():
            if f"{request.method} {request.path}".startswith(beginning):
                return answer(message)
        return told(status_set())

    def said(self, beginning: str) -> list[tuple[str, str, int, str, Any]]:
        """Return the calls whose method and path begin so."""
        return [call for call in self.seen if f"{call[0]} {call[1]}".startswith(beginning)]


def told(result: Any, status: int = 200, **headers: str) -> web.Response:
    return web.json_response({"metadata": {}, "_links": {}, "result": result}, status=status, headers=headers)


def refused(status: int, code: str) -> web.Response:
    body = {"title": "", "detail": "", "_links": {}, "errors": [{"code": code, "message": ""}]}
    return web.json_response(body, status=status)


def status_set() -> Any:
    return {"reference_number": NUMBER, "state": "in_review", "changed_at": MOMENT, "owner_token": OWNER}


def taken(message: Any) -> web.Response:
    receipt = f"R-{message['number']}-{hashlib.sha256(msgspec.json.encode(message['body'])).hexdigest()[:8]}"
    rest = {"destination": message["destination"], "sent_at": MOMENT, "deliverable_from": MOMENT}
    return told({"telegram": receipt, "number": message["number"], "edition": 1, **rest}, 202)


def issued(message: Any) -> web.Response:
    return told({"card_serial": message["card_serial"], "serial": 77, "valid_until": "2028-03-01", "certificate": ""})


def linked(towns: Towns, jlis: Scripted, use: Callable[[Systems, Jlis], Any], town: str = ORIGIN) -> Any:
    """Let a town's link server work with a scripted jlis."""

    async def run() -> Any:
        async with AsyncExitStack() as stack:
            runner = web.ServerRunner(web.Server(jlis))
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            link = await stack.enter_async_context(Link([f"http://127.0.0.1:{runner.addresses[0][1]}"]))
            systems = Systems(towns.local.assembled.core, towns.clock, SEED, town)
            return await use(systems, Jlis(link, SEED, town, patience_s=0.2))

    return towns.local.runner.run(run())


def speak(towns: Towns, jlis: Scripted, start: int = 0, town: str = ORIGIN) -> bool:
    """Let everything be said; return whether jlis answered all of it."""

    async def use(systems: Systems, client: Jlis) -> bool:
        return await Speaker(systems, client, town, start).say_all()

    whole: bool = linked(towns, jlis, use, town)
    return whole


def listen(towns: Towns, jlis: Scripted, town: str = ORIGIN) -> None:
    async def use(systems: Systems, client: Jlis) -> None:
        await Listener(systems, client, 0, 0).bring_all()

    linked(towns, jlis, use, town)


def test_what_waits_is_said_and_noted(towns: Towns, origin: Town) -> None:
    number, _ = filed(towns, towns.household())
    jlis = Scripted({})
    assert speak(towns, jlis) is True
    [(method, path, attempt, key, message)] = jlis.said("POST /receive/v1/applications")
    assert (method, path) == ("POST", f"/receive/v1/applications/{number}/ack")
    assert (attempt, message) == (1, {"delivery": 1})
    assert key.startswith(f"outbox-{ORIGIN}-")
    assert origin.outbox() == []
    assert origin.details(number)["told"] == "downloaded"


def test_after_a_restart_the_same_key_comes_with_a_higher_attempt(towns: Towns, origin: Town) -> None:
    filed(towns, towns.household())
    first, second = Scripted({"POST /receive/v1/app": lambda _: refused(503, "E5031")}), Scripted({})
    assert speak(towns, first, start=0) is False
    assert speak(towns, second, start=2) is True
    tried, [after] = first.said("POST /receive/v1/app"), second.said("POST /receive/v1/app")
    assert {call[3] for call in tried} == {after[3]}
    assert [call[2] for call in tried] == list(range(1, len(tried) + 1))
    assert after[2] == 3


def test_telegrams_of_one_person_follow_each_other_and_others_do_not_wait(towns: Towns, origin: Town) -> None:
    moved_out(towns, towns.household())
    sent = origin.staff().get("/juki/v1/telegrams").result["telegrams"]
    towns.wait(minutes=1)
    for one in sent:
        origin.staff("chief01").post(f"/juki/v1/telegrams/{one['telegram']}/resend", {})
    jlis = Scripted({"POST /cs/v1/telegrams": taken})
    assert speak(towns, jlis) is True
    assert len(jlis.said("POST /cs/v1/telegrams")) == len(sent)
    assert {one["state"] for one in origin.staff().get("/juki/v1/telegrams").result["telegrams"]} == {"sent"}


@pytest.mark.parametrize(
    ("status", "code"), [(503, "E6005"), (403, "E5011"), (429, "E5013"), (401, "E5010"), (404, "")]
)
def test_what_cannot_be_said_now_stays(towns: Towns, origin: Town, status: int, code: str) -> None:
    filed(towns, towns.household())
    answer = refused(status, code) if code else web.Response(status=status)
    assert speak(towns, Scripted({"POST /receive/v1/app": lambda _: answer_again(answer)})) is False
    assert len(origin.outbox()) == 1


def answer_again(answer: web.Response) -> web.Response:
    """Return an answer that can be sent once more."""
    return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)


def test_a_refusal_is_noted_and_not_said_again(towns: Towns, origin: Town) -> None:
    filed(towns, towns.household())
    jlis = Scripted({"POST /receive/v1/app": lambda _: refused(409, "E6002")})
    assert speak(towns, jlis) is True
    assert origin.outbox() == []
    assert len(jlis.said("POST /receive/v1/app")) == 1


def test_a_login_that_fails_refuses_nothing(towns: Towns, origin: Town) -> None:
    filed(towns, towns.household())

    class Closed(Scripted):
        async def __call__(self, _request: web.BaseRequest) -> web.Response:
            return refused(423, "E5015")

    assert speak(towns, Closed({})) is False
    assert len(origin.outbox()) == 1


def test_unlocking_revoking_and_issuing_reach_jlis(towns: Towns, destination: Town) -> None:
    household = towns.household(0, DESTINATION)
    card = household.head.card
    assert card is not None
    destination.staff("cards01").post("/cards/v1/unlock", {"card_serial": card.serial, "secrets": ["pin"]})
    message = {
        "members": [person.address_number for person in household.members],
        "event_date": "2023-03-01",
        "new_address": move(towns, household).new_address,
        "card_serial": card.serial,
        "card_pin": card.pin,
    }
    entered = destination.staff().post("/juki/v1/transactions/within", message)
    destination.approve(entered.result["transaction"])
    moment = {"card_serial": card.serial, "unlocked_at": MOMENT}
    jlis = Scripted(
        {
            "POST /jpki/v1/certificates": issued,
            "POST /cards/v1/unlock": lambda _: told(moment),
            "POST /jpki/v1/revocations": lambda message: told({"serial": message["serial"], "revoked_at": MOMENT}),
        }
    )
    assert speak(towns, jlis, town=DESTINATION) is True
    assert jlis.said("POST /cards/v1/unlock")[0][4] == {"card_serial": card.serial, "secrets": ["pin"]}
    assert jlis.said("POST /jpki/v1/revocations")
    assert jlis.said("POST /jpki/v1/certificates")[0][4]["card_serial"] == card.serial
    assert destination.outbox() == []


def row(package: bytes, **others: Any) -> Any:
    """Return an application as jlis lists it."""
    return {
        "reference_number": NUMBER,
        "procedures": ["move_out"],
        "city_service_code": f"{ORIGIN}9101",
        "arrived_at": MOMENT,
        "files": 2,
        "size": len(package),
        "digest": hashlib.sha256(package).hexdigest(),
        "owner_token": OWNER,
        "state": "arrived",
        "lease": "available",
        "deliveries": 0,
        "signing_serial": 0,
        "resubmission_of": "",
        "cursor": 1,
        **others,
    }


def waiting(package: bytes, delivered: bytes | None = None, **others: Any) -> Scripted:
    """Return a jlis at which one application waits."""
    headers = {"X-Delivery": "4", "X-Redelivery": "true"}
    content = package if delivered is None else delivered
    return Scripted(
        {
            "POST /receive/v1/applications/search": lambda _: told(
                {"applications": [row(package, **others)], "cursor": 1, "more": False}
            ),
            "GET /receive/v1/applications": lambda _: web.Response(body=content, headers=headers),
            "GET /cs/v1/inbox": lambda _: web.Response(status=204),
            "POST /cs/v1/telegrams/search": lambda _: told({"telegrams": [], "cursor": 0, "more": False}),
            "POST /receive/v1/statuses/search": lambda _: told({"statuses": [], "cursor": 0, "more": False}),
        }
    )


def test_what_waits_at_the_relay_is_imported_with_its_label(towns: Towns, origin: Town) -> None:
    package = build_package(move(towns, towns.household()))
    listen(towns, waiting(package))
    assert origin.details(NUMBER)["deliveries"] == 4
    [item] = origin.outbox()
    assert item["task"]["delivery"] == 4


def test_what_came_damaged_or_is_another_ones_is_not_imported(towns: Towns, origin: Town) -> None:
    package = build_package(move(towns, towns.household()))
    listen(towns, waiting(package, delivered=package[:-1]))
    held = waiting(package, lease="leased")
    listen(towns, held)
    assert not held.said("GET /receive/v1/applications")
    assert origin.staff().get(f"/shinsei/v1/applications/{NUMBER}").status == 404


def test_a_package_that_cannot_be_imported_stops_nothing(
    towns: Towns, origin: Town, caplog: pytest.LogCaptureFixture
) -> None:
    jlis = waiting(b"PK nothing")
    listen(towns, jlis)
    assert "E1003" in caplog.text
    assert jlis.said("POST /receive/v1/statuses/search")
    assert origin.outbox() == []


def test_a_jlis_that_refuses_everything_brings_nothing(towns: Towns, origin: Town) -> None:
    everything = {f"{method} /": lambda _: refused(404, "E5004") for method in ("GET", "POST")}
    listen(towns, Scripted(everything))
    assert origin.outbox() == []


def test_a_link_server_runs_until_it_is_stopped(towns: Towns, origin: Town) -> None:
    number, _ = filed(towns, towns.household())
    package = build_package(move(towns, towns.household(1)))
    jlis = waiting(package)

    async def run() -> None:
        async with AsyncExitStack() as stack:
            runner = web.ServerRunner(web.Server(jlis))
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            assembled = towns.local.assembled
            urls = (f"http://127.0.0.1:{runner.addresses[0][1]}",)
            server = LinkServer(assembled.core, assembled.context, ORIGIN, urls, None, 1.0)
            task = asyncio.create_task(server.run())
            async with asyncio.timeout(20):
                while len(jlis.said("POST /receive/v1/applications/2")) < 2:
                    jlis.called.clear()
                    await jlis.called.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    towns.local.runner.run(run())
    acknowledged = {call[1].split("/")[4] for call in jlis.said("POST /receive/v1/applications/2")}
    assert acknowledged == {number, NUMBER}
    assert origin.system().post("/link/v1/starts", {}).result["start"] == 2


def test_systems_that_do_not_answer_are_no_answer(towns: Towns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fakes.ward.link.systems._WAIT_S", 0.0)

    async def use(systems: Systems, _: Jlis) -> None:
        monkeypatch.setattr(towns.local.assembled.store, "_limit", 0)
        with pytest.raises(NotTakenError):
            await systems.call(OPEN_LINK)

    linked(towns, Scripted({}), use)
