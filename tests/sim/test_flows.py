"""The journeys by hand: a day begins at minute 510 (8:30), and every time below can be added up on paper."""

from __future__ import annotations

import pytest

from sim.steps import BACK_OFFICE_CLASS, DAY_CLASS, EVENING_CLASS, IN_PROGRESS_CLASS
from tests.sim.flow_days import CLERK, DESK, HOURS, JLIS, SEAT, WINDOW, live
from tests.sim.programs import slow, units

RACE = {"files_in": True, "visits_after_filing_in": True, "may_return": True}
"""Moves in, filed online; the data come at 500.25 (the other town is done at 500), long before the visit at 600."""
PREPARED = RACE | {"is_prepared_for": True}


# --- the race --------------------------------------------------------------------------------------------------------


def test_a_visit_after_the_data_is_served_at_once() -> None:
    day = live(RACE)
    assert day.ended("send_data") == 500.25
    assert not day.lived("call_origin")
    assert (day.began("serve_unprepared"), day.ended("serve_unprepared")) == (600.0, 620.0)
    assert not day.lived("arrive_again")


def test_a_visit_before_the_data_is_a_call_to_the_other_town_and_a_visit_on_another_day() -> None:
    day = live(RACE | {"origin_done_time": 700.0})
    assert (day.began("call_origin"), day.ended("call_origin")) == (600.0, 612.0)
    assert day.ended("await.data") == 700.25
    assert day.ended("arrive_again") == 2000.0
    assert (day.began("serve_unprepared_again"), day.ended("serve_unprepared_again")) == (2000.0, 2020.0)
    assert not day.lived("serve_unprepared")


def test_nobody_comes_back_before_the_data_have_come() -> None:
    day = live(RACE | {"origin_done_time": 2300.0})
    assert day.ended("arrive_again") == 2300.25


def test_during_the_call_the_window_is_occupied_and_then_free_for_the_next() -> None:
    columns = RACE | {"origin_done_time": [700.0, 500.0], "visit_time": [600.0, 601.0]}
    assert live(columns, units(WINDOW, 1)).began("serve_unprepared", 1) == 612.0


def test_some_wait_for_the_answer_and_are_called_before_everybody_else() -> None:
    """Household 0 waits from 612 to 657; 1 is served until 620 + 12 = 632 and 2 until 652, 3 until 672 and then 0."""
    columns = RACE | {
        "origin_done_time": [3000.0, 500.0, 500.0, 500.0, 500.0],
        "visit_time": [600.0, 601.0, 602.0, 603.0, 604.0],
        "same_day": [True, False, False, False, False],
    }
    day = live(columns, units(WINDOW, 1))
    assert (day.began("wait_answer"), day.ended("wait_answer")) == (612.0, 657.0)
    assert [day.began("serve_unprepared", who) for who in (1, 2, 3)] == [612.0, 632.0, 652.0]
    assert (day.began("serve_after_answer"), day.ended("serve_after_answer")) == (672.0, 692.0)
    assert day.began("serve_unprepared", 4) == 692.0
    assert not day.lived("arrive_again")


@pytest.mark.parametrize("may_return", [True, False])
def test_after_the_answer_the_card_is_done_on_the_same_day(may_return: bool) -> None:
    late = RACE | {"origin_done_time": 3000.0, "same_day": True, "card_work": True, "may_return": may_return}
    at_main = live(late | {"card_at_desk": True, "at_card_desk": True})
    assert (at_main.began("card_call_at_desk"), at_main.ended("card_update_at_desk")) == (677.0, 684.0)
    at_branch = live(late | {"card_at_window": True, "site": 1})
    assert (at_branch.began("card_call_after_answer"), at_branch.ended("card_update_after_answer")) == (677.0, 684.0)
    forgotten = live(late | {"card_postponed": True, "at_card_desk": True})
    assert forgotten.began("card_update_later") == 4001.0
    nothing_to_do = live(late | {"card_work": False})
    assert nothing_to_do.path(flow="visit_move_in_online")[-1] == "serve_after_answer"


