"""Rules against measurements: the right calls in the right phase; a metric without samples is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from loadtests.histogram import Histogram
from loadtests.history import FaultSpan
from loadtests.phases import hours_of, outside, peak_of, phases_of, united
from loadtests.rates import constant, ramp
from loadtests.rules import Judged, Measurements, judge
from loadtests.schedule import Schedule
from loadtests.series import RESPONSE, SERVICE, Series
from scenarios.schema.launch import DEFAULTS, Launch
from scenarios.thresholds import parse

START = datetime(2023, 3, 27, 8, 30)
SECOND = 1_000_000
SCHEDULE = constant(10.0, 240.0, START, speed=60.0)
FAILOVER = FaultSpan("failover", "jlis", 90 * 60 * SECOND, 105 * 60 * SECOND)  # from the 90th to the 105th real second


def measured(**changed: object) -> Measurements:
    """A run in which submissions take 100 ms, and 3 s and fail while the relay fails over."""
    series = Series()
    for second in range(240):
        slow = 90 <= second < 165
        for clock in (RESPONSE, SERVICE):
            series.record(clock, "submit", second * SECOND, 3 * SECOND if slow else 100_000, failed=slow)
            series.record(clock, "enquire", second * SECOND, 10_000)
    phases = phases_of(SCHEDULE, [FAILOVER])
    return replace(Measurements(series, phases, SCHEDULE), **changed)


def of(text: str, measurements: Measurements) -> Judged:
    (judged,) = judge({"mine": parse(text)}, measurements)
    return judged


@pytest.mark.parametrize(
    ("text", "kept", "found"),
    [
        ("response.p99 of submit < 2s", False, "3s"),
        ("response.p99 of submit < 2s during calm", True, "100ms"),
        ("response.p99 of enquire < 20ms during incident", True, "10ms"),
        ("response.max < 200ms during calm", True, "100ms"),
        ("response.min of submit >= 3s during failover", True, "3s"),
        ("response.mean of submit <= 3s during incident", True, "3s"),
        ("failures of submit <= 0.1% during calm", True, "0%"),
        ("failures of submit <= 1%", False, "31.25%"),
        ("failures <= 15.625%", True, "15.625%"),
        ("response.max of submit < 1s during 08:30-09:59", True, "100ms"),
        ("response.max of submit < 1s during 08:30-10:01", False, "3s"),
        ("service.p1 of submit <= 1ms", False, "100.031ms"),
    ],
)
def test_a_rule_is_held_against_its_calls_in_its_phase(text: str, kept: bool, found: str) -> None:
    judged = of(text, measured())
    assert judged.kept == kept
    assert judged.found == found
    assert judged.samples > 0
    assert judged.found in judged.says("en")


@pytest.mark.parametrize(
    "text",
    [
        "response.p99 of staff < 30s",
        "response.p99 of submit < 30s during another",
        "response.p99 < 30s during 20:00-21:00",
        "failures of staff <= 100%",
        "lost == 0",
        "late <= 1000",
        "headroom >= 0",
        "delivered.p95 <= 1000h",
        "telegram.max >= 0h",
    ],
)
def test_a_metric_without_samples_is_not_kept(text: str) -> None:
    judged = of(text, measured())
    assert not judged.kept
    assert judged.measured is None
    assert "nothing to measure" in judged.says("en")
    assert "1件もない" in judged.says("ja")


def test_counts_ratios_and_deliveries_are_taken_from_where_they_are() -> None:
    delivered = Histogram()
    for minutes in (1, 5, 90):
        delivered.record(minutes * 60 * SECOND)
    run = measured(
        counts={"lost": (0, 500), "late": (3, 500)}, delivered=delivered, headroom=Fraction(7, 5), telegram=delivered
    )
    assert of("lost == 0", run).kept
    assert of("lost == 0", run).data
    assert not of("lost == 0", replace(run, counts={"lost": (1, 500)})).kept
    assert of("late <= 3", run).kept
    assert not of("late <= 2", run).data
    assert not of("headroom >= 1.5", run).kept
    assert of("headroom >= 1.5", run).found == "1.4"
    assert of("delivered.max <= 2h", run).kept
    assert not of("telegram.p95 <= 10min", run).kept


def test_a_percentile_comes_with_its_bounds() -> None:
    judged = of("response.p99 of submit < 2s during calm", measured())
    assert judged.low is not None
    assert judged.high is not None
    assert judged.measured is not None
    assert judged.low <= judged.measured <= judged.high


def test_every_default_rule_is_judged_once_and_in_order() -> None:
    rules = Launch().rules()
    judged = judge(rules, measured())
    assert [own.name for own in judged] == list(DEFAULTS)
    assert [own.name for own in judged if own.kept] == [
        *("enquire_p95", "enquire_p99", "response_max", "submit_p95", "failures", "failures_peak")
    ]


# --- phases ----------------------------------------------------------------------------------------------------------


def test_phases_share_out_the_run_between_calm_and_incidents() -> None:
    phases = phases_of(SCHEDULE, [FAILOVER])
    assert phases["run"] == ((0, 240),)
    assert phases["failover"] == phases["incident"] == ((90, 165),)
    assert phases["calm"] == ((0, 90), (165, 240))


def test_a_fault_outside_the_run_is_no_phase() -> None:
    after = FaultSpan("after", "jlis", 300 * 60 * SECOND, 400 * 60 * SECOND)
    assert "after" not in phases_of(SCHEDULE, [after])
    assert phases_of(SCHEDULE, [after])["calm"] == ((0, 240),)
    until_cleared = FaultSpan("open", "jlis", -(2**62), 2**62)
    assert phases_of(SCHEDULE, [until_cleared])["open"] == ((0, 240),)


def test_the_peak_is_the_busiest_quarter() -> None:
    assert peak_of(ramp(1.0, 50.0, 100.0, 3, START)) == (75, 100)
    start, end = peak_of(ramp(50.0, 1.0, 100.0, 3, START))
    assert end - start == 25
    assert start <= 3
    assert peak_of(constant(1.0, 1.0, START)) == (0, 1)


def test_hours_of_the_scenario_come_on_each_of_its_days() -> None:
    two_days = Schedule(START, 96 * SECOND, 1800.0, SCHEDULE.due_us, SCHEDULE.arrivals)
    assert hours_of("09:30-10:30", SCHEDULE) == ((60, 120),)
    assert hours_of("08:00-09:00", SCHEDULE) == ((0, 30),)
    assert hours_of("09:30-10:30", two_days) == ((2, 4), (50, 52))
    assert hours_of("20:00-24:00", SCHEDULE) == ()


SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 10)).map(lambda own: (own[0], own[0] + own[1])), max_size=8
)


@given(SPANS)
def test_what_spans_leave_is_what_is_in_none_of_them(spans: list[tuple[int, int]]) -> None:
    inside = {second for start, end in spans for second in range(start, end)}
    whole = united(spans)
    assert {second for start, end in whole for second in range(start, end)} == inside
    assert all(one[1] < other[0] for one, other in pairwise(whole))
    left = {second for start, end in outside(whole, 60) for second in range(start, end)}
    assert left == set(range(60)) - inside


def test_a_mapping_is_enough_for_counts() -> None:
    counts: Mapping[str, tuple[int, int]] = {"stale": (2, 9)}
    assert of("stale == 0", measured(counts=counts)).measured == 2
