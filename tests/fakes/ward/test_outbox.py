"""What a town wants said waits in the outbox until it is said, in order, and what came of it is noted once."""

from __future__ import annotations

from fakes.package.building import build_package
from tests.fakes.ward.towns import Town, Towns, filed, move, moved_out


def test_a_state_waits_for_the_acknowledgement(towns: Towns, origin: Town) -> None:
    number, _ = filed(towns, towns.household())
    origin.review(number, "begin_review")
    [ack] = origin.outbox()
    assert ack["task"]["kind"] == "ack_application"
    origin.said(ack["number"], "E6002")
    assert origin.outbox() == []
    again = {"delivery": "2", "redelivered": "1"}
    origin.bring(number, build_package(move(towns, towns.household())), **again)
    [ack] = origin.outbox()
    origin.said(ack["number"])
    [status] = origin.outbox()
    assert status["task"]["status"]["state"] == "in_review"
    assert status["line"] == ack["line"] == f"application:{number}"


def test_a_result_is_noted_once(towns: Towns, origin: Town) -> None:
    filed(towns, towns.household())
    [item] = origin.outbox()
    assert origin.said(item["number"]).result == {"number": item["number"], "state": "done"}
    assert origin.said(item["number"], "E6002").result == {"number": item["number"], "state": "done"}
    assert origin.said(999_999).status == 404


def test_an_outbox_is_the_towns_own(towns: Towns, origin: Town, destination: Town) -> None:
    filed(towns, towns.household())
    [item] = origin.outbox()
    [other] = destination.outbox()
    assert other["number"] != item["number"]
    assert destination.said(item["number"]).status == 404


def test_it_is_paged(towns: Towns, origin: Town) -> None:
    for place in range(5):
        filed(towns, towns.household(place))
    system, seen, cursor = origin.system(), [], 0
    while True:
        page = system.get("/link/v1/outbox", after=cursor, per_page=2).result
        seen += [item["number"] for item in page["items"]]
        cursor = page["cursor"]
        if not page["more"]:
            break
    assert seen == [item["number"] for item in origin.outbox()]
    assert len(seen) == 5


def test_starts_are_counted_and_items_remember_theirs(towns: Towns, origin: Town) -> None:
    filed(towns, towns.household(0))
    system = origin.system()
    assert system.post("/link/v1/starts", {}).result == {"start": 1, "statuses": 0, "telegrams": 0}
    filed(towns, towns.household(1))
    system.post("/link/v1/statuses", {"cursor": 8, "statuses": []})
    system.post("/link/v1/telegram-states", {"cursor": 9, "telegrams": []})
    assert system.post("/link/v1/starts", {}).result == {"start": 2, "statuses": 8, "telegrams": 9}
    assert [item["start"] for item in origin.outbox()] == [0, 1]


def test_a_cursor_is_kept_without_a_start(origin: Town) -> None:
    system = origin.system()
    system.post("/link/v1/statuses", {"cursor": 8, "statuses": []})
    assert system.post("/link/v1/starts", {}).result == {"start": 1, "statuses": 8, "telegrams": 0}


def test_a_refused_telegram_holds_back_those_after_it_until_it_is_sent_again(towns: Towns, origin: Town) -> None:
    household = towns.household()
    number, application = filed(towns, household)
    origin.say_all()
    origin.accept(number)
    members = [person.address_number for person in household.members]
    change = origin.out(number, members, application).result["transaction"]
    origin.approve(change)
    refused = next(item for item in origin.outbox() if item["task"]["kind"] == "telegram")
    origin.said(refused["number"], "E0004")
    chief = origin.staff("chief01")
    listed = chief.get("/juki/v1/telegrams").result["telegrams"]
    assert [one["code"] for one in listed if one["state"] == "refused"] == ["E0004"]
    again = chief.post(f"/juki/v1/telegrams/{refused['number']}/resend", {})
    assert (again.status, again.result["number"]) == (202, 1)
    sent = [item for item in origin.outbox() if item["line"] == refused["line"]]
    assert len(sent) == 1
    assert sent[0]["task"]["telegram"].get("resend", False) is False


def test_what_jlis_says_of_telegrams_is_followed(towns: Towns, origin: Town) -> None:
    _, _, sent = moved_out(towns, towns.household())
    row = {
        "telegram": sent[0]["receipt"],
        "telegram_id": "8101",
        "destination": "131041",
        "number": 1,
        "edition": 1,
        "state": "acked",
        "changed_at": "2023-03-01T10:00:00+09:00",
        "reference_number": "",
        "cursor": 4,
    }
    system = origin.system()
    report = {"cursor": 4, "telegrams": [row, {**row, "telegram": "unknown"}, {**row, "edition": 2}]}
    assert system.post("/link/v1/telegram-states", report).result == {"changed": 1, "cursor": 4}
    assert system.post("/link/v1/telegram-states", report).result["changed"] == 0
    states = {one["state"] for one in origin.staff().get("/juki/v1/telegrams").result["telegrams"]}
    assert "acked" in states
