"""Handshakes that fail: no call comes of them, and yet each leaves an audit record, because somebody tried.

The libraries between the socket and the application keep such failures to themselves, so the one place where they
show is the TLS object itself. It does not know the address of the client, and the record has none.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from fakes.web.core import Core


def record_failures(context: ssl.SSLContext, core: Core[Any]) -> None:
    """Let every handshake of a server's context that fails be recorded; called in the event loop that serves.

    Who goes away in the middle of a handshake has not failed in it, and leaves no record.
    """
    loop = asyncio.get_running_loop()
    recording: set[asyncio.Task[None]] = set()

    class Watched(ssl.SSLObject):
        """A TLS connection of the server."""

        def do_handshake(self) -> None:
            """Shake hands as far as possible; called again when more has come."""
            try:
                super().do_handshake()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLError as problem:
                task = loop.create_task(core.note_failed_handshake(problem.reason or ""))
                recording.add(task)
                task.add_done_callback(recording.discard)
                raise

    context.sslobject_class = Watched
