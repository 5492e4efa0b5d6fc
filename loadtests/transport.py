"""How servers can be talked to: with which TLS, and whether also without."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

PLAIN: Final = "plain"
"""Name of a connection without TLS among those that are counted."""
_TIMEOUT_S: Final = 5.0


class Door(Struct, frozen=True):
    """One address.

    Attributes
    ----------
    version, cipher
        As agreed with a client that wants TLS; empty when there is none.
    plain
        Whether a call without TLS got an answer of HTTP.
    """

    url: str
    version: str
    cipher: str
    plain: bool


def doors_of(urls: Sequence[str], authority: str) -> tuple[Door, ...]:
    """Knock at each address, with TLS and without; a server that is gone has neither.

    Parameters
    ----------
    authority
        File of the authority that vouches for the servers; empty without TLS.
    """
    return tuple(Door(url, *_encrypted(url, authority), _answers_plain(url)) for url in urls)


def name_of(sock: Any) -> str:
    """Return how a connection is counted: version and cipher, or `PLAIN`; gevent has sockets of its own."""
    if not hasattr(sock, "cipher"):
        return PLAIN
    cipher = sock.cipher()
    return f"{sock.version()} {cipher[0] if cipher else ''}".strip()


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _encrypted(url: str, authority: str) -> tuple[str, str]:
    if not authority:
        return "", ""
    context = ssl.create_default_context(cafile=authority)
    try:
        with (
            socket.create_connection(_place(url), _TIMEOUT_S) as raw,
            context.wrap_socket(raw, server_hostname=_place(url)[0]) as sock,
        ):
            cipher = sock.cipher()
            return sock.version() or "", cipher[0] if cipher else ""
    except OSError:
        return "", ""


def _answers_plain(url: str) -> bool:
    try:
        with socket.create_connection(_place(url), _TIMEOUT_S) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return sock.recv(5) == b"HTTP/"
    except OSError:
        return False
