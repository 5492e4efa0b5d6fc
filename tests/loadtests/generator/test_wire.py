"""A call goes out once, whatever becomes of the connection: the server counts the copies."""

from __future__ import annotations

import fcntl
import socket
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from geventhttpclient.client import HTTPClient
from geventhttpclient.response import HTTPParseError

from loadtests.generator.wire import NoAnswerError, Wire, is_open

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Which: One\r\n\r\nok"


class Dropping:
    """A server that reads every call whole and counts it; what it answers follows from the path.

    /fine is answered; /last is answered and the connection closed; /cut gets half an answer; /drop none at all.
    """

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, str]] = Counter()
        self.connections = 0
        self.done = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            while line := lines.readline():
                method, path, _ = line.decode().split(" ", 2)
                length = 0
                while (header := lines.readline()) not in {b"\r\n", b""}:
                    if header.lower().startswith(b"content-length:"):
                        length = int(header.split(b":")[1])
                lines.read(length)
                self.seen[method, path] += 1
                if path == "/cut":
                    connection.sendall(OK[:-1])
                elif path != "/drop":
                    connection.sendall(OK)
                if path != "/fine":
                    break
        self.done.set()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def server() -> Iterator[Dropping]:
    made = Dropping()
    yield made
    made.close()


@pytest.mark.parametrize("kept", [False, True], ids=["on a new connection", "on a kept connection"])
@pytest.mark.parametrize("path", ["/drop", "/cut"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "PATCH", "DELETE"])
def test_a_call_whose_answer_is_lost_was_sent_once(server: Dropping, method: str, path: str, kept: bool) -> None:
    wire = Wire(server.url)
    if kept:
        assert wire.send("GET", "/fine", {}).status == 200
    with pytest.raises(NoAnswerError):
        wire.send(method, path, {"X-Request-Id": "one"}, b"{}" if method != "GET" else b"")
    assert server.done.wait(10)
    assert server.seen[method, path] == 1
    assert server.connections == 1
    wire.close()


def test_the_client_below_locusts_own_sends_it_many_times(server: Dropping) -> None:
    """If this fails the library has changed, and the reason for a connection of our own with it."""
    client = HTTPClient.from_url(server.url, concurrency=10)
    with pytest.raises(HTTPParseError):
        client.get("/drop")
    assert server.seen["GET", "/drop"] > 1
    client.close()


def test_an_answer_comes_whole_and_its_connection_is_used_again(server: Dropping) -> None:
    wire = Wire(server.url)
    for _ in range(3):
        answer = wire.send("POST", "/fine", {"Content-Type": "text/plain"}, b"x" * 100_000)
        assert (answer.status, answer.body, answer.headers["x-which"]) == (200, b"ok", "One")
    assert server.connections == 1
    wire.close()


def test_a_connection_that_the_server_has_closed_is_not_used_again(server: Dropping) -> None:
    wire = Wire(server.url)
    assert wire.send("GET", "/last", {}).status == 200
    assert server.done.wait(10)
    assert wire.send("PUT", "/fine", {}, b"x").status == 200
    assert server.seen["PUT", "/fine"] == 1
    assert server.connections == 2
    wire.close()


def test_nobody_there_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NoAnswerError, match="refused"):
        Wire(f"http://127.0.0.1:{port}").send("GET", "/", {})


def test_an_open_connection_is_known_as_open_whatever_its_number() -> None:
    here, there = socket.socketpair()
    high = socket.socket(fileno=fcntl.fcntl(here.fileno(), fcntl.F_DUPFD, 1200))  # more than `select` can look at
    assert is_open(high)
    there.close()
    assert not is_open(high)
    for one in (here, high):
        one.close()
    assert not is_open(high)
