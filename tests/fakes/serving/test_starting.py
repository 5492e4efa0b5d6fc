"""Servers start when they are wanted, say when they serve, and leave nothing behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from fakes.endpoints import Server
from fakes.people import People
from fakes.serving.starting import NotStartedError, start
from fakes.store import audit
from fakes.store.databases import Place
from tests.fakes.clients import Client, Person
from tests.fakes.conftest import SEED, START, database_of, settings_in


def test_several_processes_share_a_port_and_a_store_and_know_each_others_sessions(tmp_path: Path) -> None:
    people = People(SEED, START.date())
    with start(settings_in(tmp_path, Server.PORTAL), workers=2) as running:
        first = Person(running.url, people, 0)
        first.login()
        number = first.submit(first.package()).result["temporary_reference_number"]
        for _ in range(8):  # a new connection each: the kernel chooses the process
            asking = Person(running.url, people, 0)
            asking.headers["X-Access-Key"] = first.headers["X-Access-Key"]
            assert asking.inquire(number).result["status_code"] == "003"
            asking.close()
        first.close()
    with Place(database_of(tmp_path, Server.PORTAL), "portal").snapshot() as view:
        assert audit.verify(view) == audit.Verified(10)


def test_what_was_answered_is_there_after_a_power_cut_and_keys_still_open(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, Server.PORTAL)
    running = start(settings)
    one = Person(running.url, People(SEED, START.date()), 0)
    one.login()
    number = one.submit(one.package()).result["temporary_reference_number"]
    running.kill()
    one.close()
    with start(settings, running.port) as again:
        assert again.port == running.port
        assert one.inquire(number).result["status_code"] == "003"
        one.close()


def test_a_stopped_server_is_gone(tmp_path: Path) -> None:
    running = start(settings_in(tmp_path, Server.PORTAL))
    client = Client(running.url)
    assert client.get("/healthz").status == 200
    running.stop()
    assert [process.exitcode for process in running.processes] == [0]
    with pytest.raises(ConnectionError):
        Client(running.url).get("/healthz")
    client.close()


def test_a_taken_port_is_said_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        start(settings_in(tmp_path, Server.PORTAL), taken.getsockname()[1])


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    log = tmp_path / "portal.log"
    with pytest.raises(NotStartedError, match="portal: FileNotFoundError"):
        start(settings_in(tmp_path, Server.PORTAL, certificates="/nowhere", log=str(log)))
    assert "Traceback" in log.read_text(encoding="utf-8")
