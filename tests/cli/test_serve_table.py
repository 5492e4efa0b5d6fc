"""What people read when the servers are there: in their language, plain where nobody watches, addresses unbroken."""

from __future__ import annotations

from datetime import datetime

import pytest

from cli.here import Here
from cli.serve_table import show
from fakes.clock import JST
from fakes.endpoints import Server
from fakes.people import People
from fakes.serving import credentials
from fakes.serving.credentials import Credentials
from fakes.serving.settings import Settings
from texts import LANGS, Lang

START = datetime(2023, 3, 27, 8, 30, tzinfo=JST)


def shown(certificates: str) -> Credentials:
    urls = [(name, f"https://127.0.0.1:{port}") for port, name in enumerate(("portal", "jlis-standby"), start=8441)]
    return Credentials(
        "/somewhere/with a rather long name/that/is/not/to/be/broken/anywhere",
        7,
        START.date(),
        credentials.authority_of(certificates),
        credentials.addresses(urls),
        credentials.cards_of(People(7, START.date())),
        credentials.staff_of(7),
        credentials.systems_of(7),
        credentials.peers_of(certificates),
        "provider",
        "p" * 64,
        "k" * 32,
    )


def page(lang: Lang, certificates: str = "/tls", defects: tuple[str, ...] = ()) -> str:
    settings = Settings(server=Server.JLIS, database="", start=START, speed=60.0)
    return show(shown(certificates), settings, defects, Here(lang, ()))


@pytest.mark.parametrize("lang", LANGS)
def test_addresses_and_secrets_stand_whole_on_plain_lines(lang: Lang) -> None:
    text = page(lang)
    whole = shown("/tls")
    assert "\x1b" not in text
    assert whole.folder in text
    for secret in (*(one.page for one in whole.servers), *(one.pin for one in whole.cards), whole.operator_key):
        assert secret in text
    for one in whole.staff:
        assert (one.password in text) is (one.municipality in {"131041", "990019"})
    assert all(line == line.rstrip() for line in text.splitlines())


def test_each_language_has_its_words() -> None:
    assert "予備系" in page("ja")
    assert "standby" in page("en")
    assert "2023-03-27 08:30" in page("ja")
    assert "60" in page("ja")


def test_defects_are_said_and_without_tls_the_names_of_systems() -> None:
    assert "batch-cut" in page("ja", defects=("batch-cut",))
    assert "X-Peer: portal, town-131041" in page("ja", "")
    assert "X-Peer" not in page("ja")
