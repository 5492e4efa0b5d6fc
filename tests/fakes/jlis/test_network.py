"""Telegrams of the resident network: in order per person, leased and labelled, in its hours, and what they end."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.endpoints import Server
from fakes.people import Person
from tests.fakes.clients import OWNER, Town
from tests.fakes.conftest import PEERS, settings_in
from tests.fakes.inprocess import Local, locals_of
from tests.fakes.jlis.applications import DESTINATION, MOVE, ORIGIN, OTHER, PEOPLE, TODAY

LATER = timedelta(minutes=6)


def data_of(person: Person, members: int = 1, position: int = 1, **others: Any) -> dict[str, Any]:
    """Return certificate data of a person who moves from the origin to the destination."""
    household = person.index // 8
    about = {
        "resident_code": person.resident_code,
        "individual_number": person.individual_number,
        "name": person.name,
        "kana": person.kana,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
        "relationship": person.relationship,
        **others,
    }
    return {
        "telegram_id": "8101",
        "planned_move_out": MOVE.isoformat(),
        "notified_on": TODAY.isoformat(),
        "old_address": msgspec.to_builtins(PEOPLE.address(household, ORIGIN)),
        "new_address": msgspec.to_builtins(PEOPLE.address(household, DESTINATION, 1)),
        "household": {"members": members, "position": position, "head": person.name},
        "person": about,
    }


def notice_of(person: Person) -> dict[str, Any]:
    """Return the notice of the destination that a person has moved in."""
    return {
        "telegram_id": "8102",
        "resident_code": person.resident_code,
        "name": person.name,
        "moved_in_on": MOVE.isoformat(),
        "notified_on": MOVE.isoformat(),
        "new_address": msgspec.to_builtins(PEOPLE.address(person.index // 8, DESTINATION, 1)),
    }


def head(household: int = 0) -> Person:
    return PEOPLE.household(household, ORIGIN).head


def signing_serial(person: Person) -> int:
    assert person.card is not None
    assert person.card.signing is not None
    return person.card.signing.serial


def test_certificate_data_go_out_and_the_notice_comes_back(local: Local, origin: Town, destination: Town) -> None:
    person = head()
    taken = origin.telegram(DESTINATION, data_of(person), owner_token=OWNER, reference_number="20230301000000001")
    assert (taken.status, taken.result["edition"]) == (202, 1)
    assert taken.result["deliverable_from"] == taken.result["sent_at"]
    [given] = destination.inbox()
    assert (given["sender"], given["number"], given["owner_token"]) == (ORIGIN, 1, OWNER)
    assert (given["delivery"], given["redelivered"], given["reference_number"]) == (1, False, "20230301000000001")
    assert given["body"]["person"]["individual_number"] == person.individual_number
    assert given["digest"] == hashlib.sha256(msgspec.json.encode(given["body"])).hexdigest()
    assert (destination.inbox(), local.town(OTHER).inbox(), origin.inbox()) == ([], [], [])
    assert destination.store(given)[0]["code"] == ""
    [sent] = origin.post("/cs/v1/telegrams/search", {}).result["telegrams"]
    assert (sent["telegram"], sent["state"], sent["telegram_id"]) == (taken.result["telegram"], "acked", "8101")
    assert destination.telegram(ORIGIN, notice_of(person)).status == 202
    [back] = origin.inbox()
    assert (back["body"]["telegram_id"], back["sender"]) == ("8102", DESTINATION)


def test_a_persons_telegrams_are_numbered_without_gaps_and_other_peoples_do_not_wait(origin: Town) -> None:
    first, second = head(0), head(1)
    assert origin.telegram(DESTINATION, data_of(first), 2).code == "E6002"
    assert [origin.telegram(DESTINATION, data_of(first), number).status for number in (1, 2, 2, 4)] == [
        *(202, 202, 409, 409)
    ]
    assert origin.telegram(DESTINATION, data_of(second), 1).status == 202


def test_the_second_telegram_about_a_person_waits_for_the_first_to_be_acknowledged(
    local: Local, origin: Town, destination: Town
) -> None:
    for number in (1, 2):
        origin.telegram(DESTINATION, data_of(head(0)), number)
    origin.telegram(DESTINATION, data_of(head(1)), 1)
    first, other = destination.inbox()
    assert (first["number"], other["number"]) == (1, 1)
    local.advance(LATER)
    again = destination.inbox()
    assert [(one["number"], one["delivery"], one["redelivered"]) for one in again] == [(1, 2, True), (1, 2, True)]
    assert destination.store(first)[0]["code"] == "", "any delivery of an edition is the edition"
    assert [one["number"] for one in destination.inbox()] == [2]


def test_a_telegram_to_a_wrong_town_holds_the_next_back_until_it_is_sent_again_rightly(
    local: Local, origin: Town, destination: Town
) -> None:
    wrong = {**data_of(head()), "new_address": msgspec.to_builtins(PEOPLE.address(0, OTHER, 1))}
    origin.telegram(OTHER, wrong)
    origin.telegram(DESTINATION, data_of(head()), 2)
    assert destination.inbox() == []
    [given] = local.town(OTHER).inbox()
    right = origin.telegram(DESTINATION, data_of(head()), 1, resend=True, created_at="2023-03-01T09:00:01+09:00")
    assert (right.status, right.result["edition"], right.result["telegram"]) == (202, 2, given["telegram"])
    assert local.town(OTHER).store(given)[0]["code"] == "E5004", "it is another town's now"
    assert [one["number"] for one in destination.inbox()] == [1]


def test_of_editions_the_newest_wins_whatever_arrives_last(origin: Town, destination: Town) -> None:
    origin.telegram(DESTINATION, data_of(head()))
    [old] = destination.inbox()
    newer: dict[str, Any] = {"resend": True, "created_at": "2023-03-01T09:00:02+09:00"}
    older: dict[str, Any] = {"resend": True, "created_at": "2023-03-01T09:00:01+09:00"}
    assert origin.telegram(DESTINATION, data_of(head(), former_name="旧姓"), **newer).status == 202
    assert origin.telegram(DESTINATION, data_of(head(), former_name="古い"), **older).status == 409
    assert destination.store(old)[0]["code"] == "E6002", "it has been replaced"
    [given] = destination.inbox()
    assert (given["body"]["person"]["former_name"], given["edition"], given["delivery"]) == ("旧姓", 2, 1)
    assert [destination.store(given)[0]["code"] for _ in range(2)] == ["", ""]
    assert origin.telegram(DESTINATION, data_of(head()), 3, **newer).status == 409, "nothing was sent under it"


def test_a_telegram_sent_again_with_its_key_is_taken_once(origin: Town, destination: Town) -> None:
    message = {
        "destination": DESTINATION,
        "number": 1,
        "created_at": "2023-03-01T09:00:00+09:00",
        "body": data_of(head()),
    }
    first, again = (origin.post("/cs/v1/telegrams", message, Idempotency_Key="k") for _ in range(2))
    assert (first.body, again.headers["idempotent-replay"]) == (again.body, "true")
    assert len(destination.inbox()) == 1


def test_outside_its_hours_the_network_says_when_it_opens(local: Local, origin: Town, destination: Town) -> None:
    origin.telegram(DESTINATION, data_of(head()))
    [given] = destination.inbox()
    local.advance(timedelta(hours=10))
    closed = origin.telegram(DESTINATION, data_of(head(1)))
    assert (closed.status, closed.code, closed.headers["retry-after"]) == (503, "E6005", "3600")
    assert "2023-03-02 08:30" in closed.json["detail"]
    assert destination.get("/cs/v1/inbox").status == 503
    assert destination.store(given)[0]["code"] == "", "what was delivered can be acknowledged"
    local.advance(timedelta(hours=13, minutes=30))
    assert origin.telegram(DESTINATION, data_of(head(1))).status == 202


def test_a_network_that_holds_telegrams_takes_them_at_night_and_delivers_them_in_the_morning(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, Server.JLIS, peers=PEERS, speed=0.0, holds_when_closed=True)
    with locals_of(settings) as [local]:
        local.advance(timedelta(hours=10))
        origin, destination = local.town(ORIGIN), local.town(DESTINATION)
        taken = origin.telegram(DESTINATION, data_of(head()))
        assert (taken.status, taken.result["deliverable_from"]) == (202, "2023-03-02T08:30:00+09:00")
        assert destination.get("/cs/v1/inbox").status == 503
        local.advance(timedelta(hours=13, minutes=30))
        assert len(destination.inbox()) == 1


def test_certificate_data_that_have_arrived_end_the_signing_certificate_and_no_other(
    origin: Town, destination: Town
) -> None:
    person, serial = head(), signing_serial(head())
    question = {"individual_number": person.individual_number}

    def statuses() -> tuple[str, str]:
        card = origin.post("/cards/v1/status", question).result
        return card["signing"]["status"], card["authentication"]["status"]

    origin.telegram(DESTINATION, data_of(person, signing_serial=serial))
    [given] = destination.inbox()
    assert statuses() == ("good", "good")
    destination.store(given, given)
    assert statuses() == ("revoked", "good")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"individual_number": "345678901234"}, 422, "E2002"),
        ({"individual_number": "345678901235"}, 400, "E2003"),
        ({"resident_code": "24727059608"}, 422, "E2002"),
        ({"signing_serial": 999}, 400, "E0004"),
        ({"name": "名" * 101}, 400, "E0005"),
        ({"sex": ""}, 400, "E0003"),
        ({"birth_date": "2023-02-30"}, 400, "E5000"),
        ({"more": "1"}, 400, "E5000"),
    ],
)
def test_a_person_who_could_be_real_or_does_not_fit_is_refused_and_leaves_nothing(
    origin: Town, destination: Town, change: dict[str, Any], status: int, code: str
) -> None:
    refused = origin.telegram(DESTINATION, data_of(head(), **change))
    assert (refused.status, refused.code) == (status, code)
    assert destination.inbox() == []


@pytest.mark.parametrize(
    ("town", "body", "code"),
    [
        ("481000", data_of(head()), "E2003"),
        ("011002", data_of(head()), "E2004"),
        (ORIGIN, data_of(head()), "E0004"),
        (OTHER, data_of(head()), "E0004"),
        (DESTINATION, notice_of(head()), "E0004"),
        (DESTINATION, data_of(head(), members=1, position=2), "E0004"),
        (DESTINATION, {"telegram_id": "9999"}, "E5000"),
    ],
)
def test_towns_and_addresses_must_fit_each_other(origin: Town, town: str, body: dict[str, Any], code: str) -> None:
    assert origin.telegram(town, body).code == code


def test_a_notice_of_the_family_register_goes_to_any_other_town(local: Local, destination: Town) -> None:
    body = {
        "telegram_id": "8103",
        "resident_code": head().resident_code,
        "name": head().name,
        "registered_domicile": "試験県例示町１番",
        "lives_there_from": MOVE.isoformat(),
        "new_address": msgspec.to_builtins(PEOPLE.address(0, DESTINATION, 1)),
    }
    assert destination.telegram("990035", body).status == 202
    assert local.town("990035").inbox()[0]["body"]["registered_domicile"] == "試験県例示町１番"


def test_no_number_of_a_person_stands_in_the_log_or_in_the_audit_records(
    local: Local, origin: Town, destination: Town
) -> None:
    person = head()
    origin.telegram(DESTINATION, data_of(person, signing_serial=signing_serial(person)))
    destination.store(*destination.inbox())
    origin.post("/cards/v1/status", {"individual_number": person.individual_number})
    logged = local.everything("event", "audit")
    assert person.individual_number.encode() not in logged
    assert person.resident_code.encode() not in logged
    assert b"telegram-sent" in logged
