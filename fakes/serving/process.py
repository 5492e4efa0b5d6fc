"""One process of a server: it serves on the socket that it is handed, says when it is ready, and ends in order.

It ends when it is told to (SIGTERM) or when whoever started it is gone.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import uvicorn
import uvloop

from fakes.pki.peers import server_context
from fakes.serving.assembly import Assembled
from fakes.serving.settings import Settings
from fakes.web.protocol import Protocol

READY: Final = "ready"
_KEEP_ALIVE_S: Final = 75
_PATIENCE_S: Final = 3
"""Given to answers under way when a server stops."""


class _Server(uvicorn.Server):
    """uvicorn's server, which tells its starter when it listens and stops when its starter is gone."""

    def __init__(self, config: uvicorn.Config, starter: Connection) -> None:
        super().__init__(config)
        self._starter = starter

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets)
        asyncio.get_running_loop().add_reader(self._starter.fileno(), self._left)
        self._starter.send(READY)

    def _left(self) -> None:
        """Nothing is ever sent this way: it is readable when the other end is closed."""
        asyncio.get_running_loop().remove_reader(self._starter.fileno())
        self.should_exit = True


def run(settings: Settings, listening: socket.socket, starter: Connection) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    settings
        Of the server, whose store is prepared.
    listening
        Socket that is bound already.
    starter
        Gets `READY`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the starter stops its servers
    logging.basicConfig(level=logging.WARNING, format=f"{settings.server.value} %(levelname)s %(name)s: %(message)s")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listening, starter))


async def _serve(settings: Settings, listening: socket.socket, starter: Connection) -> None:
    assembled = Assembled(settings)
    assembled.start()
    config = uvicorn.Config(
        assembled.application,
        http=Protocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # a header must not say where a call comes from
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_PATIENCE_S,
    )
    config.load()
    if settings.certificates:
        config.ssl = server_context(Path(settings.certificates), settings.server.value)
    server = _Server(config, starter)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, server.handle_exit, signal.SIGTERM, None)
    async with assembled.own_work():
        await server._serve([listening])  # `serve` would take the signals for itself
    await assembled.stop()
