"""Cards and certificates: their state, what ends them and what begins, and what verifiers are told (OCSP, lists)."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509

from fakes.clock import moment_of
from fakes.people import Person
from fakes.pki.cards import CardIssuer
from fakes.pki.crl import check_listed, read_list
from fakes.pki.ocsp import MALFORMED, check_status, request_for
from fakes.pki.oids import Purpose
from fakes.refusals import Code, RefusedError
from tests.fakes.clients import Portal, Response, Town
from tests.fakes.inprocess import Local
from tests.fakes.jlis.applications import DESTINATION, ORIGIN, PEOPLE

OCSP = "application/ocsp-request"
Cards = tuple[CardIssuer, Path]


def head(household: int = 0) -> Person:
    return PEOPLE.household(household, ORIGIN).head


def certificate(cards: Cards, purpose: Purpose, person: Person) -> x509.Certificate:
    issuer, address = cards[0], PEOPLE.address(person.index // 8, ORIGIN)
    made = issuer.signing(person, address) if purpose is Purpose.SIGNING else issuer.authentication(person)
    return made.certificate


def asked(client: Portal | Town, cards: Cards, purpose: Purpose, found: x509.Certificate) -> tuple[bytes, Response]:
    """Ask for the state of a certificate; return question and answer."""
    question = request_for(found, cards[0].authorities[purpose].certificate)
    path = "/jpki/ocsp/sign" if purpose is Purpose.SIGNING else "/jpki/ocsp/auth"
    return question, client.send("POST", path, question, Content_Type=OCSP)


def state_of(local: Local, client: Portal | Town, cards: Cards, purpose: Purpose, found: x509.Certificate) -> str:
    """Return what a verifier makes of the answer."""
    question, answer = asked(client, cards, purpose, found)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/ocsp-response")
    at = moment_of(local.assembled.context.clock.micros())
    try:
        check_status(answer.body, question, cards[0].authorities[purpose].certificate, at)
    except RefusedError as refused:
        return refused.code.name
    return "GOOD"


def test_everybodys_certificates_are_good_until_they_are_revoked(
    local: Local, portal_side: Portal, origin: Town, cards: Cards
) -> None:
    person = head()
    signing, authentication = (certificate(cards, purpose, person) for purpose in Purpose)
    assert state_of(local, portal_side, cards, Purpose.SIGNING, signing) == "GOOD"
    first = origin.post("/jpki/v1/revocations", {"serial": signing.serial_number}).result
    local.advance(timedelta(minutes=1))
    again = origin.post("/jpki/v1/revocations", {"serial": signing.serial_number, "reason": "superseded"}).result
    assert first == again, "the first revocation counts"
    assert state_of(local, portal_side, cards, Purpose.SIGNING, signing) == "REVOKED"
    assert state_of(local, portal_side, cards, Purpose.AUTHENTICATION, authentication) == "GOOD"
    assert origin.post("/jpki/v1/revocations", {"serial": 2**31 - 1}).status == 404


def test_what_was_never_issued_is_unknown(local: Local, portal_side: Portal, cards: Cards) -> None:
    later = cards[0].renewed_signing(head(), PEOPLE.address(0, DESTINATION, 1), 1, moment_of(0)).certificate
    assert state_of(local, portal_side, cards, Purpose.SIGNING, later) == "STATUS_UNKNOWN"


@pytest.mark.parametrize("question", [b"", b"0", b"\x30\x03\x0a\x01\x01", b"x" * 5000])
def test_what_is_no_question_is_answered_400_in_the_protocol(portal_side: Portal, question: bytes) -> None:
    answer = portal_side.send("POST", "/jpki/ocsp/sign", question, Content_Type=OCSP)
    assert (answer.status, answer.body) == (400, MALFORMED)
    assert portal_side.send("POST", "/jpki/ocsp/sign", question, Content_Type="text/plain").status == 415


def test_the_list_of_revoked_certificates_is_the_same_until_there_is_news(
    local: Local, portal_side: Portal, origin: Town, cards: Cards
) -> None:
    issuer = cards[0].authorities[Purpose.SIGNING].certificate

    def listed() -> tuple[Response, x509.CertificateRevocationList]:
        answer = portal_side.get("/jpki/crl/sign.crl")
        at = moment_of(local.assembled.context.clock.micros())
        return answer, read_list(answer.body, issuer, at)

    first, revoked = listed()
    assert (first.headers["content-type"], len(revoked)) == ("application/pkix-crl", 0)
    assert portal_side.get("/jpki/crl/sign.crl").body == first.body
    unchanged = portal_side.get("/jpki/crl/sign.crl", If_None_Match=first.headers["etag"])
    assert (unchanged.status, unchanged.body) == (304, b"")
    serial = certificate(cards, Purpose.SIGNING, head()).serial_number
    origin.post("/jpki/v1/revocations", {"serial": serial})
    assert portal_side.get("/jpki/crl/sign.crl", If_None_Match=first.headers["etag"]).status == 200
    second, revoked = listed()
    with pytest.raises(RefusedError) as refused:
        check_listed(revoked, serial)
    assert refused.value.code is Code.REVOKED
    check_listed(revoked, serial + 8)
    local.advance(timedelta(hours=1))
    third, _ = listed()
    assert first.headers["etag"] < second.headers["etag"] < third.headers["etag"]
    assert len(read_list(portal_side.get("/jpki/crl/auth.crl").body, _auth(cards), moment_of(_now(local)))) == 0


def _auth(cards: Cards) -> x509.Certificate:
    return cards[0].authorities[Purpose.AUTHENTICATION].certificate


def _now(local: Local) -> int:
    now: int = local.assembled.context.clock.micros()
    return now


def issued_for(town: Town, person: Person, address: Any) -> Response:
    assert person.card is not None
    message = {"card_serial": person.card.serial, "address": msgspec.to_builtins(address)}
    return town.post("/jpki/v1/certificates", message)


def test_a_new_signing_certificate_is_issued_once_the_old_one_has_ended(
    local: Local, portal_side: Portal, destination: Town, cards: Cards
) -> None:
    person, address = head(), PEOPLE.address(0, DESTINATION, 1)
    assert issued_for(destination, person, address).code == "E6002", "the old one is valid"
    old = certificate(cards, Purpose.SIGNING, person)
    destination.post("/jpki/v1/revocations", {"serial": old.serial_number})
    issued = issued_for(destination, person, address).result
    new = x509.load_der_x509_certificate(base64.b64decode(issued["certificate"]))
    assert issued["serial"] == new.serial_number == old.serial_number + 1
    assert new.not_valid_after_utc.date().isoformat() == issued["valid_until"]
    assert state_of(local, portal_side, cards, Purpose.SIGNING, new) == "GOOD"
    assert state_of(local, portal_side, cards, Purpose.SIGNING, old) == "REVOKED"
    question = {"individual_number": person.individual_number}
    assert destination.post("/cards/v1/status", question).result["signing"]["serial"] == new.serial_number
    assert issued_for(destination, person, address).status == 409


def test_a_card_has_room_for_so_many_certificates(destination: Town) -> None:
    person, address = head(), PEOPLE.address(0, DESTINATION, 1)
    assert person.card is not None
    assert person.card.signing is not None
    serial = person.card.signing.serial
    for _ in range(7):
        destination.post("/jpki/v1/revocations", {"serial": serial})
        serial = issued_for(destination, person, address).result["serial"]
    destination.post("/jpki/v1/revocations", {"serial": serial})
    assert issued_for(destination, person, address).code == "E0004"


def test_certificates_are_issued_by_the_town_of_the_address_for_people_who_have_a_card(
    origin: Town, destination: Town
) -> None:
    person = head()
    assert issued_for(origin, person, PEOPLE.address(0, DESTINATION, 1)).code == "E0004"
    nobody = {"card_serial": f"TEST{7:012d}", "address": msgspec.to_builtins(PEOPLE.address(0, DESTINATION, 1))}
    assert destination.post("/jpki/v1/certificates", nobody).status == 404
    child = next(
        member
        for index in range(200)
        for member in PEOPLE.household(index, ORIGIN).members
        if member.card is not None and member.card.signing is None
    )
    assert issued_for(destination, child, PEOPLE.address(0, DESTINATION, 1)).code == "E0004"


def test_the_state_of_a_card_is_told_for_a_number_of_the_test_profile(destination: Town) -> None:
    person = head(2)
    assert person.card is not None
    told = destination.post("/cards/v1/status", {"individual_number": person.individual_number}).result
    assert (told["card_serial"], told["state"]) == (person.card.serial, "valid")
    assert (told["signing"]["status"], told["authentication"]["status"]) == ("good", "good")
    nobody = PEOPLE.with_number(person.individual_number)
    assert nobody == person
    codes = [destination.post("/cards/v1/status", {"individual_number": number}).code for number in NUMBERS]
    assert codes == ["E2002", "E2003", "E0003", "E5004"]


NUMBERS = ["345678901234", "345678901235", "3456", "000000000005"]
"""A legal one, one with a wrong digit, a short one, and one that nobody has."""


def test_cards_expire_and_their_certificates_before_them(local: Local, origin: Town) -> None:
    question = {"individual_number": head().individual_number}
    local.advance(timedelta(days=365 * 5))
    told = origin.post("/cards/v1/status", question).result
    assert (told["state"], told["signing"]["status"]) == ("valid", "expired")


def test_where_a_card_is_sent_is_taken_from_the_town_in_which_that_is(local: Local, destination: Town) -> None:
    person = head()
    message = {
        "individual_number": person.individual_number,
        "name": person.name,
        "address": msgspec.to_builtins(PEOPLE.address(0, DESTINATION, 1)),
    }
    taken = destination.post("/cards/v1/delivery-info", message)
    assert (taken.status, taken.result["receipt"][0]) == (202, "D")
    assert local.town(ORIGIN).post("/cards/v1/delivery-info", message).code == "E0004"
    del destination.headers["X-Test-Data"]
    assert destination.post("/cards/v1/delivery-info", message).status == 422
    assert person.individual_number.encode() not in local.everything("event", "audit")


def test_the_portal_learns_that_a_counter_unlocked_a_card(portal_side: Portal, destination: Town) -> None:
    card = head().card
    assert card is not None
    message = {"card_serial": card.serial, "secrets": ["pin", "signing_password"]}
    assert destination.post("/cards/v1/unlock", message).status == 200
    changes = portal_side.changes()
    assert [(change["kind"], change["subject"], change["state"]) for change in changes] == [
        ("card_unlocked", card.serial, "pin"),
        ("card_unlocked", card.serial, "signing_password"),
    ]
    assert [result["code"] for result in portal_side.acknowledge(*changes)] == ["", ""]
    assert destination.post("/cards/v1/unlock", {**message, "card_serial": f"TEST{7:012d}"}).status == 404
