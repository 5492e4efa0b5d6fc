"""The client towards jlis: whoever serves is found, and a call that was made twice can be seen to be one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import web

from fakes.links import Link, Response, UnreachableError
from fakes.messages.envelope import Outcome

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Told(Outcome):
    name: str


def refusal(status: int, code: str, **headers: str) -> web.Response:
    body = {"title": "", "detail": "", "_links": {}, "errors": [{"code": code, "message": ""}]}
    return web.json_response(
        body, status=status, headers={key.replace("_", "-"): value for key, value in headers.items()}
    )


def told(name: str) -> web.Response:
    return web.json_response({"metadata": {}, "_links": {}, "result": {"name": name}})


class Scripted:
    """A server that gives its answers one after the other, the last one for ever; None hangs up."""

    def __init__(self, *answers: Callable[[], web.Response] | None) -> None:
        self.answers = list(answers)
        self.seen: list[dict[str, Any]] = []

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(
            {**{key.lower(): value for key, value in request.headers.items()}, "body": await request.read()}
        )
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return answer()


async def served(stack: AsyncExitStack, handle: Handle) -> str:
    """Serve, and return the address."""
    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


def called(*servers: Scripted, method: str = "POST", down: int = 0, **choices: Any) -> Response:
    """Call once where these servers are, `down` addresses before them being nobody's."""

    async def run() -> Response:
        async with AsyncExitStack() as stack:
            urls = ["http://127.0.0.1:9"] * down + [await served(stack, server) for server in servers]
            link = await stack.enter_async_context(Link(urls, {"X-Peer": "town-131041"}))
            response = await link.call(method, "/things", {"a": 1} if method == "POST" else None, **choices)
            assert response.done is False or link.url == urls[-1]
            return response

    return asyncio.run(run())


def test_a_call_is_answered_and_its_result_read() -> None:
    server = Scripted(lambda: told("a"))
    response = called(server)
    assert (response.status, response.code, response.result(Told)) == (200, "", Told("a"))
    [seen] = server.seen
    assert seen["body"] == b'{"a":1}'
    assert (seen["x-peer"], seen["x-test-data"], seen["x-attempt"]) == ("town-131041", "synthetic", "1")
    assert seen["content-type"] == "application/json"


def test_what_is_sent_again_has_the_same_id_and_key_and_a_higher_attempt() -> None:
    server = Scripted(lambda: refusal(503, "E5031"), None, lambda: told("a"))
    assert called(server, key="k-1").done
    assert [seen["x-attempt"] for seen in server.seen] == ["1", "2", "3"]
    assert {seen["idempotency-key"] for seen in server.seen} == {"k-1"}
    assert len({seen["x-request-id"] for seen in server.seen}) == 1


def test_what_repeats_an_earlier_call_says_so() -> None:
    server = Scripted(lambda: told("a"))
    called(server, key="k-1", request_id="r-1", attempt=5)
    assert (server.seen[0]["x-request-id"], server.seen[0]["x-attempt"]) == ("r-1", "5")


def test_a_change_always_has_a_key_and_a_question_none() -> None:
    changing, asking = Scripted(lambda: told("a")), Scripted(lambda: told("a"))
    called(changing)
    called(asking, method="GET")
    assert changing.seen[0]["idempotency-key"] == changing.seen[0]["x-request-id"]
    assert "idempotency-key" not in asking.seen[0]


def test_a_refusal_is_an_answer_and_is_not_asked_again() -> None:
    server = Scripted(lambda: refusal(409, "E6002"))
    response = called(server)
    assert (response.status, response.code) == (409, "E6002")
    assert len(server.seen) == 1


def test_closed_hours_are_an_answer_though_their_status_is_that_of_an_outage() -> None:
    server = Scripted(lambda: refusal(503, "E6005"))
    assert called(server).code == "E6005"
    assert len(server.seen) == 1


def test_where_nobody_listens_the_next_address_is_asked() -> None:
    server = Scripted(lambda: told("a"))
    assert called(server, down=1).done
    assert server.seen[0]["x-attempt"] == "2"


def test_a_standby_is_passed_over() -> None:
    standby, serving = Scripted(lambda: refusal(503, "E5032")), Scripted(lambda: told("a"))
    assert called(standby, serving).done
    assert (len(standby.seen), len(serving.seen)) == (1, 1)


def test_a_server_that_comes_back_is_waited_for() -> None:
    first = Scripted(lambda: refusal(503, "E5032"), lambda: refusal(503, "E5032"), lambda: told("a"))
    second = Scripted(lambda: refusal(503, "E5032"))

    async def run() -> Response:
        async with AsyncExitStack() as stack:
            urls = [await served(stack, server) for server in (first, second)]
            link = await stack.enter_async_context(Link(urls))
            return await link.call("GET", "/things")

    assert asyncio.run(run()).done
    assert len(first.seen) == 3


def test_patience_ends() -> None:
    with pytest.raises(UnreachableError):
        called(Scripted(None), patience_s=0.2)
    server = Scripted(lambda: refusal(503, "E5031"))
    assert called(server, patience_s=0.2).code == "E5031"
    assert len(server.seen) > 1


def test_an_answer_that_is_no_envelope_has_no_code() -> None:
    assert called(Scripted(lambda: web.Response(status=404, text="<html>"))).code == ""


def test_a_link_without_addresses_is_an_error_of_the_program() -> None:
    with pytest.raises(ValueError, match="address"):
        Link([])
