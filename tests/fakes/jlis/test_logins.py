"""Who gets into the receipt API: a town's own staff, with its certificate, its password and the right section."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fakes.serving.starting import start
from fakes.store import audit
from fakes.store.databases import Place
from tests.fakes.clients import Town
from tests.fakes.conftest import SEED
from tests.fakes.inprocess import Local, locals_of
from tests.fakes.jlis.applications import ORIGIN, OTHER
from tests.fakes.jlis.conftest import standing


def test_a_token_lasts_its_hour_and_is_for_its_own_town(local: Local, origin: Town) -> None:
    assert origin.login().result["expires_in"] == 3600
    assert origin.search()["applications"] == []
    stolen = Town(local, SEED, OTHER)
    stolen.headers["Authorization"] = origin.headers["Authorization"]
    assert (stolen.post("/receive/v1/applications/search", {}).status, stolen.get("/cs/v1/inbox").status) == (403, 204)
    local.advance(timedelta(hours=1))
    assert origin.post("/receive/v1/applications/search", {}).code == "E5010"
    assert origin.login().status == 200
    origin.headers["Authorization"] += "x"
    assert origin.post("/receive/v1/applications/search", {}).status == 401


def test_nobody_logs_in_for_another_town(origin: Town) -> None:
    origin.headers["X-Peer"] = f"town-{OTHER}"
    assert (origin.login().status, origin.login().code) == (403, "E5012")
    origin.headers["X-Peer"] = "town-999999"
    assert origin.login().code == "E5011"


def test_another_section_sees_no_application(origin: Town) -> None:
    for name in ("insured01", "audit01", "cards01"):
        assert origin.login(name).status == 200
        assert origin.post("/receive/v1/applications/search", {}).code == "E5012"
        assert origin.fetch("20230301000000001").status == 403


def test_five_wrong_passwords_lock_an_account_for_half_an_hour_and_nobody_else(local: Local, origin: Town) -> None:
    assert origin.login("nobody", "x").status == 401
    tried = [origin.login("clerk01", "wrong") for _ in range(4)] + [origin.login("clerk01")]
    assert [answer.status for answer in tried] == [401] * 4 + [200], "a success starts the count again"
    assert [origin.login("clerk01", "wrong").status for _ in range(6)] == [401] * 5 + [423]
    locked = origin.login("clerk01")
    assert (locked.status, locked.code) == (423, "E5015")
    assert "09:30" in locked.json["detail"]
    assert (origin.login("clerk02").status, local.town(OTHER).login("clerk01").status) == (200, 200)
    local.advance(timedelta(minutes=31))
    assert [origin.login("clerk01", "wrong").status for _ in range(2)] == [401, 401]
    assert origin.login("clerk01").status == 200


def test_a_login_that_is_answered_late_lets_others_through_meanwhile(local: Local, origin: Town) -> None:
    """The comparison runs in a thread of its own: a health check that comes later is answered first."""
    assert local.overtakes(
        ("POST", "/receive/v1/login", {"municipality": ORIGIN, "staff_id": "link", "password": "x"}),
        ("GET", "/healthz", None),
        peer=f"town-{ORIGIN}",
    )


def test_too_many_calls_are_refused_by_caller(tmp_path: Path) -> None:
    with locals_of(standing(tmp_path, rate=0.001, burst=3)) as [local]:
        origin = local.town(ORIGIN)
        statuses = [origin.get("/cs/v1/inbox").status for _ in range(4)]
        assert statuses == [204, 204, 429, 429]
        assert Town(local, SEED, OTHER).login().status == 200


@pytest.mark.parametrize("peer", ["", "stranger", "town-131041\n"])
def test_strangers_leave_a_record_and_nothing_else(tmp_path: Path, peer: str) -> None:
    with locals_of(standing(tmp_path)) as [local]:
        town = Town(local, SEED, ORIGIN)
        town.headers["X-Peer"] = peer
        paths = ["/cs/v1/inbox", "/jpki/crl/sign.crl", "/receive/v1/applications/20230301000000001"]
        assert [town.get(path).code for path in paths] == ["E5011"] * 3
        assert audit.verify(local.view()).records == 3
        assert local.everything("event") == b""


def test_over_real_processes_a_lock_counts_for_all_of_them(tmp_path: Path) -> None:
    settings = standing(tmp_path)
    with start(settings, workers=2) as running:
        statuses = []
        for _ in range(6):  # a new connection each: the kernel chooses the process
            town = Town(running.url, SEED, ORIGIN)
            statuses.append(town.login("clerk01", "wrong").status)
            town.close()
    assert statuses == [401] * 5 + [423]
    with Place(settings.database, "jlis").snapshot() as view:
        assert audit.verify(view) == audit.Verified(6)
