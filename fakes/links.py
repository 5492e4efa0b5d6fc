"""The client of portal and ward towards jlis: several addresses (primary, standby), one of which serves.

A call comes in once and goes out until it is answered: after a failure it is sent again, to the next address, with the
same `X-Request-Id` and `Idempotency-Key` and a higher `X-Attempt`, so that nothing is done twice. Nothing blocks.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec
from msgspec import Struct

from fakes.refusals import Code
from fakes.streams import Stream

if TYPE_CHECKING:
    import aiohttp

TIMEOUT_S: Final = 30.0
"""Guide value of 住登外者宛名番号付番API仕様 第2.0版."""

_FIRST_WAIT_S: Final = 0.05
_LONGEST_WAIT_S: Final = 2.0
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
"""The server did not do it; it may another time, or another server may."""
_NEXT: Final = frozenset({Code.STANDBY.value, Code.STORE_DOWN.value})
"""Refusals of a server in whose place another one may serve already."""
_FINAL: Final = frozenset({Code.RULE_CLOSED.value})
"""A refusal of 503 that is an answer: the network is closed until a time of day, not for a moment."""
_MARK: Final = {"X-Test-Data": "synthetic"}


class UnreachableError(Exception):
    """Nobody answered in the given time; whether it was done is not known, and the same call may be made again.

    Attributes
    ----------
    attempt
        Number of the last attempt.
    """

    def __init__(self, call: str, attempt: int) -> None:
        super().__init__(call)
        self.attempt = attempt


class Response(Struct, frozen=True):
    """An answer that came; header names are lower case.

    Attributes
    ----------
    attempt
        Number of the attempt that it answers.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    attempt: int = 1

    @property
    def done(self) -> bool:
        """Whether it is an answer of success."""
        return self.status < 300

    @property
    def code(self) -> str:
        """Code of a refusal; empty for success, or where a proxy answers in the server's place."""
        if self.done:
            return ""
        try:
            return _refusal(self.body).errors[0].code
        except (msgspec.DecodeError, msgspec.ValidationError, IndexError):
            return ""

    def result(self, kind: type[Any]) -> Any:
        """Return `result` of an answer of success as a type.

        Raises
        ------
        msgspec.ValidationError
            When it does not fit.
        """
        return msgspec.json.decode(_result(self.body).result, type=kind)


class _Error(Struct):
    code: str


class _Refusal(Struct):
    errors: list[_Error]


class _Result(Struct):
    result: msgspec.Raw


_refusal = msgspec.json.Decoder(_Refusal).decode
_result = msgspec.json.Decoder(_Result).decode


class Link:
    """A client of one server that may be at several addresses. Used with `async with`.

    Parameters
    ----------
    urls
        Base addresses, the first one first.
    headers
        Of every call (`X-Peer` where TLS is off).
    context
        With the client certificate and the authority of the server's; None without TLS.
    connections
        At once, at most.
    seed
        Of the waits between attempts.
    """

    def __init__(
        self,
        urls: Sequence[str],
        headers: Mapping[str, str] | None = None,
        context: ssl.SSLContext | None = None,
        connections: int = 32,
        seed: int = 0,
    ) -> None:
        if not urls:
            raise ValueError("a link needs an address")
        self._urls = [url.rstrip("/") for url in urls]
        self._headers = {**_MARK, **(headers or {})}
        self._context = context
        self._connections = connections
        self._waits = Stream(seed, "waits of links")
        self._drawn = 0
        self._current = 0
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """The address that answered last."""
        return self._urls[self._current]

    async def __aenter__(self) -> Self:
        import aiohttp  # noqa: PLC0415  who starts servers has no need of it, and it takes a while to load

        connector = aiohttp.TCPConnector(limit=self._connections, ssl=self._context or True)
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: str,
        path: str,
        message: object = None,
        *,
        body: bytes = b"",
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        key: str = "",
        request_id: str = "",
        attempt: int = 1,
        patience_s: float = TIMEOUT_S,
    ) -> Response:
        """Make a call until it is answered; a refusal is an answer.

        Parameters
        ----------
        message
            Sent as JSON; or `body`, as it is.
        key
            Idempotency key; a new one for every call that may change something and is given none.
        request_id, attempt
            Where this call repeats an earlier one, as after a restart: the id of that one, and the number of this.
        patience_s
            Real seconds until it is given up; the attempt that is under way is waited for.

        Raises
        ------
        UnreachableError
            When nobody has answered by then.
        """
        sent = msgspec.json.encode(message) if message is not None else body
        given = {**self._headers, **(headers or {}), "X-Request-Id": request_id or secrets.token_hex(16)}
        if sent:
            given["Content-Type"] = content_type
        if method not in {"GET", "HEAD"}:
            given["Idempotency-Key"] = key or given["X-Request-Id"]
        until = time.monotonic() + patience_s
        tries = 0
        while True:
            response = await self._attempt(method, path, sent, given, attempt + tries)
            if response is not None and not _worth_another(response):
                return response
            tries += 1
            wait = self._wait(response, tries)
            if time.monotonic() + wait >= until:
                if response is not None:
                    return response
                raise UnreachableError(f"{method} {path.partition('?')[0]}", attempt + tries - 1)
            await asyncio.sleep(wait)

    async def _attempt(
        self, method: str, path: str, body: bytes, given: Mapping[str, str], attempt: int
    ) -> Response | None:
        """Send it once; None if no whole answer came."""
        assert self._session is not None, "a link is used with `async with`"
        import aiohttp  # noqa: PLC0415  as above

        place = self._current
        headers = {**given, "X-Attempt": str(attempt)}
        try:
            async with self._session.request(
                method, self._urls[place] + path, data=body or None, headers=headers, allow_redirects=False
            ) as answer:
                content = await answer.read()
                named = {name.lower(): value for name, value in answer.headers.items()}
                response = Response(answer.status, named, content, attempt)
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._turn(place)
            return None
        if response.code in _NEXT:
            self._turn(place)
        return response

    def _turn(self, place: int) -> None:
        """Use the next address, unless another call has turned already."""
        if place == self._current:
            self._current = (place + 1) % len(self._urls)

    def _wait(self, response: Response | None, tries: int) -> float:
        """Seconds before the next attempt: twice as long each time, up to a limit, and never the same for all."""
        if tries < len(self._urls) and (response is None or response.code in _NEXT):
            return 0.0  # the other address has not been asked yet
        longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * (1 << min(tries, 10)))
        self._drawn += 1
        drawn = longest * (500 + self._waits.below(self._drawn, 501)) / 1000
        asked = response.headers.get("retry-after", "") if response is not None else ""
        return max(drawn, min(float(asked), _LONGEST_WAIT_S)) if asked.isdigit() else drawn


def _worth_another(response: Response) -> bool:
    return response.status in _AGAIN and response.code not in _FINAL
