"""All three servers, on real ports."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.endpoints import Server
from fakes.serving.starting import start_all
from tests.fakes.clients import Client
from tests.fakes.conftest import settings_in


def test_the_three_servers_start_together_and_say_who_they_are(tmp_path: Path) -> None:
    running = start_all([(settings_in(tmp_path, server), 0, 1) for server in Server])
    try:
        for one in running:
            client = Client(one.url)
            assert client.get("/healthz").result["server"] == one.settings.server
            described = client.get("/openapi.json").json
            assert described["info"]["title"].isprintable()
            client.close()
    finally:
        for one in running:
            one.stop()


def test_if_one_cannot_start_none_is_left(tmp_path: Path) -> None:
    first = settings_in(tmp_path, Server.JLIS)
    nowhere = settings_in(tmp_path, Server.WARD, database=f"sqlite:///{tmp_path}/missing/ward.db")
    with pytest.raises(Exception, match="unable to open"):
        start_all([(first, 0, 1), (nowhere, 0, 1)])
