"""Starts processes of servers and waits until they serve; stops them again."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Final, Self

from msgspec.structs import replace

from fakes.serving.assembly import prepare_store
from fakes.serving.forking import FORKING, no_interrupt, warm_up
from fakes.serving.process import READY, run
from fakes.serving.settings import LOOPBACK, Settings

_START_S: Final = 120.0
_STOP_S: Final = 15.0
_BACKLOG: Final = 4096


class NotStartedError(Exception):
    """A server ended before it was ready.

    Attributes
    ----------
    server
        Its name.
    reason
        What it said; empty if it said nothing.
    """

    def __init__(self, server: str, reason: str = "") -> None:
        super().__init__(f"{server}: {reason}")
        self.server = server
        self.reason = reason


class Running:
    """A server that runs: where it listens, and the processes that serve.

    Used in a `with` block it is stopped at the end.
    """

    def __init__(self, settings: Settings, port: int, sockets: Iterable[socket.socket]) -> None:
        self.settings = settings
        self.port = port
        self.processes: list[ForkServerProcess] = []
        self._pipes: list[Connection] = []
        self._ready = False
        self._gone_at: float | None = None
        for listening in sockets:
            process, pipe = _launch(self._settings(len(self.processes)), listening)
            self.processes.append(process)
            self._pipes.append(pipe)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{'https' if self.settings.certificates else 'http'}://{LOOPBACK}:{self.port}"

    def wait_until_ready(self) -> None:
        """Return when every process serves.

        Raises
        ------
        NotStartedError
            When one ends instead, or takes longer than two minutes.
        """
        if not self._ready:
            for pipe in self._pipes:
                self._wait(pipe)
            self._ready = True

    def revive(self) -> list[int]:
        """Start again what has ended by itself, on the same port; return the exit codes of what was started again.

        What ends of one of several instances stays away until another one may lead: processes that are killed together
        do not end in the same moment, and the first to come back would go on leading.

        Raises
        ------
        OSError
            When the port is taken meanwhile.
        NotStartedError
            As `wait_until_ready`.
        """
        ended = [place for place, process in enumerate(self.processes) if process.exitcode is not None]
        if not ended:
            self._gone_at = None
            return []
        if not self._has_been_away():
            return []
        codes = [self.processes[place].exitcode or 0 for place in ended]
        for place in ended:
            self._pipes[place].close()
            listening = listen(self.port, shared=len(self.processes) > 1)
            self.processes[place], self._pipes[place] = _launch(self._settings(place), listening)
            self._wait(self._pipes[place])
        self._gone_at = None
        return codes

    def stop(self) -> None:
        """Let what is under way be answered, then end; kill what does not."""
        stop_all([self])

    def kill(self) -> None:
        """End at once, as a power cut would (SIGKILL)."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.join()
        self._close()

    def tell(self) -> None:
        """Ask it to stop, and do not wait."""
        for process in self.processes:
            process.terminate()

    def join(self) -> None:
        """Wait until it has stopped; kill what does not."""
        for process in self.processes:
            process.join(_STOP_S)
            if process.is_alive():
                process.kill()
                process.join()
        self._close()

    def _wait(self, pipe: Connection) -> None:
        try:
            said = pipe.recv() if pipe.poll(_START_S) else ""
        except EOFError:
            said = ""
        if said != READY:
            raise NotStartedError(self.settings.server.value, said)

    def _has_been_away(self) -> bool:
        """Whether part of an instance has been gone for as long as a takeover may last."""
        if not self.settings.instance:
            return True
        self._gone_at = self._gone_at or time.monotonic()
        return time.monotonic() - self._gone_at >= self.settings.takeover_s

    def _settings(self, place: int) -> Settings:
        """Return the settings of one process: what is done without being called is done by the first."""
        return self.settings if place == 0 else replace(self.settings, links=False)

    def _close(self) -> None:
        for pipe in self._pipes:
            pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()


def start(settings: Settings, port: int = 0, workers: int = 1) -> Running:
    """Start a server and return when it serves.

    Parameters
    ----------
    port
        0 for a free one.
    workers
        Processes on the one port and store.

    Raises
    ------
    OSError
        When the port is taken.
    NotStartedError
        When a process ends before it is ready.
    """
    return start_all([(settings, port, workers)])[0]


def start_all(wanted: list[tuple[Settings, int, int]]) -> list[Running]:
    """Start several servers at once; all serve on return, or none is left."""
    started: list[Running] = []
    try:
        warm_up()
        for settings, port, workers in wanted:
            prepare_store(settings)
            started.append(launch(settings, bind(port, workers)))
        for running in started:
            running.wait_until_ready()
    except BaseException:
        kill_all(started)
        raise
    return started


def stop_all(running: Iterable[Running]) -> None:
    """Stop several servers together."""
    servers = list(running)
    for server in servers:
        server.tell()
    for server in servers:
        server.join()


def kill_all(running: Iterable[Running]) -> None:
    """End several servers at once."""
    for server in running:
        server.kill()


def bind(port: int, workers: int = 1) -> list[socket.socket]:
    """Return a socket for each process of a server, all on one port; 0 for a free one.

    Raises
    ------
    OSError
        When it is taken.
    """
    sockets = [listen(port, shared=workers > 1)]
    port = sockets[0].getsockname()[1]
    sockets += [listen(port, shared=True) for _ in range(workers - 1)]
    return sockets


def launch(settings: Settings, sockets: list[socket.socket]) -> Running:
    """Start the processes of a server whose store is prepared; they get the sockets, and are not waited for."""
    return Running(replace(settings, processes=len(sockets)), sockets[0].getsockname()[1], sockets)


def listen(port: int, *, shared: bool = False) -> socket.socket:
    """Return a socket that listens on loopback; a shared one divides its connections among processes."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _launch(settings: Settings, listening: socket.socket) -> tuple[ForkServerProcess, Connection]:
    ours, theirs = FORKING.Pipe()
    process = FORKING.Process(target=run, args=(settings, listening, theirs), daemon=True)
    with no_interrupt():
        process.start()
    theirs.close()
    listening.close()
    return process, ours
