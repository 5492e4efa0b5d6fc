"""uvicorn's HTTP protocol and a little more: the client's certificate, a limit for heads, ways to end a connection."""

from __future__ import annotations

import ssl
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_WHILE_READING: Final = 64 * 1024
"""A head that is larger than this is not even read to its end."""


class Protocol(HttpToolsProtocol):
    """One connection. The certificate is the same for all its requests, so it is taken out once."""

    def connection_made(self, transport: Any) -> None:
        """Take note of the peer's certificate."""
        super().connection_made(transport)
        session: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        self._extensions = {
            "hikkoshi.certificate": session.getpeercert(binary_form=True) if session is not None else None,
            "hikkoshi.cut": transport.abort,
        }
        self._head = 0

    def on_message_begin(self) -> None:
        """Give the application what the connection knows."""
        super().on_message_begin()
        self._head = 0
        self.scope["extensions"] = self._extensions

    def on_url(self, url: bytes) -> None:
        """Count the request line."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        super().on_header(name, value)
        self._count(len(name) + len(value))

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
            self.transport.abort()
