"""`hikkoshi serve` as a program of its own, for tests that look at it from outside."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.cli.small_ward import plain_environment
from tests.cli.test_interrupt import PATIENCE, ctrl_c_not_ignored, in_group, wait_until
from tests.fakes.clients import Client


class Served:
    """The command, on free ports, and what it said of itself; it is gone after the block."""

    def __init__(self, folder: Path, *words: str) -> None:
        with ctrl_c_not_ignored():
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "serve", "--json", "--ports", "0", "--folder", folder, *words],
                env=plain_environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                encoding="utf-8",
            )
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        else:
            raise AssertionError(self.process.communicate()[1])
        self.said: dict[str, Any] = json.loads("".join(lines))

    def client(self, server: str, peer: str = "", **headers: str) -> Client:
        """Return a client of a server, with the certificate of a system if one is named."""
        [url] = [one["url"] for one in self.said["servers"] if one["server"] == server]
        context = None
        if self.said["authority"]:
            context = ssl.create_default_context(cafile=self.said["authority"])
            if peer:
                context.load_cert_chain(next(one["file"] for one in self.said["peers"] if one["name"] == peer))
        named = {"X-Peer": peer} if peer and context is None else {}
        return Client(url, {"X-Test-Data": "synthetic", **named, **headers}, context)

    def ask(self, server: str, path: str = "/healthz") -> int:
        """Return the status of an answer, on a connection of its own."""
        client = self.client(server)
        try:
            return client.get(path).status
        finally:
            client.close()

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """End it as a terminal (to everybody) or a script (to the command) does; return exit code and remarks."""
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        _, remarks = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, remarks

    def left(self) -> list[float]:
        """Return what each of its processes that are still there has used of the processor, seconds."""
        return in_group(self.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        wait_until(lambda: not self.left())
