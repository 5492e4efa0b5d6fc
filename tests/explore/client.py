"""A client of the page: plain HTTP, with whatever headers a test wants to send."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    text: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Client:
    address: str

    def get(self, path: str = "", state: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Reply:
        return self._call("GET", path + ("?" + urlencode(state) if state else ""), None, headers or {})

    def post(self, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> Reply:
        typed = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._call("POST", path, urlencode(form), typed)

    def _call(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Reply:
        parts = urlsplit(self.address)
        assert parts.hostname is not None
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

        try:
            connection.request(method, parts.path + path, body, headers)
            reply = connection.getresponse()
            return Reply(reply.status, reply.read().decode(), {k.lower(): v for k, v in reply.getheaders()})
        finally:
            connection.close()
