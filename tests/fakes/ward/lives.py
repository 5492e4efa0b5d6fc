"""Lives of moves at the ward, for tests that want all that can happen to have happened."""

from __future__ import annotations

from fakes.package.building import build_package
from fakes.procedures import Procedure
from tests.fakes.clients import DESTINATION, ORIGIN
from tests.fakes.ward.towns import Caller, Towns, arrived, filed, move, moved_out, proof


def whole_move(towns: Towns, place: int = 0) -> str:
    """Let a household move, to the last notice; return the receipt number."""
    origin, destination = towns.town(ORIGIN), towns.town(DESTINATION)
    household = towns.household(place)
    number, application, telegrams = arrived(towns, household)
    towns.wait(days=6)
    entered = destination.come(telegrams, household.head, application, reference_number=number)
    assert destination.approve(entered.result["transaction"]).status == 200
    for task in destination.say_all():
        if task["kind"] == "telegram":
            assert origin.receive(task["telegram"], task["receipt"], DESTINATION).status == 202
    origin.say_all()
    return number


def move_within(towns: Towns, place: int = 0) -> str:
    """Let a household move within the ward; return the receipt number."""
    ward = towns.town(DESTINATION)
    household = towns.household(place, DESTINATION)
    card = household.head.card
    assert card is not None
    number, application = filed(towns, household)
    ward.say_all()
    ward.accept(number)
    assert ward.review(number, "complete").status == 200
    towns.wait(days=6)
    message = {
        "members": [person.address_number for person in household.members],
        "event_date": application.moving_date,
        "new_address": application.new_address,
        "card_serial": card.serial,
        "card_pin": card.pin,
        "reference_number": number,
    }
    entered = ward.staff().post("/juki/v1/transactions/within", message)
    assert ward.approve(entered.result["transaction"]).status == 200
    ward.say_all()
    return number


def everything(towns: Towns) -> None:
    """Let every kind of event happen at least once."""
    origin, destination = towns.town(ORIGIN), towns.town(DESTINATION)
    assert origin.system().post("/link/v1/starts", {}).status == 201
    assert origin.login("clerk02", "wrong").status == 401
    whole_move(towns, 0)
    move_within(towns, 0)
    number, _ = filed(towns, towns.household(1))
    assert destination.review(number, "begin_preparation").status == 200
    withdrawn = {"cursor": 5, "statuses": [{"reference_number": number, "state": "withdrawn"}]}
    assert destination.system().post("/link/v1/statuses", withdrawn).result["changed"] == 1
    number, application, sent = moved_out(towns, towns.household(2))
    first = sent[0]
    row = {
        "telegram": first["receipt"],
        "telegram_id": "8101",
        "destination": DESTINATION,
        "number": 1,
        "edition": 1,
        "state": "delivered",
        "changed_at": "2023-03-01T10:00:00+09:00",
        "reference_number": number,
        "cursor": 7,
    }
    reported = origin.system().post("/link/v1/telegram-states", {"cursor": 7, "telegrams": [row]})
    assert reported.result["changed"] == 1
    for edition in (1, 1, 2):
        assert destination.receive(first["telegram"], first["receipt"], ORIGIN, edition).status == 202
    towns.wait(minutes=1)
    again = origin.staff("chief01").post(f"/juki/v1/telegrams/{first['number']}/resend", {})
    assert again.status == 202
    holder = towns.household(0, DESTINATION).head
    assert holder.card is not None
    unlocked = {"card_serial": holder.card.serial, "secrets": ["pin"]}
    assert destination.staff("cards01").post("/cards/v1/unlock", unlocked).status == 202
    data = {"municipality": ORIGIN, "reference_number": number, "procedure": "move_out"}
    assert origin.system("shinsei").post("/app_submit/v10/shinseidata", data).status == 200
    token = origin.token().json["access_token"]
    assert Caller(towns).form("/oauth2/revoke", _asking(towns, token)).status == 200
    number, _ = filed(towns, towns.household(3))
    redelivered(towns, number, 3)
    held = towns.household(4)
    number, application = filed(towns, held)
    origin.say_all()
    origin.accept(number)
    members = [person.address_number for person in held.members]
    change = origin.out(number, members, application).result["transaction"]
    assert origin.approve(change, "submit").result["state"] == "review"


def redelivered(towns: Towns, number: str, place: int) -> None:
    """Let the relay deliver an application a second time."""
    package = build_package(move(towns, towns.household(place)))
    again = towns.town(ORIGIN).bring(number, package, Procedure.MOVE_OUT, delivery="2", redelivered="1")
    assert again.code == "E6012"


def _asking(towns: Towns, token: str) -> dict[str, str]:
    shown = proof(towns, towns.town(ORIGIN).client())
    del shown["grant_type"]
    return {**shown, "token": token}
