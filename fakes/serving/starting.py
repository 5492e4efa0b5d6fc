"""Starts processes of servers and waits until they serve; stops them again."""

from __future__ import annotations

import multiprocessing
import socket
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Final, Self

from fakes.serving.assembly import prepare_store
from fakes.serving.process import READY, run
from fakes.serving.settings import LOOPBACK, Settings

_START_S: Final = 30.0
_STOP_S: Final = 15.0
_BACKLOG: Final = 4096
_SPAWN = multiprocessing.get_context("spawn")


class NotStartedError(Exception):
    """A server ended before it was ready."""


class Running:
    """A server that runs: where it listens, and the processes that serve.

    Used in a `with` block it is stopped at the end.
    """

    def __init__(self, settings: Settings, port: int, processes: list[SpawnProcess], pipes: list[Connection]) -> None:
        self.settings = settings
        self.port = port
        self.processes = processes
        self._pipes = pipes

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{'https' if self.settings.certificates else 'http'}://{LOOPBACK}:{self.port}"

    def wait_until_ready(self) -> None:
        """Return when every process serves.

        Raises
        ------
        NotStartedError
            When one ends instead, or takes longer than half a minute.
        """
        for pipe in self._pipes:
            try:
                ready = pipe.poll(_START_S) and pipe.recv() == READY
            except EOFError:
                ready = False
            if not ready:
                raise NotStartedError(self.settings.server.value)

    def stop(self) -> None:
        """Let what is under way be answered, then end; kill what does not."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join(_STOP_S)
            if process.is_alive():
                process.kill()
                process.join()
        for pipe in self._pipes:
            pipe.close()

    def kill(self) -> None:
        """End at once, as a power cut would (SIGKILL)."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.join()
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
        for settings, port, workers in wanted:
            prepare_store(settings)
            started.append(_launch(settings, port, workers))
        for running in started:
            running.wait_until_ready()
    except BaseException:
        for running in started:
            running.kill()
        raise
    return started


def _launch(settings: Settings, port: int, workers: int) -> Running:
    sockets = [listen(port, shared=workers > 1)]
    port = sockets[0].getsockname()[1]
    sockets += [listen(port, shared=True) for _ in range(workers - 1)]
    processes, pipes = [], []
    for listening in sockets:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=run, args=(settings, listening, theirs), daemon=True)
        process.start()
        theirs.close()
        listening.close()
        processes.append(process)
        pipes.append(ours)
    return Running(settings, port, processes, pipes)


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
