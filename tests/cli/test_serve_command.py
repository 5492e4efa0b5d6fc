"""`hikkoshi serve` from outside: three servers that answer, and nothing left of them afterwards."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from urllib.parse import urlencode

import pytest

from cli.exits import Exit
from fakes.store import audit
from fakes.store.databases import Place
from tests.cli.served import Served
from tests.cli.test_interrupt import PATIENCE, wait_until

SERVERS = ("portal", "jlis", "ward")
FORM = "application/x-www-form-urlencoded"


def test_it_is_there_until_it_is_told_to_stop_and_goes_on_another_time_where_it_ended(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words = ("--lang", "ja", "--no-links")
    with Served(folder, *words, "--clock", "2023-03-27 08:30", "--speed", "60", "--seed", "5") as served:
        first = served.said
        assert [one["server"] for one in first["servers"]] == list(SERVERS)
        assert all(one["url"].startswith("https://127.0.0.1:") for one in first["servers"])
        assert [served.ask(server) for server in SERVERS] == [200] * 3
        assert served.end(signal.SIGINT) == (Exit.INTERRUPTED, f"止めます。記録は {folder} に残っています。\n")
        wait_until(lambda: not served.left())
        with pytest.raises(ConnectionError):
            served.ask("portal")
    for server in SERVERS:
        with Place(f"sqlite:///{folder / server}.db", server).snapshot() as view:
            assert audit.verify(view).whole
    with Served(folder, *words) as served:
        assert served.said["clock"]["start"] >= first["clock"]["start"] >= "2023-03-27T08:30"
        for name in ("cards", "staff", "provider_password", "operator_key", "seed", "authority"):
            assert served.said[name] == first[name]
        assert served.ask("ward") == 200
        assert served.end(signal.SIGTERM)[0] == Exit.FINE


def test_what_it_says_opens_doors_and_a_server_that_is_killed_is_started_again(tmp_path: Path) -> None:
    with Served(tmp_path / "run", "--lang", "en") as served:
        portal = served.client("portal")
        for card in served.said["cards"]:
            given = {"card_serial": card["serial"], "pin": card["pin"]}
            assert portal.post("/accounts/login", given).status == 200
        provider = {"id": served.said["provider"], "password": served.said["provider_password"]}
        form = urlencode(provider).encode()
        assert portal.send("POST", "/accounts/authenticate_provider", form, Content_Type=FORM).status == 200
        portal.close()
        links = [one for one in served.said["staff"] if one["id"] == "link"]
        assert len(links) == 5
        given = {"municipality": links[0]["municipality"], "staff_id": "link", "password": links[0]["password"]}
        for peer, status in ((f"town-{links[0]['municipality']}", 200), ("", 403)):
            jlis = served.client("jlis", peer)
            assert jlis.post("/receive/v1/login", given).status == status
            jlis.close()
        secret = [Path(one["file"]) for one in served.said["peers"]] + [tmp_path / "run" / "credentials.json"]
        assert all(file.stat().st_mode & 0o077 == 0 for file in secret)

        [process] = served.said["processes"]["portal"]
        os.kill(process, signal.SIGKILL)
        assert served.process.stderr is not None
        assert served.process.stderr.readline() == "portal ended (exit code -9) and was started again.\n"
        assert served.ask("portal") == 200


def test_the_standby_takes_over_and_nothing_is_left_when_the_command_itself_is_killed(tmp_path: Path) -> None:
    words = ("--no-tls", "--standby", "--takeover", "1", "--workers", "2")
    with Served(tmp_path / "run", *words) as served:
        assert sum(len(own) for own in served.said["processes"].values()) == 8
        assert (served.ask("jlis-primary"), served.ask("jlis-standby")) == (200, 503)
        for process in served.said["processes"]["jlis-primary"]:
            os.kill(process, signal.SIGKILL)
        wait_until(lambda: served.ask("jlis-standby") == 200)
        served.process.kill()
        served.process.wait(PATIENCE)
        wait_until(lambda: not served.left())
