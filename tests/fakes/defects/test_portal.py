"""Seeded defects of the portal: what it acknowledges, hands over, accepts, and tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from fakes.endpoints import Server
from fakes.people import People
from fakes.pki.cards import CardIssuer, CardKey
from fakes.portal.tables import OUTBOX
from fakes.serving.starting import Running, start
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.store.tables import EVENT
from tests.fakes.clients import DESTINATION, ORIGIN, Person, Town
from tests.fakes.conftest import PEERS, SEED, cards_folder, database_of, settings_in
from tests.fakes.defects.seeded import audited, both, log_of, server

PATIENCE_S = 30.0
KINDS = Statement(select(EVENT.c.kind, EVENT.c.subject).order_by(EVENT.c.seq))
OUTSTANDING = Statement(select(OUTBOX.c.reference).order_by(OUTBOX.c.seq))


def key_of(one: Person) -> CardKey:
    return CardIssuer.load(cards_folder()).signing(one.household.head, one.household.address)


def accepted(one: Person, **headers: str) -> str:
    """Log in, submit and sign; return the receipt number."""
    assert one.login().status == 200
    number = one.submit(one.package()).result["temporary_reference_number"]
    receipt: str = one.sign(number, key_of(one), **headers).result["reference_number"]
    return receipt


@both("ack-before-commit=2")
def test_what_has_a_receipt_number_is_recorded_or_some_of_it_never_is(
    tmp_path: Path, people: People, defects: tuple[str, ...]
) -> None:
    with server(tmp_path, Server.PORTAL, defects) as portal:
        asking = [Person(portal, people, index) for index in range(10)]
        receipts = [accepted(one, X_Request_Id=f"sign-{place}") for place, one in enumerate(asking)]
        found = [
            one.get(f"/inquiries/applications/{number}").status for one, number in zip(asking, receipts, strict=True)
        ]
        kept = [event.subject for event in log_of(portal, "signed")]
        assert {f"sign-{place}" for place in range(10)} <= set(audited(portal))
    assert len(set(receipts)) == 10, "each has a number of its own"
    lost = [number for number, status in zip(receipts, found, strict=True) if status == 404]
    assert kept == [number for number in receipts if number not in lost]
    assert 0 < len(lost) < 10 if defects else lost == []


@both("same-instant-overwrite=1000")
def test_all_that_sign_in_one_instant_are_to_be_handed_over_or_only_the_first_of_them(
    tmp_path: Path, people: People, defects: tuple[str, ...]
) -> None:
    with server(tmp_path, Server.PORTAL, defects) as portal:
        numbers = [accepted(Person(portal, people, index)) for index in range(3)]
        portal.advance(timedelta(seconds=2))
        numbers.append(accepted(Person(portal, people, 3)))
        waiting = [row[0] for row in portal.view().all(OUTSTANDING)]
        signed = [event.subject for event in log_of(portal, "signed")]
        forgotten = [event.subject for event in log_of(portal, "forgotten")]
    assert signed == numbers
    assert len(set(numbers)) == 4
    assert waiting == ([numbers[0], numbers[3]] if defects else numbers)
    assert forgotten == [number for number in numbers if number not in waiting]


@both("stale-status=2")
def test_an_inquiry_is_answered_with_the_present_state_or_now_and_then_with_the_one_before(
    tmp_path: Path, people: People, defects: tuple[str, ...]
) -> None:
    with server(tmp_path, Server.PORTAL, defects) as portal:
        one = Person(portal, people, 0)
        number = accepted(one)

        def told(when: str) -> list[str]:
            path = f"/inquiries/applications/{number}"
            answers = [one.get(path, X_Request_Id=f"{when}-{place}").result for place in range(20)]
            return [answer["procedures"][0]["status_code"] for answer in answers]

        assert set(told("before")) == {"001"}, "there is nothing before the first state"
        assert one.withdraw(number).status == 200
        after = told("after")
    assert set(after) == ({"001", "003"} if defects else {"003"})


@contextmanager
def linked(folder: Path, defects: tuple[str, ...]) -> Iterator[tuple[Running, Running]]:
    """A portal with a defect, and the J-LIS that it hands over to."""
    with (
        start(settings_in(folder, Server.JLIS, peers=PEERS)) as jlis,
        start(settings_in(folder, Server.PORTAL, jlis=(jlis.url,), link_s=0.1, defects=defects)) as portal,
    ):
        yield portal, jlis


def town_at(jlis: Running, code: str) -> Town:
    one = Town(jlis.url, SEED, code)
    assert one.login().status == 200
    return one


def until(told: Callable[[], bool]) -> None:
    """Ask again, as a client does, until it is so; each question goes to a real server."""
    end = time.monotonic() + PATIENCE_S
    while not told():
        assert time.monotonic() < end, "it never came to be"


@both("lost-after-ack=2")
def test_what_was_accepted_arrives_or_some_of_it_is_forgotten(
    tmp_path: Path, people: People, defects: tuple[str, ...]
) -> None:
    place = Place(database_of(tmp_path, Server.PORTAL), "portal")

    def said(*kinds: str) -> list[str]:
        with place.snapshot() as view:
            return [subject for kind, subject in view.all(KINDS) if kind in kinds]

    with linked(tmp_path, defects) as (portal, jlis):
        asking = [Person(portal.url, people, index) for index in range(8)]
        receipts = [accepted(one) for one in asking]
        until(lambda: len(said("relayed", "forgotten")) == 8)
        for one in asking:
            one.close()
        towns = [town_at(jlis, code) for code in (ORIGIN, DESTINATION)]
        listed = [sorted(row["reference_number"] for row in town.search()["applications"]) for town in towns]
        for town in towns:
            town.close()
    lost = said("forgotten")
    assert said("signed") == receipts
    assert listed == [[number for number in receipts if number not in lost]] * 2
    assert 0 < len(lost) < 8 if defects else lost == []


@both("revoked-accepted")
def test_a_signature_with_a_revoked_certificate_is_refused_or_accepted(
    tmp_path: Path, people: People, defects: tuple[str, ...]
) -> None:
    with linked(tmp_path, defects) as (portal, jlis):
        one, other, town = Person(portal.url, people, 0), Person(portal.url, people, 1), town_at(jlis, ORIGIN)
        key = key_of(one)
        serial = key.certificate.serial_number
        assert town.post("/jpki/v1/revocations", {"serial": serial, "reason": "affiliation_changed"}).status == 200
        one.login()
        number = one.submit(one.package()).result["temporary_reference_number"]
        signed = one.sign(number, key)
        finished = one.inquire(number).result["finished"]
        other.login()
        second = other.submit(other.package()).result["temporary_reference_number"]
        strange = other.sign(second, key)
        for client in (one, other, town):
            client.close()
    assert (signed.status, finished) == ((200, True) if defects else (409, False))
    assert strange.code == "E3002", "everything else is looked at as ever"
