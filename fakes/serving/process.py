"""One process of a server: it serves on the socket that it is handed, says when it is ready, and ends in order.

It ends when it is told to (SIGTERM) or when whoever started it is gone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import uvicorn
import uvloop

from fakes.pki.peers import server_context
from fakes.serving.assembly import Assembled
from fakes.serving.handshakes import record_failures
from fakes.serving.settings import Settings
from fakes.web.protocol import Protocol

READY: Final = "ready"
_KEEP_ALIVE_S: Final = 75
_PATIENCE_S: Final = 3
"""Given to answers under way when a server stops."""
_ORPHAN_S: Final = 12
"""Given to a server whose starter is gone; then it ends in any case."""
_log = logging.getLogger("fakes.serving")


class _Server(uvicorn.Server):
    """uvicorn's server, which tells its starter when it listens and stops when its starter is gone."""

    def __init__(self, config: uvicorn.Config, starter: Connection) -> None:
        super().__init__(config)
        self._starter = starter

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets)
        loop = asyncio.get_running_loop()
        leave = partial(loop.call_soon_threadsafe, setattr, self, "should_exit", True)
        threading.Thread(target=_outlive, args=(self._starter, leave), name="starter", daemon=True).start()
        self._starter.send(READY)


def _outlive(starter: Connection, leave: Callable[[], object]) -> None:
    """End when the starter is gone. It never says anything: the pipe is readable when its other end is closed."""
    with suppress(OSError):
        starter.poll(None)
    with suppress(RuntimeError):  # the loop has ended by itself
        leave()
    time.sleep(_ORPHAN_S)
    os._exit(1)


def run(settings: Settings, listening: socket.socket, starter: Connection) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    settings
        Of the server, whose store is prepared.
    listening
        Socket that is bound already.
    starter
        Gets `READY`, or why it never will be.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the starter stops its servers
    line = f"%(asctime)s {settings.name} %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.WARNING, format=line, filename=settings.log or None)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, listening, starter))
    except Exception as problem:
        _log.exception("the server ended")
        with suppress(OSError):
            starter.send(f"{type(problem).__name__}: {problem}")
        sys.exit(1)


async def _serve(settings: Settings, listening: socket.socket, starter: Connection) -> None:
    assembled = Assembled(settings)
    assembled.start()
    config = uvicorn.Config(
        assembled.application,
        http=Protocol,
        ws="none",
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
        record_failures(config.ssl, assembled.core)
    server = _Server(config, starter)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, server.handle_exit, signal.SIGTERM, None)
    async with assembled.own_work():
        await server._serve([listening])  # `serve` would take the signals for itself
    await assembled.stop()
