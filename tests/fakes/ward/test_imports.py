"""What the relay hands over is imported once, by the town whose it is, and acknowledged."""

from __future__ import annotations

import pytest

from fakes.package.building import build_package
from fakes.procedures import Procedure
from tests.fakes.clients import OWNER
from tests.fakes.ward.towns import Caller, Town, Towns, filed, move

NUMBER = "20230301900000001"


def package(towns: Towns, place: int = 0) -> bytes:
    return build_package(move(towns, towns.household(place)))


def test_an_import_has_a_number_and_is_acknowledged_at_the_relay(towns: Towns, origin: Town) -> None:
    answer = origin.bring(NUMBER, package(towns), delivery="3", redelivered="1")
    assert answer.status == 202
    assert answer.result["owner_token"] == OWNER
    assert answer.json["_links"]["reference"]["href"] == f"/shinsei/v1/applications/{NUMBER}"
    [item] = origin.outbox()
    assert item["task"] == {"kind": "ack_application", "reference_number": NUMBER, "delivery": 3}
    assert origin.details(NUMBER)["told"] == "arrived"
    origin.say_all()
    assert origin.details(NUMBER)["told"] == "downloaded"


def test_what_is_imported_already_is_refused_and_its_newer_delivery_acknowledged(towns: Towns, origin: Town) -> None:
    content = package(towns)
    first = origin.bring(NUMBER, content)
    again = origin.bring(NUMBER, content)
    assert (again.status, again.code) == (409, "E6012")
    assert str(first.result["import_id"]) in again.json["detail"]
    assert len(origin.outbox()) == 1
    assert origin.bring(NUMBER, content, delivery="2", redelivered="1").status == 409
    assert [item["task"]["delivery"] for item in origin.outbox()] == [1, 2]
    assert origin.details(NUMBER)["deliveries"] == 2


def test_another_package_under_the_same_number_is_refused(towns: Towns, origin: Town) -> None:
    origin.bring(NUMBER, package(towns))
    assert origin.bring(NUMBER, package(towns, 1), delivery="2").code == "E0004"
    assert len(origin.outbox()) == 1


def test_the_same_key_gets_the_same_answer(towns: Towns, origin: Town) -> None:
    system = origin.system()
    message = {"cursor": 0, "statuses": []}
    first = system.post("/link/v1/statuses", message, Idempotency_Key="k")
    again = system.post("/link/v1/statuses", message, Idempotency_Key="k")
    assert again.body == first.body
    assert again.headers["idempotent-replay"] == "true"
    assert system.post("/link/v1/statuses", {"cursor": 1, "statuses": []}, Idempotency_Key="k").status == 409


@pytest.mark.parametrize(
    ("procedures", "others", "code"),
    [
        ((Procedure.MOVE_IN_VISIT,), {}, "E0004"),
        ((Procedure.MOVE_WITHIN_VISIT,), {}, "E0004"),
        ((Procedure.MOVE_OUT, Procedure.MOVE_OUT), {}, "E0004"),
        ((Procedure.MOVE_OUT,), {"procedures": "no_such"}, "E0004"),
        ((Procedure.MOVE_OUT,), {"sha256": "0" * 64}, "E0004"),
        ((Procedure.MOVE_OUT,), {"arrived_at": "2023-99-01T09:00:00+09:00"}, "E0002"),
        ((Procedure.MOVE_OUT,), {"reference_number": "1"}, "E0003"),
        ((Procedure.MOVE_OUT,), {"unknown": "1"}, "E5000"),
    ],
)
def test_what_is_not_the_towns_or_not_whole_is_refused(
    towns: Towns, origin: Town, procedures: tuple[Procedure, ...], others: dict[str, str], code: str
) -> None:
    refused = origin.bring(NUMBER, package(towns), *procedures, **others)
    assert (refused.status, refused.code) == (400, code)
    assert origin.outbox() == []


def test_a_package_for_another_town_is_refused(towns: Towns) -> None:
    third = towns.town("990027")
    assert third.bring(NUMBER, package(towns)).code == "E0004"
    assert third.bring(NUMBER, package(towns), Procedure.MOVE_IN_VISIT).code == "E0004"


def test_a_damaged_package_is_refused_with_its_own_code(origin: Town) -> None:
    assert origin.bring(NUMBER, b"PK").code == "E1003"


def test_without_marker_or_token_nothing_is_imported(towns: Towns, origin: Town) -> None:
    assert Caller(towns).post("/shinsei/v1/imports", {}).status == 401
    system = origin.system()
    assert system.post("/shinsei/v1/imports", {}, X_Test_Data="real").code == "E2001"
    assert system.post("/shinsei/v1/imports", {}).code == "E5002"


def test_a_visit_notice_is_expected_where_it_belongs(towns: Towns, origin: Town, destination: Town) -> None:
    number, application = filed(towns, towns.household())
    here, there = origin.details(number), destination.details(number)
    assert (here["procedures"], here["visit"], here["planned_visit_date"]) == (["move_out"], "none", "")
    assert (there["procedures"], there["visit"]) == (["move_in_visit"], "received")
    assert application.planned_visit_date is not None
    assert there["planned_visit_date"] == application.planned_visit_date.isoformat()


def test_a_resubmission_takes_the_place_of_the_visit_notice_before_it(towns: Towns, destination: Town) -> None:
    old, _ = filed(towns, towns.household())
    new = "20230301900000002"
    content = build_package(move(towns, towns.household(), in_days=8))
    assert destination.bring(new, content, Procedure.MOVE_IN_VISIT, resubmission_of=old).status == 202
    assert destination.details(old)["visit"] == "cancelled"
    after = destination.details(new)
    assert (after["visit"], after["resubmission_of"]) == ("received", old)