def test_after_a_return_the_card_is_done_there_and_then() -> None:
    late = RACE | {"origin_done_time": 700.0, "card_work": True}
    at_main = live(late | {"card_at_desk": True, "at_card_desk": True})
    assert (at_main.began("card_call_at_desk_again"), at_main.ended("card_update_at_desk_again")) == (2020.0, 2027.0)
    assert not at_main.lived("arrive_for_card")
    at_branch = live(late | {"card_at_window": True, "site": 1})
    assert at_branch.ended("card_update_again") == 2027.0


def test_a_prepared_visit_is_shorter() -> None:
    """Visible to the ward at 100 + 1 + 0.5 + 60 = 161.5, prepared in five minutes."""
    day = live(PREPARED)
    assert (day.began("prepare"), day.ended("prepare")) == (161.5, 166.5)
    assert (day.began("serve_prepared"), day.ended("serve_prepared")) == (600.0, 613.0)
    assert not day.lived("serve_unprepared")


def test_preparation_waits_for_its_day_and_for_the_notice() -> None:
    assert live(PREPARED | {"prepare_time": 510.0}).began("prepare") == 510.0
    assert live(PREPARED | {"submit_time": 560.0, "origin_done_time": 570.0}).began("prepare") == 621.5


def test_whoever_has_come_already_is_not_prepared_for() -> None:
    """The notice is visible at 621.5 and due at 625; the visitor is at the window from 622 on."""
    due_late = PREPARED | {"submit_time": 560.0, "origin_done_time": 570.0, "visit_time": 622.0, "prepare_time": 625.0}
    day = live(due_late)
    assert day.lived("serve_unprepared")
    assert not day.lived("prepare")
    assert live(due_late | {"visit_time": 640.0}).lived("serve_prepared")


def test_a_move_within_the_ward_needs_no_data() -> None:
    day = live({"files_within": True, "visits_after_filing_within": True, "is_prepared_for": True})
    assert day.path(flow="visit_within_online") == ["arrive", "serve_prepared"]
    assert not day.lived("call_origin")


# --- staff between counter and back office ---------------------------------------------------------------------------


def test_back_office_work_starves_while_ticket_holders_wait_for_the_clerk() -> None:
    """One clerk, two windows: the preparation due at 600 has its turn when the counter is empty, at 660."""
    columns = PREPARED | {
        "visits_plain": [False, True, True, True],
        "visits_after_filing_in": False,
        "files_in": [True, False, False, False],
        "is_prepared_for": [True, False, False, False],
        "visit_time": [600.0, 590.0, 591.0, 592.0],
        "prepare_time": 600.0,
    }
    day = live(columns, units(WINDOW, 2), units(CLERK, 1))
    assert [day.began("serve", who) for who in (1, 2, 3)] == [590.0, 610.0, 630.0]
    assert day.began("prepare") == 650.0


def test_whoever_comes_meanwhile_finds_nothing_prepared() -> None:
    columns = PREPARED | {
        "visits_plain": [False, True, True],
        "visits_after_filing_in": [True, False, False],
        "files_in": [True, False, False],
        "is_prepared_for": [True, False, False],
        "visit_time": [612.0, 590.0, 591.0],
        "prepare_time": 600.0,
    }
    day = live(columns, units(WINDOW, 2), units(CLERK, 1))
    assert (day.began("serve_unprepared"), day.ended("serve_unprepared")) == (630.0, 650.0)
    assert not day.lived("prepare")


def test_the_back_office_stops_at_a_quarter_past_five_while_ticket_holders_are_served() -> None:
    """Two letters: one is begun at 1030 and finished, the other stays until the next morning at 1950."""
    columns = {
        "by_post": [True, True, False, False],
        "visits_plain": [False, False, True, True],
        "visit_time": [1030.0, 1031.0, 1015.0, 1016.0],
    }
    back_office = [
        units(CLERK, count, since, BACK_OFFICE_CLASS) for count, since in ((2, 0.0), (0, 1035.0), (2, 1950.0))
    ]
    counter = units(CLERK, 2, 0.0, DAY_CLASS)
    day = live(columns, counter, *back_office, units(SEAT, 1), units(WINDOW, 1))
    assert (day.began("handle_post", 0), day.ended("handle_post", 0)) == (1030.0, 1050.0)
    assert day.began("handle_post", 1) == 1950.0
    assert (day.began("serve", 2), day.began("serve", 3)) == (1015.0, 1035.0)


