"""An open-loop client: requests are due at a fixed rate whatever the server does, and latency counts from then.

It states its own lateness: how long after its due time a request went out although a connection was free.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import uvloop

CONNECTIONS: Final = 64
_LENGTH: Final = b"content-length: "


@dataclass(slots=True)
class Found:
    """What a run at a fixed rate found; seconds."""

    rate: float
    latencies: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    refused: int = 0

    def quantile(self, share: float) -> float:
        """Latency that this share of the requests did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Line(asyncio.Protocol):
    """One keep-alive connection; one request at a time."""

    def __init__(self, client: _Client) -> None:
        self._client = client
        self._got = bytearray()
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        start = self._got.index(_LENGTH) + len(_LENGTH)
        length = int(self._got[start : self._got.index(b"\r\n", start)])
        if len(self._got) < end + 4 + length:
            return
        fine = self._got.startswith(b"HTTP/1.1 200")
        self._got.clear()
        self._client.answered(self, fine)


class _Client:
    def __init__(self, requests: list[bytes], rate: float, seconds: float) -> None:
        self._requests = requests
        self._rate = rate
        self._total = int(rate * seconds)
        self._sent = 0
        self._free: deque[_Line] = deque()
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._loop = asyncio.get_running_loop()
        self._done = self._loop.create_future()
        self.found = Found(rate)

    async def run(self, port: int) -> Found:
        for _ in range(CONNECTIONS):
            _, line = await self._loop.create_connection(lambda: _Line(self), "127.0.0.1", port)
            self._free.append(line)
        self._start = self._loop.time() + 0.05
        self._tick()
        await self._done
        for line in self._free:
            line.transport.close()
        return self.found

    def _tick(self) -> None:
        """Send everything that is due."""
        now = self._loop.time()
        while self._sent < self._total and (due := self._start + self._sent / self._rate) <= now:
            request = self._requests[self._sent % len(self._requests)].replace(b"%d", b"%d" % self._sent, 1)
            self._sent += 1
            if self._free:
                self.found.lags.append(now - due)
                self._send(self._free.popleft(), due, request)
            else:
                self._waiting.append((due, request))
        if self._sent < self._total:
            self._loop.call_at(self._start + self._sent / self._rate, self._tick)

    def _send(self, line: _Line, due: float, request: bytes) -> None:
        line.due = due
        line.transport.write(request)  # type: ignore[attr-defined]

    def answered(self, line: _Line, fine: bool) -> None:
        self.found.latencies.append(self._loop.time() - line.due)
        self.found.refused += not fine
        if self._waiting:
            self._send(line, *self._waiting.popleft())
        else:
            self._free.append(line)
        if len(self.found.latencies) == self._total:
            self._done.set_result(None)


def at_rate(port: int, requests: list[bytes], rate: float, seconds: float) -> Found:
    """Send requests at a rate for some seconds, in turn; `%d` in one becomes its number."""

    async def run() -> Found:
        return await _Client(requests, rate, seconds).run(port)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())
