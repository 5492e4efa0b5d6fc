"""What was right once is not right again: requests, signed documents, proofs, deliveries and keys that are repeated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from fakes.endpoints import Server
from fakes.people import People
from fakes.pki.cards import CardIssuer, CardKey
from fakes.procedures import Procedure
from tests.fakes.clients import DESTINATION, ORIGIN, Person
from tests.fakes.conftest import settings_in
from tests.fakes.hostile.evidence import Evidence
from tests.fakes.inprocess import Local, locals_of
from tests.fakes.jlis.applications import number_of, package, service
from tests.fakes.jlis.conftest import standing
from tests.fakes.jlis.test_network import data_of, head
from tests.fakes.ward.towns import Caller, Towns, arrived, proof, sqlite_towns
from tests.fakes.ward.towns import standing as ward_in

Signer = tuple[Person, CardKey]


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """That of the portal."""
    return Evidence(settings_in(tmp_path, Server.PORTAL))


@pytest.fixture
def signer(tmp_path: Path, people: People, cards: tuple[CardIssuer, Path]) -> Iterator[Signer]:
    """An applicant who has logged in, and the key of their card."""
    with locals_of(settings_in(tmp_path, Server.PORTAL, speed=0.0)) as [local]:
        one = Person(local, people, 0)
        assert one.login().status == 200
        yield one, cards[0].signing(one.household.head, one.household.address)


def submitted(one: Person, in_days: int = 5) -> str:
    number: str = one.submit(one.package(in_days)).result["temporary_reference_number"]
    return number


def test_an_old_signature_signs_no_other_application_and_its_own_not_again(signer: Signer, evidence: Evidence) -> None:
    one, key = signer
    first, second = submitted(one), submitted(one, 6)
    content = one.to_sign(first)
    assert one.send_signature(first, content, key).status == 200
    evidence.refuses(partial(one.send_signature, second, content, key), 400, "E3002")
    evidence.refuses(partial(one.send_signature, first, content, key), 409, "E6002")
    assert one.inquire(second).result["finished"] is False


def test_a_submission_sent_twice_without_a_key_is_labelled_and_with_it_there_once(signer: Signer) -> None:
    one, _ = signer
    content = one.package()
    first = one.submit(content, Idempotency_Key="k").result
    assert one.submit(content, Idempotency_Key="k").result == first
    again = one.submit(content).result
    assert again["duplicate_of"] == first["temporary_reference_number"]
    assert len(one.get("/inquiries/applications").result["applications"]) == 2


def test_a_key_that_was_used_for_something_else_does_nothing(signer: Signer, evidence: Evidence) -> None:
    one, key = signer
    number = submitted(one)
    content = one.to_sign(number)
    receipt = one.send_signature(number, content, key, Idempotency_Key="k").result["reference_number"]
    evidence.refuses(partial(one.submit, one.package(7), Idempotency_Key="k"), 409, "E5020")
    evidence.refuses(partial(one.withdraw, receipt, "", Idempotency_Key="k"), 409, "E5020")


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Local]:
    with locals_of(standing(tmp_path)) as [local]:
        yield local


def test_another_application_under_a_number_that_the_relay_has_is_refused(relay: Local, tmp_path: Path) -> None:
    evidence, portal = Evidence(standing(tmp_path)), relay.portal()
    assert portal.push(number_of(1), package(), service()).status == 200
    evidence.refuses(partial(portal.push, number_of(1), package(1), service()), 409, "E5020")
    evidence.refuses(partial(portal.push, number_of(1), package(), service(), "1" * 32), 409, "E5020")


def test_an_old_delivery_is_not_acknowledged_and_a_withdrawal_not_repeated(relay: Local, tmp_path: Path) -> None:
    evidence, portal, town = Evidence(standing(tmp_path)), relay.portal(), relay.town(ORIGIN)
    number = number_of(1)
    assert portal.push(number, package(), service()).status == 200
    assert town.fetch(number, "a").status == 200
    relay.advance(timedelta(minutes=6))
    assert town.fetch(number, "b").status == 200
    evidence.refuses(partial(town.acknowledge, number, 1), 409, "E6002")
    evidence.refuses(partial(town.fetch, number, "a"), 409, "E6002")
    assert town.acknowledge(number, 2).status == 200
    evidence.refuses(partial(town.fetch, number, "b"), 410, "E6003")
    assert portal.withdraw(number).status == 200
    evidence.refuses(partial(portal.withdraw, number), 409, "E6002")
    evidence.refuses(partial(town.report, number, "in_review"), 409, "E6002")


def test_a_telegram_is_not_sent_twice_and_none_is_left_out(relay: Local, tmp_path: Path) -> None:
    evidence, town = Evidence(standing(tmp_path)), relay.town(ORIGIN)
    send = partial(town.telegram, DESTINATION, data_of(head()))
    assert send(1).status == 202
    evidence.refuses(partial(send, 1), 409, "E6002")
    evidence.refuses(partial(send, 3), 409, "E6002")
    evidence.refuses(partial(send, 2, resend=True), 409, "E6002")


@pytest.fixture
def towns(tmp_path: Path) -> Iterator[Towns]:
    with sqlite_towns(tmp_path) as made:
        yield made


def test_a_proof_of_a_system_counts_once(towns: Towns, tmp_path: Path) -> None:
    town = towns.town(ORIGIN)
    shown = proof(towns, town.client())
    assert Caller(towns).form("/oauth2/token", shown).status == 200
    Evidence(ward_in(tmp_path)).refuses(lambda: Caller(towns).form("/oauth2/token", shown), 401, "E5010")


def test_what_the_ward_has_is_not_taken_again_nor_changed_by_an_old_telegram(towns: Towns, tmp_path: Path) -> None:
    evidence = Evidence(ward_in(tmp_path))
    origin, destination = towns.town(ORIGIN), towns.town(DESTINATION)
    number, application, telegrams = arrived(towns, towns.household())
    origin.hold_token()
    content = package()
    evidence.refuses(lambda: origin.bring(number, content, Procedure.MOVE_OUT), 400, "E0004")
    head_of = towns.household().head
    towns.wait(days=6)
    entered = destination.come(telegrams, head_of, application, reference_number=number)
    change = entered.result["transaction"]
    assert destination.approve(change).status == 200
    destination.staff()
    evidence.refuses(lambda: destination.approve(change), 409, "E6002")
    evidence.refuses(lambda: destination.come(telegrams, head_of, application, reference_number=number), 400, "E0004")
