"""What the operator's endpoints say: a server's logs page by page, and its faults; from whichever instance answers."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from fakes.faults.fault import Fault
from fakes.messages.envelope import Reply
from fakes.messages.faults import FaultList
from fakes.messages.logs import LoggedCall, LoggedCalls, LoggedEvent, LoggedEvents
from fakes.servers import Server
from loadtests.errors import LoadError

TIMEOUT_S: Final = 30.0
PER_PAGE: Final = 1000

_EVENTS: Final = "/__admin/events"
_CALLS: Final = "/__admin/audit"
_FAULTS: Final = "/__admin/faults"
_events: Final = msgspec.json.Decoder(Reply[LoggedEvents]).decode
_calls: Final = msgspec.json.Decoder(Reply[LoggedCalls]).decode
_faults: Final = msgspec.json.Decoder(Reply[FaultList]).decode


class ServerLog:
    """The logs of one server; each can be read from any place on, again and again.

    Parameters
    ----------
    urls
        Base addresses of its instances; the first that answers is asked.
    key
        The operator's.
    authority
        File of the authority that vouches for the servers; empty without TLS.
    """

    def __init__(self, server: Server, urls: Sequence[str], key: str, authority: str = "") -> None:
        self.server = server
        self._urls = list(urls)
        self._headers = {"Authorization": f"Bearer {key}"}
        self._context = ssl.create_default_context(cafile=authority) if authority else None
        self._connection: http.client.HTTPConnection | None = None

    def events(self, after: int = 0) -> Iterator[LoggedEvent]:
        """Yield the events with a number above `after`, in order, to the end that the log has then.

        Raises
        ------
        LoadError
            E-load-log when no instance answers, or it refuses.
        """
        more = True
        while more:
            page = _events(self._read(_page(_EVENTS, after))).result
            yield from page.events
            after, more = page.cursor, page.more

    def calls(self, after: int = 0) -> Iterator[LoggedCall]:
        """Yield the audit records with a number above `after`, in order; as `events`."""
        more = True
        while more:
            page = _calls(self._read(_page(_CALLS, after))).result
            yield from page.calls
            after, more = page.cursor, page.more

    def faults(self) -> list[Fault]:
        """Return the faults of the server that there are: the scenario's and live ones, cleared ones not.

        Raises
        ------
        LoadError
            As `events`.
        """
        return [own.fault for own in _faults(self._read(_FAULTS)).result.faults]

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self, target: str) -> bytes:
        reason: object = "-"
        for _ in range(2 * len(self._urls)):  # a kept connection may have ended meanwhile; then each is asked anew
            try:
                status, body = self._asked(target)
            except OSError as problem:
                reason = problem
            except http.client.HTTPException as problem:
                reason = type(problem).__name__
            else:
                if status == http.HTTPStatus.OK:
                    return body
                reason = status
            self.close()
            self._urls.append(self._urls.pop(0))
        raise LoadError("E-load-log", server=self.server.value, reason=reason)

    def _asked(self, target: str) -> tuple[int, bytes]:
        if self._connection is None:
            parts = urlsplit(self._urls[0])
            host = parts.hostname or ""
            if parts.scheme == "https":
                self._connection = http.client.HTTPSConnection(
                    host, parts.port, timeout=TIMEOUT_S, context=self._context
                )
            else:
                self._connection = http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_S)
        self._connection.request("GET", target, headers=self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()


def _page(path: str, after: int) -> str:
    return f"{path}?after={after}&per_page={PER_PAGE}"
