"""The town's own systems as the link server calls them: the same calls as over a network, without one.

They go through the server's core, with their token, their keys and their audit records.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from fakes.clock import ScenarioClock
from fakes.endpoints import Endpoint
from fakes.endpoints.ward import TOKEN
from fakes.links import Response
from fakes.messages.oauth import TokenAnswer
from fakes.ward.clients import ASSERTION_TYPE, LINK, assertion, client_of
from fakes.web.core import Core
from fakes.web.phases import ConnectionCutError
from fakes.web.request import Request

_ATTEMPTS: Final = 3
_WAIT_S: Final = 0.1
_NO_TOKEN: Final = 401
_TOO_MANY: Final = 429
_MICROS: Final = 1_000_000
SOURCE: Final = "link"
"""In the place of an address, in audit records."""


class NotTakenError(Exception):
    """The town's own systems did not take a call; it may be made again."""


class Systems:
    """A town's systems.

    Parameters
    ----------
    core, clock
        The ward's.
    seed
        Of the scenario.
    """

    def __init__(self, core: Core[Any], clock: ScenarioClock, seed: int, municipality: str) -> None:
        self._core = core
        self._clock = clock
        self._client = client_of(seed, municipality, LINK)
        self._token = ""

    async def call(
        self,
        endpoint: Endpoint,
        message: object = None,
        *,
        form: tuple[str, bytes] | None = None,
        key: str = "",
    ) -> Response:
        """Make a call until it is answered.

        Parameters
        ----------
        message
            Sent as JSON, or as the query of a GET.
        form
            Content type and body of a form instead.
        key
            Idempotency key.

        Raises
        ------
        NotTakenError
            When it is not answered, or by an error of the server.
        """
        name = secrets.token_hex(16)
        for attempt in range(1, _ATTEMPTS + 1):
            if not self._token:
                await self._authorize()
            headers = {b"authorization": f"Bearer {self._token}".encode(), b"idempotency-key": (key or name).encode()}
            response = await self._send(endpoint, message, form, {**headers, **_identified(name, attempt)})
            if response is not None and response.status == _NO_TOKEN:
                self._token = ""
                continue
            if response is not None and response.status < 500 and response.status != _TOO_MANY:
                return response
            await asyncio.sleep(_WAIT_S * attempt)
        raise NotTakenError(endpoint.name)

    async def _send(
        self, endpoint: Endpoint, message: object, form: tuple[str, bytes] | None, headers: dict[bytes, bytes]
    ) -> Response | None:
        query, body = b"", b""
        if form is not None:
            headers[b"content-type"], body = form[0].encode(), form[1]
        elif message is not None and endpoint.method == "GET":
            query = urlencode(msgspec.to_builtins(message)).encode()
        elif message is not None:
            headers[b"content-type"], body = b"application/json", msgspec.json.encode(message)
        headers[b"x-test-data"] = b"synthetic"
        call, refused = self._core.begin(Request(endpoint.method, endpoint.path, query, headers, body, SOURCE))
        try:
            answer = await self._core.handle(call, refused)
        except ConnectionCutError:
            return None
        named = {name.decode(): value.decode() for name, value in answer.headers}
        return Response(answer.status, named, answer.body, call.attempt)

    async def _authorize(self) -> None:
        """Get a token by an assertion (client_secret_jwt)."""
        name = secrets.token_hex(16)
        claim = assertion(self._client, name, self._clock.micros() // _MICROS)
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": claim,
        }
        form = "application/x-www-form-urlencoded", urlencode(fields).encode()
        response = await self._send(TOKEN, None, form, _identified(name, 1))
        if response is None or not response.done:
            raise NotTakenError(TOKEN.name)
        self._token = msgspec.json.decode(response.body, type=TokenAnswer).access_token


def _identified(name: str, attempt: int) -> dict[bytes, bytes]:
    return {b"x-request-id": name.encode(), b"x-attempt": b"%d" % attempt}
