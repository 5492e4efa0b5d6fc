"""What has ended opens nothing: keys, tokens, cards and certificates that expired or were revoked."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from fakes.endpoints import Server
from fakes.people import People
from fakes.pki.cards import CardIssuer, CardKey
from fakes.pki.holder import holder_of
from fakes.pki.oids import Purpose
from fakes.serving.starting import start
from tests.fakes.clients import ORIGIN, Person, Town
from tests.fakes.conftest import PEERS, SEED, START, settings_in
from tests.fakes.hostile.evidence import Evidence
from tests.fakes.inprocess import Local, locals_of
from tests.fakes.jlis.conftest import standing
from tests.fakes.ward.towns import Caller, Towns, filed, proof, sqlite_towns
from tests.fakes.ward.towns import standing as ward_in

Cards = tuple[CardIssuer, Path]


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Local]:
    with locals_of(settings_in(tmp_path, Server.PORTAL, speed=0.0)) as [local]:
        yield local


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """That of the portal."""
    return Evidence(settings_in(tmp_path, Server.PORTAL))


@pytest.fixture
def one(portal: Local, people: People) -> Person:
    """An applicant who has logged in."""
    made = Person(portal, people, 0)
    assert made.login().status == 200
    return made


def test_an_access_key_opens_nothing_after_its_time(portal: Local, one: Person, evidence: Evidence) -> None:
    temporary = one.submit(one.package()).result["temporary_reference_number"]
    package = one.package(6)
    portal.advance(timedelta(minutes=31))
    evidence.refuses(lambda: one.inquire(temporary), 401, "E0901")
    evidence.refuses(lambda: one.submit(package), 401, "E0901")


def test_a_card_opens_nothing_after_its_certificates_last_day(portal: Local, one: Person, evidence: Evidence) -> None:
    last = one.card.authentication.valid_until
    portal.advance(timedelta(days=(last - START.date()).days))
    assert one.login().status == 200, "on its last day it still does"
    portal.advance(timedelta(days=1))
    evidence.refuses(one.login, 409, "E3004")


def _certificate(cards: Cards, one: Person, since: timedelta, until: date) -> CardKey:
    """Return a signing certificate that is valid from some time after the start of the scenario to a day."""
    signing = one.card.signing
    assert signing is not None
    issuer, head = cards[0], one.household.head
    key = issuer.pool.key_for(signing.serial)
    holder = holder_of(head, one.household.address)
    made = issuer.authorities[Purpose.SIGNING].issue(key.public_key(), signing.serial, START + since, until, holder)
    return CardKey(made, key)


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        (timedelta(days=-400), START.date() - timedelta(days=1), "E3004"),
        (timedelta(days=1), START.date() + timedelta(days=400), "E3005"),
    ],
)
def test_a_certificate_signs_nothing_outside_its_time(
    one: Person, evidence: Evidence, cards: Cards, since: timedelta, until: date, code: str
) -> None:
    temporary = one.submit(one.package()).result["temporary_reference_number"]
    content = one.to_sign(temporary)
    key = _certificate(cards, one, since, until)
    evidence.refuses(lambda: one.send_signature(temporary, content, key), 409, code)
    right = _certificate(cards, one, timedelta(days=-400), START.date())
    assert one.send_signature(temporary, content, right).status == 200, "on its last day it still does"


def test_a_certificate_of_another_authority_or_for_another_use_signs_nothing(
    one: Person, evidence: Evidence, cards: Cards
) -> None:
    temporary = one.submit(one.package()).result["temporary_reference_number"]
    content = one.to_sign(temporary)
    stranger = CardIssuer.create(START, pool=cards[0].pool).signing(one.household.head, one.household.address)
    evidence.refuses(lambda: one.send_signature(temporary, content, stranger), 400, "E3003")
    login = cards[0].authentication(one.household.head)
    evidence.refuses(lambda: one.send_signature(temporary, content, login), 400, "E3007")
    damaged = {"temporary_reference_number": temporary, "signing_password": one.card.signing_password}
    for signature in (b"", b"0", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"0" * 20_000):
        said = {**damaged, "signature": base64.b64encode(signature).decode()}
        evidence.refuses(partial(one.post, "/apply/submit_signature", said), 400, "E3001")


def test_a_signing_certificate_that_was_revoked_signs_nothing_from_then_on(
    tmp_path: Path, people: People, cards: Cards
) -> None:
    settings = settings_in(tmp_path, Server.JLIS, peers=PEERS)
    with ExitStack() as stack:
        jlis = stack.enter_context(start(settings))
        at_portal = settings_in(tmp_path, Server.PORTAL, jlis=(jlis.url,), link_s=3600.0)
        portal = stack.enter_context(start(at_portal))
        one, town = Person(portal.url, people, 0), Town(jlis.url, SEED, ORIGIN)
        stack.callback(one.close)
        stack.callback(town.close)
        assert one.login().status == 200
        temporary = one.submit(one.package()).result["temporary_reference_number"]
        content, key = one.to_sign(temporary), cards[0].signing(one.household.head, one.household.address)
        revoked = {"serial": key.certificate.serial_number, "reason": "affiliation_changed"}
        assert town.post("/jpki/v1/revocations", revoked).status == 200
        Evidence(at_portal).refuses(lambda: one.send_signature(temporary, content, key), 409, "E3006")


def test_tokens_of_a_towns_staff_open_nothing_after_their_time(tmp_path: Path) -> None:
    with locals_of(standing(tmp_path)) as [local]:
        town = local.town(ORIGIN)
        local.advance(timedelta(hours=1, minutes=1))
        Evidence(standing(tmp_path)).refuses(lambda: town.fetch("2" * 17), 401, "E5010")


@pytest.fixture
def towns(tmp_path: Path) -> Iterator[Towns]:
    with sqlite_towns(tmp_path) as made:
        yield made


def test_at_the_ward_what_ended_was_revoked_or_locked_opens_nothing(towns: Towns, tmp_path: Path) -> None:
    evidence, town = Evidence(ward_in(tmp_path)), towns.town(ORIGIN)
    number, _ = filed(towns, towns.household())
    token = town.token().json["access_token"]
    system = Caller(towns, {"Authorization": f"Bearer {token}"})
    question = {**proof(towns, town.client()), "token": token}
    del question["grant_type"]
    assert Caller(towns).form("/oauth2/revoke", question).status == 200
    evidence.refuses(lambda: system.post("/link/v1/starts", {}), 401, "E5010")
    late = proof(towns, town.client())
    assert [town.login("clerk02", "wrong").status for _ in range(5)] == [401] * 5
    evidence.refuses(lambda: town.login("clerk02"), 423, "E5015")
    clerk, other = town.staff(), town.system()
    towns.wait(hours=13)
    evidence.refuses(lambda: Caller(towns).form("/oauth2/token", late), 401, "E5010")
    evidence.refuses(lambda: other.post("/link/v1/starts", {}), 401, "E5010")
    evidence.refuses(lambda: clerk.json("PATCH", f"/shinsei/v1/applications/{number}", {}), 401, "E5010")
