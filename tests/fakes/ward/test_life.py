"""A move over two towns of the ward, with a test in the place of the relay and the resident network."""

from __future__ import annotations

from tests.fakes.clients import DESTINATION, ORIGIN
from tests.fakes.ward.towns import Towns, arrived


def test_a_household_moves_out_and_in_and_its_old_town_learns_it(either: Towns) -> None:
    with either as towns:
        origin, destination = towns.town(ORIGIN), towns.town(DESTINATION)
        household = towns.household(0)
        number, application, telegrams = arrived(towns, household)
        towns.wait(days=6)
        entered = destination.come(telegrams, household.head, application, reference_number=number)
        assert entered.result["state"] == "draft"
        assert destination.approve(entered.result["transaction"]).result["state"] == "applied"
        said = destination.say_all()
        notices = [task for task in said if task["kind"] == "telegram"]
        assert [task["telegram"]["body"]["telegram_id"] for task in notices] == ["8102"] * len(household.members)
        for task in notices:
            assert origin.receive(task["telegram"], task["receipt"], DESTINATION).status == 202
        left = origin.resident(household.head.address_number)
        assert (left["state"], left["removal"]) == ("leaving", "not_confirmed")
        origin.say_all()
        left = origin.resident(household.head.address_number)
        assert (left["state"], left["removal"]) == ("removed", "confirmed")
