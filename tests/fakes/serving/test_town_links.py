"""Towns that fetch nothing by themselves: the portal hands over all the same; what came waits for who plays them."""

from __future__ import annotations

import time
from pathlib import Path

from fakes.endpoints import Server
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.population import first_household
from fakes.serving.folder import opened
from fakes.serving.rehearsal import Rehearsal, Wanted, serving
from tests.fakes.clients import ORIGIN, Person, Town
from tests.fakes.conftest import START

PATIENCE_S = 30.0


def test_the_portal_hands_over_and_the_towns_wait_for_who_plays_them(tmp_path: Path) -> None:
    wanted = Wanted(tls=False, town_links=False, households=3, start=START, seed=7)
    with opened(tmp_path / "run") as folder, serving(folder, wanted) as rehearsal:
        shown = rehearsal.credentials
        assert shown.people_day == START.date()
        links = {server.settings.server: server.settings.links for server in rehearsal.servers}
        assert links == {Server.PORTAL: True, Server.JLIS: True, Server.WARD: False}
        assert {server.settings.households for server in rehearsal.servers} == {3}
        receipt = filed(rehearsal, tmp_path / "run" / "cards")
        town = Town(url_of(rehearsal, Server.JLIS), 7, ORIGIN)
        assert town.login().status == 200
        end = time.monotonic() + PATIENCE_S
        while not (taken := town.take()):
            assert time.monotonic() < end, "the portal never handed it over"
        assert [one["reference_number"] for one in taken] == [receipt]
        town.close()


def filed(rehearsal: Rehearsal, cards: Path) -> str:
    """Let somebody file and sign, and return the receipt number."""
    people = People(7, rehearsal.credentials.people_day)
    one = Person(url_of(rehearsal, Server.PORTAL), people, first_household(ORIGIN), ORIGIN)
    assert one.login().status == 200
    temporary = one.submit(one.package()).result["temporary_reference_number"]
    key = CardIssuer.load(cards).signing(one.household.head, one.household.address)
    receipt: str = one.sign(temporary, key).result["reference_number"]
    one.close()
    return receipt


def url_of(rehearsal: Rehearsal, server: Server) -> str:
    """Return where a server is."""
    return next(running.url for running in rehearsal.servers if running.settings.server is server)
