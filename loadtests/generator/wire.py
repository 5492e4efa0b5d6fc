"""The connection to a server: a call goes out once, and what comes back is read whole.

Pool, sockets and parser are those of geventhttpclient, which Locust's FastHttpUser uses too. Its client is not: below
`max_retries` it sends a GET or PUT again on every connection that it has when one breaks, up to twelve copies of a call
of which one is logged. Here nobody sends anything again; who wants another try makes it, under the next attempt.
"""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from gevent.monkey import get_original
from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool
from geventhttpclient.response import HTTPParseError, HTTPSocketPoolResponse
from msgspec import Struct

from loadtests.transport import name_of

TIMEOUT_S: Final = 30.0
"""Guide value of 住登外者宛名番号付番API仕様 第2.0版, as the systems themselves have it."""
_BLOCK: Final = 16 * 1024
_poll = get_original("select", "poll")


class Answer(Struct, frozen=True):
    """A whole answer; header names are lower case, of repeated headers the last one counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoAnswerError(Exception):
    """No whole answer came; whether the call was carried out is not known. `str()` says why."""


class _Own(ConnectionPool):
    """Connections that know whether they are still open, however many files the process has open.

    The server's address is looked up once: each look-up goes through a thread, and many at once are a queue of our own.
    """

    _found: Any = None
    opened: Counter[str] | None = None

    def after_connect(self, sock: Any) -> None:
        super().after_connect(sock)
        if self.opened is not None:
            self.opened[name_of(sock)] += 1

    def _is_socket_alive(self, sock: Any) -> bool:
        return is_open(sock)

    def _resolve(self) -> Any:
        if self._found is None:
            self._found = super()._resolve()
        return self._found


class _Encrypted(_Own, SSLConnectionPool):
    pass


def is_open(sock: Any) -> bool:
    """Whether an idle connection is open: one that has something to read was closed by the server.

    `select`, which the pools use, cannot look at files with numbers above 1,023, and takes them for closed.
    """
    if sock is None or sock.fileno() < 0:
        return False
    poll = _poll()
    poll.register(sock.fileno())
    return not any(event & ~4 for _, event in poll.poll(0))  # 4 is POLLOUT: that it can be written to is no news


class Wire:
    """One server, with as many connections as calls are under way.

    Parameters
    ----------
    url
        Base address.
    context
        Of TLS, with the client certificate if there is one; None without TLS.
    most
        Connections; calls beyond it would wait for each other, so it lies above what is ever under way.
    opened
        Counts the connections that are made, by version and cipher of TLS.
    """

    def __init__(
        self,
        url: str,
        context: ssl.SSLContext | None = None,
        most: int = 8192,
        timeout_s: float = TIMEOUT_S,
        opened: Counter[str] | None = None,
    ) -> None:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        where = (host, port, host, port)
        given: dict[str, Any] = {"size": most, "connection_timeout": timeout_s, "network_timeout": timeout_s}
        self.url = url.rstrip("/")
        self._pool: _Own
        if context is not None:
            self._pool = _Encrypted(*where, ssl_context_factory=lambda cafile=None: context, **given)  # noqa: ARG005
        else:
            self._pool = _Own(*where, **given)
        self._pool.opened = opened
        self._host = f"Host: {parts.netloc}\r\n"

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send a call, once, and return its answer.

        Raises
        ------
        NoAnswerError
            When the connection cannot be made or breaks, or no whole answer comes in time.
        """
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        length = f"Content-Length: {len(body)}\r\n" if body or method != "GET" else ""
        head = f"{method} {path} HTTP/1.1\r\n{self._host}{lines}{length}\r\n".encode("latin-1")
        try:
            sock = self._pool.get_socket()
            try:
                sock.sendall(head + body)
            except BaseException:
                self._pool.release_socket(sock)
                raise
            answer = HTTPSocketPoolResponse(sock, self._pool, block_size=_BLOCK, method=method)
            content = answer.read()
        except (OSError, HTTPParseError) as problem:
            raise NoAnswerError(f"{type(problem).__name__}: {problem}") from problem
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.items()}, content)

    def close(self) -> None:
        """Close what is idle."""
        self._pool.close()