def test_the_seats_limit_how_many_clerks_the_back_office_holds() -> None:
    columns = {"by_post": True, "visit_time": [600.0, 600.0, 600.0]}
    day = live(columns, units(SEAT, 2), units(CLERK, 9))
    assert sorted(day.began("handle_post", who) for who in range(3)) == [600.0, 600.0, 620.0]


# --- the crowd -------------------------------------------------------------------------------------------------------


def test_who_sees_too_long_a_queue_goes_home_and_comes_back() -> None:
    columns = {"visits_plain": True, "may_return": True, "balks": [False, False, True], "balk_length": 1}
    day = live(columns | {"visit_time": [600.0, 601.0, 602.0]}, units(WINDOW, 1))
    assert not day.lived("queue_window", 2)
    assert day.path(2) == ["arrive", "arrive_again", "serve_again"]
    assert day.began("serve_again", 2) == 2000.0


def test_who_would_balk_stays_while_fewer_wait() -> None:
    columns = {"visits_plain": True, "may_return": True, "balks": True, "balk_length": 2}
    day = live(columns | {"visit_time": [600.0, 601.0, 602.0]}, units(WINDOW, 1))
    assert day.path(2) == ["arrive", "serve"]


def test_who_loses_patience_leaves_the_queue_and_comes_back_on_another_day() -> None:
    columns = {"visits_plain": True, "may_return": True, "patience": [99.0, 10.0, 99.0]}
    day = live(columns | {"visit_time": [600.0, 601.0, 602.0]}, units(WINDOW, 1))
    assert day.ended("queue_window", 1) == 611.0
    assert day.began("serve_again", 1) == 2000.0
    assert day.began("serve", 2) == 620.0


def test_other_customers_who_leave_do_not_come_back() -> None:
    columns = {
        "visits_certificate": True,
        "patience": [99.0, 10.0, 99.0],
        "balks": [False, False, True],
        "balk_length": 1,
    }
    day = live(columns | {"visit_time": [600.0, 601.0, 602.0]}, units(WINDOW, 1))
    assert [day.path(who) for who in range(3)] == [["arrive", "serve_other"], ["arrive"], ["arrive"]]


def test_who_has_forgotten_the_card_is_told_so_and_comes_again() -> None:
    day = live(RACE | {"turned_away": True, "card_work": True, "card_at_desk": True, "at_card_desk": True})
    assert day.path(flow="visit_move_in_online") == [
        *("arrive", "turn_away", "arrive_again", "serve_unprepared_again"),
        *("card_call_at_desk_again", "card_update_at_desk_again"),
    ]


def test_who_came_in_the_evening_and_returns_by_day_is_served_by_day() -> None:
    """By day nobody of the evening class may start at a card desk; the way back must not go there."""
    columns = {
        "visits_plain": True,
        "may_return": True,
        "balks": True,
        "balk_length": 0,
        "counter_class": EVENING_CLASS,
    }
    columns |= {"card_work": True, "card_at_desk": True, "at_card_desk": True}
    by_day = [units(DESK, 1, klass=klass) for klass in (IN_PROGRESS_CLASS, DAY_CLASS)]
    day = live(columns, *by_day, units(DESK, 0, klass=EVENING_CLASS))
    assert day.ended("card_update_at_desk_again") == 2027.0


# --- cards -----------------------------------------------------------------------------------------------------------

AT_DESK = {"visits_plain": True, "card_work": True, "card_at_desk": True, "at_card_desk": True}


def test_the_card_desk_follows_the_window() -> None:
    day = live(AT_DESK | {"signing": True, "pin_forgotten": True})
    assert day.ended("serve") == 620.0
    assert (day.began("pin_reset_at_desk"), day.ended("pin_reset_at_desk")) == (620.0, 627.0)
    assert (day.began("card_call_at_desk"), day.ended("card_update_at_desk")) == (627.0, 634.0)
    assert (day.began("signing_call_at_desk"), day.ended("signing_at_desk")) == (634.0, 639.5)
    assert day.ended("queue_card_desk.release") == 639.5


