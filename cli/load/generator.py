"""Locust in processes of its own: it patches what it is loaded into, so the command line only starts and ends it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from results.machine import ROOT

LOCUSTFILE = ROOT / "loadtests" / "locustfile.py"
LOG = "locust.log"
_END_S = 5.0


class Generator:
    """Locust, headless, with a plan: one process, or a master and its workers.

    Parameters
    ----------
    plan
        File of the plan.
    workers
        As in the plan.
    folder
        For what Locust itself writes: log, tables, page.
    """

    def __init__(self, plan: Path, workers: int, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        common = ["--plan", str(plan.resolve())]
        own = ["--headless", "--only-summary", "--csv", str(folder.resolve() / "locust")]
        own += ["--html", str(folder.resolve() / "locust.html")]
        self._log = (folder / LOG).open("wb")
        self._processes: list[subprocess.Popen[bytes]] = []
        if workers == 1:
            self._start([*common, *own])
            return
        port = str(_free_port())
        place = ["--master-bind-host", "127.0.0.1", "--master-bind-port", port]
        self._start([*common, *own, "--master", "--expect-workers", str(workers), *place])
        for _ in range(workers):
            self._start([*common, "--worker", "--master-host", "127.0.0.1", "--master-port", port])

    def _start(self, words: list[str]) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
        self._processes.append(
            subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *words],
                cwd=ROOT,
                env={**environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours: we tell it once
            )
        )

    @property
    def over(self) -> bool:
        """Whether the process that leads has ended."""
        return self._processes[0].poll() is not None

    @property
    def pids(self) -> list[int]:
        """Numbers of its processes."""
        return [process.pid for process in self._processes]

    def interrupt(self) -> None:
        """Ask it to end: it lets journeys end, drains and writes its files."""
        if not self.over:
            self._processes[0].send_signal(signal.SIGINT)

    def end(self) -> None:
        """Wait a moment for what still writes, then kill what is left."""
        for process in self._processes:
            if self.over:
                try:
                    process.wait(_END_S)
                except subprocess.TimeoutExpired:
                    process.kill()
            else:
                process.kill()
            process.wait()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for process in self._processes:
                process.kill()
        self.end()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
