"""uvicorn's HTTP protocol and a little more: the client's certificate, a limit for heads, ways to end a connection."""

from __future__ import annotations

import socket
import ssl
import struct
from asyncio import Event
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from fakes.refusals import Code, RefusedError
from fakes.web.answers import Reason

LARGEST_WHILE_READING: Final = 64 * 1024
"""A head that is larger than this is not even read to its end."""

_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""Linger for no time: the connection is reset, not closed."""


class _HeadTooLargeError(Exception):
    """Makes the parser stop."""


class Protocol(HttpToolsProtocol):
    """One connection. The certificate is the same for all its requests, so it is taken out once."""

    def connection_made(self, transport: Any) -> None:
        """Take note of the peer's certificate."""
        super().connection_made(transport)
        session: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        self._extensions: Any = {
            "hikkoshi.certificate": session.getpeercert(binary_form=True) if session is not None else None,
            "hikkoshi.cut": self._cut,
        }
        self._head = 0
        self._came = 0
        self._in_head = self._refused = self._shared = False
        self.url = b""

    def data_received(self, data: bytes) -> None:
        """Read on, as long as the head keeps its limit; a value is told of only when it is whole, so bytes count."""
        if self._refused:
            return  # read, so that the answer is not lost in a reset of the connection
        self._shared = False
        super().data_received(data)
        if self._in_head and not self._shared:
            self._came += len(data)
            if self._came > LARGEST_WHILE_READING and not self._refused:
                self._head = self._came
                self.send_400_response("")

    def _cut(self) -> None:
        """Cut the line as a machine that fails does: what is under way is lost, and the client is told by a reset."""
        line: socket.socket | None = self.transport.get_extra_info("socket")
        if line is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def on_message_begin(self) -> None:
        """Give the application what the connection knows."""
        super().on_message_begin()
        self._head = self._came = 0
        self._in_head = True
        self.scope["extensions"] = self._extensions

    def on_url(self, url: bytes) -> None:
        """Count the request line."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        super().on_header(name, value)
        self._count(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """Begin the call."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the head of the next request did not begin with what came just now."""
        self._shared = True
        super().on_message_complete()

    def shutdown(self) -> None:
        """End an idle connection at once: a polite end of TLS would wait for the client, for up to half a minute."""
        idle = self.cycle is None or self.cycle.response_complete
        if idle and not self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().shutdown()

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > LARGEST_WHILE_READING:
            raise _HeadTooLargeError

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the application says it, in its own words
        """Let the application refuse what is no HTTP, so that it answers as always and leaves a record; then close."""
        if self._refused:
            return
        self._refused = True
        refused = RefusedError(Code.MALFORMED, reason=Reason("http"))
        if self._head > LARGEST_WHILE_READING:
            refused = RefusedError(Code.HEADERS_TOO_LARGE)
        under_way = self.cycle is not None and not self.cycle.response_complete
        if under_way and self.cycle.more_body:  # its head was right, its body is not
            self._extensions["hikkoshi.refused"] = refused
            self.cycle.keep_alive = self.cycle.more_body = False
            self.cycle.message_event.set()
            return
        self.cycle = self._refusing(refused)
        if under_way:
            self.pipeline.appendleft((self.cycle, self.app))
        else:
            self._start_asgi_task(self.cycle, self.app)

    def _refusing(self, refused: RefusedError) -> RequestResponseCycle:
        """Return the call that stands for a request that could not be read; what is known of it is its URL."""
        method, path = b"", b""
        try:
            path = httptools.parse_url(self.url).path or b""
            method = self.parser.get_method() if path else b""
        except httptools.HttpParserError:
            pass
        scope = {
            **self.scope,
            "method": method.decode("latin-1"),
            "path": path.decode("latin-1"),
            "query_string": b"",
            "headers": [],
            "extensions": {**self._extensions, "hikkoshi.refused": refused},
        }
        made = RequestResponseCycle(
            scope=scope,  # type: ignore[arg-type]
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=Event(),
            expect_100_continue=False,
            keep_alive=False,
            on_response=self.on_response_complete,
        )
        made.more_body = False
        made.message_event.set()
        return made
