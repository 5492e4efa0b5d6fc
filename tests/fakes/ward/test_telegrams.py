"""The staff sees planned move-ins and what was sent; only the supervisor sends again."""

from __future__ import annotations

from typing import Any

from tests.fakes.ward.towns import Town, Towns, arrived, moved_out


def test_planned_move_ins_are_listed_by_page_and_by_name(towns: Towns, destination: Town) -> None:
    for place in range(3):
        arrived(towns, towns.household(place))
    people = [person for place in range(3) for person in towns.household(place).members]
    staff, seen, cursor = destination.staff(), [], 0
    while True:
        page = staff.get("/juki/v1/planned", after=cursor, per_page=2).result
        seen += [one["name"] for one in page["planned"]]
        cursor = page["cursor"]
        if not page["more"]:
            break
    assert seen == [person.name for person in people]
    [one] = staff.get("/juki/v1/planned", kana=people[-1].kana).result["planned"]
    assert (one["position"], one["household_members"]) == (len(towns.household(2).members),) * 2
    assert towns.town("990027").staff().get("/juki/v1/planned").result["planned"] == []


def sent_of(town: Town) -> list[Any]:
    listed: list[Any] = town.staff().get("/juki/v1/telegrams").result["telegrams"]
    return listed


def test_a_telegram_that_was_sent_is_sent_again_newer_under_its_number(towns: Towns, origin: Town) -> None:
    moved_out(towns, towns.household())
    first = sent_of(origin)[0]
    assert (first["state"], first["edition"]) == ("sent", 1)
    again = origin.staff().post(f"/juki/v1/telegrams/{first['telegram']}/resend", {})
    assert again.status == 403
    towns.wait(minutes=5)
    chief = origin.staff("chief01")
    assert chief.post(f"/juki/v1/telegrams/{first['telegram']}/resend", {}).result["state"] == "waiting"
    [item] = origin.outbox()
    telegram = item["task"]["telegram"]
    assert (telegram["number"], telegram["resend"]) == (first["number"], True)
    assert telegram["created_at"] > "2023-03-01T09:00"
    names = [one["telegram"] for one in sent_of(origin)]
    assert first["telegram"] not in names
    assert str(item["number"]) in names


def test_what_was_not_sent_cannot_be_sent_again(towns: Towns, origin: Town, destination: Town) -> None:
    moved_out(towns, towns.household())
    first = sent_of(origin)[0]
    chief = origin.staff("chief01")
    chief.post(f"/juki/v1/telegrams/{first['telegram']}/resend", {})
    waiting = next(one for one in sent_of(origin) if one["state"] == "waiting")
    assert chief.post(f"/juki/v1/telegrams/{waiting['telegram']}/resend", {}).code == "E6002"
    assert chief.post(f"/juki/v1/telegrams/{first['telegram']}/resend", {}).code == "E6002"
    assert chief.post("/juki/v1/telegrams/nothing/resend", {}).status == 404
    assert destination.staff("chief01").post(f"/juki/v1/telegrams/{first['telegram']}/resend", {}).status == 404
