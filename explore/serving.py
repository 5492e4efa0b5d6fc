"""The server of the page: on this machine's loopback alone, until it is stopped."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable

import uvicorn

from explore.app import Pages
from explore.guard import Guard

LOOPBACK = "127.0.0.1"
_PATIENCE_S = 2


class PortTakenError(Exception):
    """Somebody else has the port; the message says what the system says."""


def listen(port: int) -> socket.socket:
    """Return a socket on the loopback; port 0 takes a free one.

    Raises
    ------
    PortTakenError
        Where the port cannot be had.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        listening.close()
        raise PortTakenError(error.strerror or str(error)) from error
    return listening


class Server(uvicorn.Server):
    """The server of one page.

    Parameters
    ----------
    ready
        Is told the address as soon as it answers.
    """

    def __init__(self, pages: Pages, listening: socket.socket, ready: Callable[[str], None]) -> None:
        token = secrets.token_urlsafe(18)
        port = int(listening.getsockname()[1])
        super().__init__(
            uvicorn.Config(
                Guard(pages.application(token), port),
                lifespan="off",
                ws="none",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_PATIENCE_S,
            )
        )
        self._listening = listening
        self._ready = ready
        self._address = f"http://{LOOPBACK}:{port}/{token}/"

    def serve_until_stopped(self) -> None:
        """Serve until Ctrl-C or SIGTERM, which end it as they end every command."""
        self.run(sockets=[self._listening])

    def run_in_thread(self) -> None:
        """Serve until `should_exit`, in a thread, where signals are nobody's business."""
        asyncio.run(self._quietly())

    async def _quietly(self) -> None:
        await self._serve([self._listening])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say where."""
        await super().startup(sockets)
        self._ready(self._address)
