"""The page of a server: what it is, what waits, what happened, what is wrong on purpose; safe to open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fakes.clock import JST, micros_of
from fakes.endpoints import Server
from fakes.pages.page import ShownEvent, ShownFault, Status, policy, render, style
from fakes.pages.queues import QUEUES
from fakes.serving.starting import Running, start
from tests.fakes.clients import Client, Person
from tests.fakes.conftest import settings_in
from texts import LANGS, Lang

AT = micros_of(datetime(2023, 3, 27, 8, 30, tzinfo=JST))
VOID = {"meta", "link"}


class Read(HTMLParser):
    """Elements and text of a page; it fails where elements are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self._open[-1] != "style":
            self.text.append(data.strip())


def status(**others: object) -> Status:
    values: dict[str, object] = {
        "server": "jlis", "name": "jlis", "at": AT, "speed": 60.0, "leads": None, "calls": 0,
        "queues": [("applications", {"131041": 1204, "990019": 3})], "events": 0, "audited": 7, "last": [],
        "faults": [], "defects": (),
    }  # fmt: skip
    return Status(**{**values, **others})  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", LANGS)
def test_it_is_a_whole_document_without_scripts_and_without_anything_from_elsewhere(lang: Lang) -> None:
    page = render(status(), lang).decode()
    read = Read(page)
    assert page.startswith("<!doctype html>")
    assert dict(read.elements)["html"]["lang"] == lang
    assert "script" not in dict(read.elements)
    addresses = [value for _, given in read.elements for name, value in given.items() if name in {"href", "src"}]
    assert all(address is not None and address.startswith(("/", "data:")) for address in addresses)
    assert f"<style>{style()}</style>" in page
    assert "script-src" not in policy()
    assert policy().startswith("default-src 'none'; style-src 'sha256-")


def test_the_other_language_is_one_click_away() -> None:
    for lang, other in (("ja", "en"), ("en", "ja")):
        links = [given for tag, given in Read(render(status(), lang).decode()).elements if tag == "a"]  # type: ignore[arg-type]
        assert links[0]["href"] == f"/?lang={other}"


def test_what_waits_is_counted_in_all_and_by_town() -> None:
    text = Read(render(status(), "ja").decode()).text
    assert "1,207" in text
    assert "131041 新宿区　1,204" in text
    assert "いま起きている障害" in text
    assert "ありません。" in text


def test_what_is_wrong_on_purpose_is_said() -> None:
    faults = [ShownFault("slow-1", "slow", "/relay/", 12)]
    page = Read(render(status(faults=faults, defects=("batch-cut",), leads=False, name="jlis-standby"), "en").decode())
    for word in ("slow-1", "/relay/", "12", "batch-cut", "jlis-standby: stands by"):
        assert word in " ".join(page.text)
    assert "None." not in page.text


def test_what_callers_send_is_shown_as_text() -> None:
    event = ShownEvent(1, AT, "kind", "<script>alert(1)</script>", "131041", 'x"><img src=//evil>', 1, "")
    page = render(status(last=[event], events=1), "ja").decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "2023-03-27 08:30:00" in page


@pytest.fixture(scope="module")
def standby(tmp_path_factory: pytest.TempPathFactory, cards: tuple[object, Path]) -> object:
    folder = tmp_path_factory.mktemp("standby")
    settings = {"cards": str(cards[1]), "takeover_s": 60.0}
    with (
        start(settings_in(folder, Server.JLIS, instance="primary", **settings)),
        start(settings_in(folder, Server.JLIS, instance="standby", **settings)) as running,
    ):
        yield running


def test_the_portal_shows_what_happened_last_and_accounts_for_being_looked_at(
    portal: Running, person: Callable[[int], Person]
) -> None:
    applicant = person(4000)
    applicant.login("0000" if applicant.card.pin != "0000" else "1111")
    client = Client(portal.url)
    answer = client.get("/")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == policy()
    assert answer.headers["x-content-type-options"] == "nosniff"
    text = Read(answer.body.decode()).text
    assert applicant.card.serial in text
    assert "ぴったりサービス（試験用）" in text
    assert "Portal (for rehearsal)" in Read(client.get("/", Accept_Language="en-GB").body.decode()).text
    assert "ぴったりサービス（試験用）" in Read(client.get("/?lang=ja", Accept_Language="en").body.decode()).text
    assert client.get("/?lang=fr").status == 400
    assert client.post("/", {}).status == 405
    client.close()


def test_an_instance_that_stands_by_says_so_to_people_and_refuses_systems(standby: Running) -> None:
    client = Client(standby.url)
    answer = client.get("/?lang=en")
    assert (answer.status, client.get("/healthz").status) == (200, 503)
    assert "jlis-standby: stands by" in Read(answer.body.decode()).text
    client.close()


def test_the_towns_have_their_queue_and_a_fault_is_shown_as_soon_as_it_is_there(tmp_path: Path) -> None:
    with start(settings_in(tmp_path, Server.WARD, households=1, operator_key="k" * 32)) as running:
        client = Client(running.url, {"Authorization": "Bearer " + "k" * 32})
        assert "J-LIS に送る前のもの" in Read(client.get("/").body.decode()).text
        assert "ありません。" in Read(client.get("/").body.decode()).text
        fault = {"id": "late", "effect": {"what": "slow", "mean_ms": 1}, "where": {"routes": ["/shinsei/"]}}
        assert client.post("/__admin/faults", fault).status == 201
        text = Read(client.get("/").body.decode()).text
        assert "late" in text
        assert "/shinsei/" in text
        assert "ありません。" not in text
        client.close()
    assert set(QUEUES) == set(Server)
