"""The thin layer between uvicorn and the core: reads the body within its limit, sends the answer, cuts when told to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from fakes.endpoints.endpoint import MIB
from fakes.messages.answer import Answer, Header
from fakes.refusals import Code, RefusedError
from fakes.web.answers import Reason
from fakes.web.core import MARK, Core
from fakes.web.phases import ConnectionCutError, ConnectionHangError, Effect
from fakes.web.request import Request, WebCall

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

DRAINED: Final = 64 * MIB
"""A body that is too large is read to its end and thrown away up to here, so that the client can read the answer."""
LARGEST_HEAD: Final = 16 * 1024
_SLICES_PER_S: Final = 10
_HALF_WAY_S: Final = 0.02
"""Real seconds between half an answer and the end of its connection: a reset takes along what is not sent yet."""


class Application:
    """A server as uvicorn calls it.

    Parameters
    ----------
    core
        The server.
    defects
        The seeded defects that are on (`Defects.header`); every answer says them.
    """

    def __init__(self, core: Core[Any], defects: str = "") -> None:
        self._core = core
        self._always: list[Header] = [(b"x-test-data", MARK), (b"cache-control", b"no-store")]
        if defects:
            self._always.append((b"x-seeded-defects", defects.encode()))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Carry one call through."""
        call, refused = self._core.begin(_request(scope))
        self._core.under_way += 1
        try:
            refused = await _body(call, refused, receive)
            refused = scope["extensions"].get("hikkoshi.refused") or refused
            answer = await self._core.handle(call, refused)
            await self._send(call, answer, send)
        except ConnectionCutError as cut:
            if not isinstance(cut, ConnectionHangError):
                scope["extensions"]["hikkoshi.cut"]()
            while (await receive())["type"] != "http.disconnect":
                pass  # what a client still sends is of no interest
        finally:
            self._core.under_way -= 1

    async def _send(self, call: WebCall, answer: Answer, send: Send) -> None:
        headers = [
            *self._always,
            (b"x-request-id", call.request_id.encode()),
            (b"x-attempt", b"%d" % call.attempt),
            *answer.headers,
        ]
        if answer.content_type:
            headers.append((b"content-type", answer.content_type))
            headers.append((b"content-length", b"%d" % len(answer.body)))
        start = {"type": "http.response.start", "status": answer.status, "headers": headers}
        if call.injection is not None and call.injection.answer is not None:
            await _disturbed(call.injection.answer, start, answer.body, send)
            return
        await send(start)
        await send({"type": "http.response.body", "body": answer.body})


def _request(scope: Message) -> Request:
    extensions = scope["extensions"]
    client = scope["client"]
    return Request(
        scope["method"],
        scope["path"],
        scope["query_string"],
        dict(scope["headers"]),
        b"",
        client[0] if client else "",
        extensions["hikkoshi.certificate"],
        scope["scheme"] == "https",
    )


async def _body(call: WebCall, refused: RefusedError | None, receive: Receive) -> RefusedError | None:
    """Read the body into the request; return why the call is refused, if it is."""
    headers = call.request.headers
    if sum(map(len, headers)) + sum(map(len, headers.values())) > LARGEST_HEAD and refused is None:
        refused = RefusedError(Code.HEADERS_TOO_LARGE)
    limit = 0 if refused is not None or call.endpoint is None else call.endpoint.limit
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body") and len(message["body"]) <= limit:
        call.request.body = message["body"]
        return refused
    chunks: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        size += len(message["body"])
        if size <= limit:
            chunks.append(message["body"])
        if not message.get("more_body") or size > DRAINED:
            break
        message = await receive()
    if refused is not None:
        return refused
    if size > limit:
        return RefusedError(Code.TOO_LARGE, limit=limit)
    if message["type"] != "http.request":
        return RefusedError(Code.MALFORMED, reason=Reason("cut"))
    call.request.body = b"".join(chunks)
    return None


async def _disturbed(effect: Effect, start: Message, body: bytes, send: Send) -> None:
    """Send an answer as a fault has it: late, slowly, or only half of it."""
    if effect.delay_s:
        await asyncio.sleep(effect.delay_s)
    await send(start)
    if effect.reset:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await asyncio.sleep(_HALF_WAY_S)
        raise ConnectionCutError
    if effect.hang:
        raise ConnectionHangError
    step = max(1, effect.bytes_per_s // _SLICES_PER_S) if effect.bytes_per_s else max(1, len(body))
    for place in range(0, len(body), step):
        await send({"type": "http.response.body", "body": body[place : place + step], "more_body": True})
        if effect.bytes_per_s:
            await asyncio.sleep(1 / _SLICES_PER_S)
    await send({"type": "http.response.body", "body": b""})
