"""The journeys online by hand: portal, relay, check, the way to the other town, and what trouble does to them."""

from __future__ import annotations

from tests.sim.flow_days import CLERK, JLIS, PORTAL, RELAY, SEAT, live
from tests.sim.programs import units

RACE = {"files_in": True, "visits_after_filing_in": True, "may_return": True}
PREPARED = RACE | {"is_prepared_for": True}
OUT = {"files_out": True}


def test_moving_out_online_is_checked_and_processed_and_the_data_are_sent() -> None:
    day = live(OUT | {"phoned": True})
    assert day.path() == ["file", "submit", "relay", "relay_latency", "check", "phone_check", "process", "send_data"]
    assert (day.began("check"), day.ended("process")) == (161.5, 173.5)
    assert day.ended("send_data") == 173.75


def test_a_returned_notice_is_checked_twice_and_frees_the_clerk_in_between() -> None:
    day = live(OUT | {"returned": [True, False], "submit_time": [100.0, 101.0]}, units(CLERK, 1), units(SEAT, 1))
    assert day.ended("check", 0) == 164.5
    assert day.began("check", 1) == 164.5
    assert day.began("check_resubmit") == 164.5 + 300.0 + 61.5
    assert day.path(0)[-3:] == ["check_resubmit", "process_resubmit", "send_data"]


def test_a_withdrawn_notice_is_checked_for_nothing() -> None:
    assert live(OUT | {"withdrawn": True}).path() == ["file", "submit", "relay", "relay_latency", "check"]
    returned = live(OUT | {"withdrawn": True, "returned": True})
    assert returned.path()[-1] == "check_resubmit"


def test_a_duplicate_costs_another_check() -> None:
    day = live(OUT | {"files_twice": True})
    assert day.began("find_duplicate") == 130.0 + 61.5
    assert day.path(flow="duplicate")[-1] == "find_duplicate"


def test_online_notices_are_work_of_the_main_office_wherever_one_lives() -> None:
    day = live(OUT | {"site": 1}, units(SEAT, 0))
    assert not day.lived("check")


def test_who_finds_the_portal_down_tries_later() -> None:
    """Down from 90 to 400: patience ends at 115, the next try at 355 waits for the end of the outage."""
    day = live(OUT, units(PORTAL, 9), units(PORTAL, 0, since=90.0), units(PORTAL, 9, since=400.0))
    assert day.ended("reach_portal") == 115.0
    assert (day.began("reach_portal_again"), day.ended("reach_portal_again")) == (355.0, 400.0)
    assert (day.began("submit_again"), day.ended("submit_again")) == (400.0, 401.0)
    assert day.began("check") == 401.0 + 60.5


def test_a_failover_of_the_relay_delays_notice_preparation_and_data() -> None:
    """The primary stops at 100 for 15 minutes; the standby carries one message at a time."""
    failover = [units(RELAY, 9), units(RELAY, 0, since=100.0), units(RELAY, 1, since=115.0)]
    day = live(PREPARED | {"origin_done_time": 150.0, "submit_time": [100.0, 101.0]}, *failover)
    assert [day.ended("reach_relay", who) for who in (0, 1)] == [115.0, 115.5]
    assert [day.ended("post.relayed", who) for who in (0, 1)] == [175.5, 176.0]
    assert [day.began("prepare", who) for who in (0, 1)] == [175.5, 176.0]
    assert [day.ended("send_data", who) for who in (0, 1)] == [175.75, 176.25]


def test_a_failover_can_make_a_visit_come_before_the_data() -> None:
    hasty = RACE | {"submit_time": 535.0, "origin_done_time": 597.0, "same_day": True}
    assert not live(hasty).lived("call_origin")
    assert live(hasty, units(RELAY, 0), units(RELAY, 9, since=551.0)).lived("call_origin")


def test_trouble_of_the_resident_network_delays_the_data() -> None:
    day = live(RACE, units(JLIS, 0, since=490.0), units(JLIS, 9, since=650.0))
    assert day.ended("send_data") == 650.25
    assert day.lived("call_origin")
