"""The signature: by the right card, under its password, once; then there is a receipt number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fakes.pki.cards import CardIssuer, CardKey
from tests.fakes.clients import Person

NewPerson = Callable[[int], Person]
Cards = tuple[CardIssuer, Path]


def key_of(one: Person, cards: Cards) -> CardKey:
    return cards[0].signing(one.household.head, one.household.address)


def submitted(one: Person) -> str:
    one.login()
    number: str = one.submit(one.package()).result["temporary_reference_number"]
    return number


def test_a_signed_application_has_its_receipt_number(person: NewPerson, cards: Cards) -> None:
    one = person(100)
    number = submitted(one)
    receipt = one.sign(number, key_of(one, cards)).result["reference_number"]
    assert (len(receipt), receipt[:8]) == (17, "20230301")
    state = one.inquire(number).result
    assert (state["status_code"], state["finished"], state["reference_number"]) == ("", True, receipt)
    assert state["file_for_signature"] == ""
    assert one.get(f"/inquiries/applications/{receipt}").result["procedures"][0]["status_code"] == "001"


def test_somebody_elses_certificate_does_not_sign(person: NewPerson, cards: Cards) -> None:
    one, other = person(102), person(103)
    number = submitted(one)
    refused = one.sign(number, key_of(other, cards))
    assert refused.code == "E3002"
    assert one.inquire(number).result["finished"] is False


def test_the_fifth_wrong_password_locks_the_signature(person: NewPerson, cards: Cards) -> None:
    one = person(104)
    number, key = submitted(one), key_of(one, cards)
    tried = [one.sign(number, key, "WRONG1").status for _ in range(5)]
    assert tried == [403, 403, 403, 403, 423]
    assert one.sign(number, key).status == 423
    assert one.login().status == 200  # the PIN is another secret


def test_what_is_signed_already_cannot_be_signed_again(person: NewPerson, cards: Cards) -> None:
    one = person(105)
    number, key = submitted(one), key_of(one, cards)
    content = one.to_sign(number)
    message = one.signature_message(number, content, key)
    first, second = (one.post("/apply/submit_signature", message, Idempotency_Key="sign-1") for _ in range(2))
    assert first.status == 200
    assert second.body == first.body
    again = one.send_signature(number, content, key)
    assert (again.status, again.code) == (409, "E6002")


def test_a_signature_over_something_else_is_refused(person: NewPerson, cards: Cards) -> None:
    one = person(106)
    first, second = submitted(one), submitted(one)
    refused = one.send_signature(second, one.to_sign(first), key_of(one, cards))
    assert refused.code == "E3002"
    assert one.inquire(second).result["finished"] is False


def test_somebody_elses_submission_cannot_be_signed(person: NewPerson, cards: Cards) -> None:
    one, other = person(107), person(108)
    number = submitted(one)
    other.login()
    assert other.send_signature(number, one.to_sign(number), key_of(other, cards)).code == "E0010"
