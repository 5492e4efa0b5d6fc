"""Telegrams are kept once for each edition, acknowledged however often they come, and count only after that."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from fakes.identifiers import Profile, individual_number
from tests.fakes.clients import DESTINATION, ORIGIN
from tests.fakes.ward.towns import Town, Towns, moved_out


@pytest.fixture
def sent(towns: Towns) -> Any:
    """The certificate data of somebody who moves."""
    _, _, telegrams = moved_out(towns, towns.household())
    towns.town(DESTINATION).say_all()
    return telegrams[0]


def planned(town: Town) -> list[Any]:
    found: list[Any] = town.staff().get("/juki/v1/planned").result["planned"]
    return found


def test_data_are_visible_once_they_are_acknowledged(destination: Town, sent: Any) -> None:
    kept = destination.receive(sent["telegram"], sent["receipt"], ORIGIN)
    assert (kept.status, kept.result["repeated"]) == (202, False)
    assert kept.result["owner_token"] == sent["telegram"]["owner_token"]
    assert planned(destination) == []
    [item] = destination.outbox()
    assert item["task"] == {"kind": "ack_telegram", "telegram": sent["receipt"], "edition": 1}
    destination.say_all()
    [shown] = planned(destination)
    assert (shown["telegram"], shown["sender"], shown["state"]) == (sent["receipt"], ORIGIN, "visible")


def test_what_comes_again_is_acknowledged_again_and_kept_once(destination: Town, sent: Any) -> None:
    for delivery in (1, 2, 3):
        kept = destination.receive(sent["telegram"], sent["receipt"], ORIGIN, delivery=delivery)
        assert kept.result["repeated"] is (delivery > 1)
    assert len(destination.outbox()) == 1
    destination.say_all()
    assert destination.receive(sent["telegram"], sent["receipt"], ORIGIN, delivery=4).result["repeated"] is True
    assert len(destination.outbox()) == 1
    assert len(planned(destination)) == 1


def test_the_newest_edition_counts(destination: Town, sent: Any) -> None:
    destination.receive(sent["telegram"], sent["receipt"], ORIGIN)
    newer = deepcopy(sent["telegram"])
    newer["body"]["planned_move_out"] = "2023-03-07"
    destination.receive(newer, sent["receipt"], ORIGIN, edition=2)
    assert destination.receive(sent["telegram"], sent["receipt"], ORIGIN, delivery=2).result["repeated"] is True
    destination.say_all()
    [shown] = planned(destination)
    assert (shown["edition"], shown["planned_move_out"]) == (2, "2023-03-07")


def test_an_acknowledgement_that_jlis_refuses_shows_nothing(destination: Town, sent: Any) -> None:
    destination.receive(sent["telegram"], sent["receipt"], ORIGIN)
    [item] = destination.outbox()
    assert destination.said(item["number"], "E6002").result["state"] == "refused"
    assert planned(destination) == []
    destination.receive(sent["telegram"], sent["receipt"], ORIGIN, edition=2)
    destination.say_all()
    assert len(planned(destination)) == 1


def test_what_should_be_elsewhere_is_refused(towns: Towns, origin: Town, sent: Any) -> None:
    assert origin.receive(sent["telegram"], sent["receipt"], ORIGIN).code == "E0004"
    assert towns.town("990027").receive(sent["telegram"], sent["receipt"], ORIGIN).code == "E0004"


def test_numbers_that_could_be_real_are_refused(destination: Town, sent: Any) -> None:
    legal = deepcopy(sent["telegram"])
    number = legal["body"]["person"]["individual_number"]
    legal["body"]["person"]["individual_number"] = individual_number(number[:-1], Profile.LEGAL)
    refused = destination.receive(legal, sent["receipt"], ORIGIN)
    assert (refused.status, refused.code) == (422, "E2002")


def test_a_notice_about_nobody_and_a_kind_that_nobody_keeps_are_refused(towns: Towns, origin: Town, sent: Any) -> None:
    stranger = towns.people.household(4_000_000, ORIGIN).head
    body = {
        "telegram_id": "8102",
        "resident_code": stranger.resident_code,
        "name": stranger.name,
        "moved_in_on": "2023-03-06",
        "notified_on": "2023-03-06",
        "new_address": sent["telegram"]["body"]["new_address"],
    }
    notice = {"number": 1, "created_at": "2023-03-06T10:00:00+09:00", "body": body}
    assert origin.receive(notice, "T-1", DESTINATION).code == "E0004"
    register = {
        "telegram_id": "8103",
        "resident_code": stranger.resident_code,
        "name": stranger.name,
        "registered_domicile": "試験県模擬市",
        "lives_there_from": "2023-03-06",
        "new_address": sent["telegram"]["body"]["new_address"],
    }
    assert origin.receive({**notice, "body": register}, "T-2", DESTINATION).code == "E0004"


def test_an_unmarked_telegram_is_refused(destination: Town) -> None:
    assert destination.system().post("/link/v1/telegrams", {}, X_Test_Data="no").code == "E2001"
