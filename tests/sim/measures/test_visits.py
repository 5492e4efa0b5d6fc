"""Visits read from the log are those that one finds by following each person."""

from __future__ import annotations

import numpy as np
import pytest

from sim.measures.visits import visits_of
from tests.sim.measures import plain
from tests.sim.measures.plain import crowded


@pytest.mark.parametrize("arm", ["launch", "before"])
def test_visits_are_those_of_people_followed_one_by_one(arm: str) -> None:
    found, wanted = visits_of(crowded(arm)), plain.visits(crowded(arm))
    assert found.household.tolist() == [visit.household for visit in wanted]
    assert found.arrival.tolist() == [visit.arrival for visit in wanted]
    assert found.departure.tolist() == [visit.departure for visit in wanted]
    assert found.waiting.tolist() == [visit.waiting for visit in wanted]
    assert found.service.tolist() == [visit.service for visit in wanted]
    assert found.took_ticket.tolist() == [visit.ticket for visit in wanted]
    assert found.served.tolist() == [visit.served for visit in wanted]
    assert [f"{hour:02d}" for hour in found.hour] == [visit.hour for visit in wanted]


def test_all_that_can_happen_to_a_visitor_happens_in_the_crowded_ward() -> None:
    """Otherwise the comparison above says little."""
    steps = {row.step for row in plain.rows_of(crowded())}
    assert {"arrive_again", "arrive_for_card", "turn_away", "call_origin", "wait_answer", "serve_prepared"} <= steps
    assert {"serve_after_answer", "serve_unprepared_again", "card_update_later", "pin_reset_at_desk"} <= steps
    wanted = plain.visits(crowded())
    assert any(not visit.ticket for visit in wanted)
    assert any(visit.ticket and not visit.served for visit in wanted)


def test_time_in_the_office_is_waiting_and_service_and_nothing_else() -> None:
    found = visits_of(crowded())
    stay = found.departure - found.arrival
    assert np.array_equal(stay, found.waiting + found.service)
    assert (found.waiting >= 0).all()


def test_nobody_is_at_two_visits_at_once() -> None:
    found = visits_of(crowded())
    order = np.lexsort((found.arrival, found.household))
    same = np.diff(found.household[order]) == 0
    assert (found.arrival[order][1:] >= found.departure[order][:-1])[same].all()