def test_a_card_desk_is_occupied_while_j_lis_does_not_answer() -> None:
    """No connection until 635. Household 0 holds the only desk from 620, 1 is ready at 621 and gets it at 642."""
    columns = AT_DESK | {"visit_time": [600.0, 601.0]}
    day = live(columns, units(DESK, 1), units(JLIS, 0), units(JLIS, 9, since=635.0))
    assert (day.began("call_card_at_desk"), day.ended("call_card_at_desk")) == (620.0, 635.0)
    assert day.ended("card_update_at_desk") == 642.0
    assert (day.began("queue_card_desk", 1), day.ended("queue_card_desk", 1)) == (621.0, 642.0)


def test_without_an_answer_the_card_is_done_on_another_day() -> None:
    day = live(AT_DESK, units(JLIS, 0), units(JLIS, 9, since=3000.0))
    assert day.ended("call_card_at_desk") == 640.0
    assert day.path() == ["arrive", "serve", "arrive_for_card", "card_call_later", "card_update_later"]
    assert day.ended("card_update_later") == 4007.0


def test_at_a_window_too_the_card_waits_for_another_day_without_an_answer() -> None:
    at_branch = {"visits_plain": True, "card_work": True, "card_at_window": True, "site": 1}
    answered = live(at_branch)
    assert answered.path() == ["arrive", "serve", "card_call", "card_update"]
    assert answered.ended("queue_window.release") == 627.0
    silent = live(at_branch, units(JLIS, 0), units(JLIS, 9, since=3000.0))
    assert silent.path() == ["arrive", "serve", "arrive_for_card", "card_call_later", "card_update_later"]
    assert silent.ended("call_card") == 640.0


def test_an_answer_that_fails_twice_leaves_the_card_undone() -> None:
    day = live(AT_DESK, units(JLIS, 0))
    assert day.path() == ["arrive", "serve", "arrive_for_card"]
    assert day.ended("queue_card_desk_later.release") == 4020.0


def test_without_an_answer_for_the_signing_certificate_alone_one_goes_without_it() -> None:
    """One connection: a long call of another desk begins while the card is updated, and patience ends."""
    columns = AT_DESK | {"signing": [True, False], "visit_time": [600.0, 601.5], "call_minutes": [1.0, 60.0]}
    day = live(columns, units(JLIS, 1))
    assert day.ended("call_signing_at_desk") == 647.0
    assert not day.lived("signing_at_desk")
    assert not day.lived("arrive_for_card")


def test_when_the_network_is_closed_the_staff_do_not_even_call() -> None:
    """Closed at 610: nobody holds the desk, nobody waits, the card is done on another day."""
    closed = [units(HOURS, 99), units(HOURS, 0, since=610.0), units(HOURS, 99, since=2000.0)]
    day = live(AT_DESK, *closed, units(JLIS, 0, since=610.0), units(JLIS, 9, since=2000.0), units(JLIS, 9))
    assert not day.lived("call_card_at_desk")
    assert day.path() == ["arrive", "serve", "arrive_for_card", "card_call_later", "card_update_later"]
    assert day.ended("queue_card_desk.release") == 620.0


def test_slowness_lengthens_card_work_but_not_the_window() -> None:
    """Three times slower from 621 on: the call of one minute has begun at 620, the update of six takes 18."""
    day = live(AT_DESK, units(JLIS, 9), slow(JLIS, 3.0, since=620.5))
    assert day.ended("serve") == 620.0
    assert day.ended("card_call_at_desk") == 621.0
    assert day.ended("card_update_at_desk") == 639.0


def test_other_customers_of_the_card_desks_need_the_card_system_too() -> None:
    day = live({"visits_card_only": True}, units(DESK, 1), slow(JLIS, 2.0), units(JLIS, 9))
    assert (day.began("serve_other_card"), day.ended("serve_other_card")) == (600.0, 640.0)
