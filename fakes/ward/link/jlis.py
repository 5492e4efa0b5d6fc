"""Jlis as a town's link server calls it: by the rows of the table, logged in where that is needed."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from fakes.endpoints import Caller, Endpoint
from fakes.endpoints.jlis import LOGIN
from fakes.links import Link, Response, UnreachableError
from fakes.messages.jlis import StaffLogin, StaffToken
from fakes.staff import LINK, password_of

_NO_TOKEN: Final = 401
_PATIENCE_S: Final = 10.0


class Jlis:
    """The client of one town.

    Parameters
    ----------
    link
        To its addresses, with the town's certificate.
    patience_s
        Real seconds until a call is given up for now.
    """

    def __init__(self, link: Link, seed: int, municipality: str, patience_s: float = _PATIENCE_S) -> None:
        self._link = link
        self._seed = seed
        self._municipality = municipality
        self._patience_s = patience_s
        self._token = ""

    async def call(
        self,
        endpoint: Endpoint,
        message: object = None,
        *,
        key: str = "",
        request_id: str = "",
        attempt: int = 1,
        **values: str,
    ) -> Response:
        """Make a call until it is answered.

        Parameters
        ----------
        message
            Sent as JSON, or as the query of a GET.
        values
            Of the path.

        Raises
        ------
        UnreachableError
            When nobody answers for now.
        """
        path = endpoint.path.format(**values)
        if message is not None and endpoint.method == "GET":
            path, message = f"{path}?{urlencode(msgspec.to_builtins(message))}", None
        staff = endpoint.caller is Caller.STAFF
        response = await self._once(endpoint, path, message, key, request_id, attempt, staff=staff)
        if staff and response.status == _NO_TOKEN:
            self._token = ""
            response = await self._once(endpoint, path, message, key, request_id, response.attempt + 1, staff=staff)
        return response

    async def _once(
        self, endpoint: Endpoint, path: str, message: Any, key: str, request_id: str, attempt: int, *, staff: bool
    ) -> Response:
        headers = {}
        if staff:
            if not self._token:
                await self._login(attempt)
            headers["Authorization"] = f"Bearer {self._token}"
        return await self._link.call(
            endpoint.method,
            path,
            message,
            headers=headers,
            key=key,
            request_id=request_id,
            attempt=attempt,
            patience_s=self._patience_s,
        )

    async def _login(self, attempt: int) -> None:
        password = password_of(self._seed, self._municipality, LINK)
        message = StaffLogin(self._municipality, LINK, password)
        response = await self._link.call(LOGIN.method, LOGIN.path, message, patience_s=self._patience_s)
        if not response.done:
            raise UnreachableError(f"login {response.code}", attempt - 1)
        token: StaffToken = response.result(StaffToken)
        self._token = token.token
