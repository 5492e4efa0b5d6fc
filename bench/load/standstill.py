"""A server that stands still once: it answers every call at once, but for a while in which it answers nobody.

`python -m bench.load.standstill --after 5 --stop 2` prints its address. The while begins so many seconds after the
first call. What clients should find follows: calls that come evenly wait evenly, between the whole of it and nothing.
"""

from __future__ import annotations

import asyncio
import os
import time
from argparse import ArgumentParser
from typing import Final

_BODY: Final = (
    b'{"metadata":{"title":"","detail":""},"_links":{"self":{"href":"/healthz"}},'
    b'"result":{"server":"portal","now":"2023-03-27T08:30:00+09:00","waiting":0}}'
)
_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n" % len(_BODY)
_NAME: Final = b"x-request-id:"


class Standstill(asyncio.Protocol):
    """One connection."""

    started = False

    def __init__(self, after: float, stop: float) -> None:
        self._after = after
        self._stop = stop
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole call; bodies are not expected."""
        if not Standstill.started and self._stop:
            Standstill.started = True
            # The whole process stops, as in a garbage collection or while it is being moved to another machine.
            asyncio.get_running_loop().call_later(self._after, time.sleep, self._stop)
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head, self._waiting = self._waiting[:end], self._waiting[end + 4 :]
            name = next((line for line in head.split(b"\r\n") if line.lower().startswith(_NAME)), b"")
            self._transport.write(_HEAD + (name + b"\r\n" if name else b"") + b"\r\n" + _BODY)


async def serve(after: float, stop: float) -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Standstill(after, stop), "127.0.0.1", 0, backlog=2048)
    port = server.sockets[0].getsockname()[1]
    os.write(1, f"http://127.0.0.1:{port}\n".encode())
    await server.serve_forever()


def percentile(percent: float, length: float, stop: float) -> float:
    """Return a percentile of waiting, seconds: a share stop/length of the calls waits evenly from 0 to stop."""
    share = stop / length
    above = 1 - percent / 100
    return 0.0 if above >= share else stop * (1 - above / share)


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--after", type=float, default=5.0)
    parser.add_argument("--stop", type=float, default=2.0)
    given = parser.parse_args()
    asyncio.run(serve(given.after, given.stop))
