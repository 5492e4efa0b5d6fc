"""Rates by the minute, their peaks, and what a load test has to reach, on numbers that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sim.national.rates import count_by_minute, minute_rates, peaks, required_rates
from tests.sim.national.small_country import flag, runs

DAY = 1440


def by_minute(*events: tuple[int, int], days: int = 2, system: str = "relay", replication: int = 0) -> pd.DataFrame:
    """A table of rates: so many filings in some minutes, counted from the first midnight; else none."""
    filings = np.zeros(days * DAY, dtype=np.int64)
    for minute, number in events:
        filings[minute] = number
    dates = np.repeat([f"2023-03-{27 + day}" for day in range(days)], DAY)
    table = pd.DataFrame({"arm": "without", "replication": replication, "system": system, "date": dates})
    return table.assign(minute=np.tile(np.arange(DAY), days), filings=filings)


def test_events_are_counted_in_the_minute_of_the_clock_in_which_they_fall() -> None:
    moments = np.array([1440.0, 1440.5, 1440.999, 1441.0, 1443.2, 1439.999, 1444.0])
    assert count_by_minute(moments, (1440.0, 1444.0)).tolist() == [3, 1, 0, 1]


def test_no_events_are_no_filings_in_every_minute() -> None:
    assert count_by_minute(np.zeros(0), (0.0, 3.0)).tolist() == [0, 0, 0]


@given(st.lists(st.floats(0, 200), max_size=50))
def test_every_event_inside_the_window_is_counted_once(moments: list[float]) -> None:
    count = count_by_minute(np.array(moments), (60.0, 180.0))
    assert len(count) == 120
    assert count.sum() == sum(60 <= moment < 180 for moment in moments)


def test_the_busiest_minute_hour_and_day_need_not_lie_in_each_other() -> None:
    # Day 1: one minute of 9. Day 2: an hour of 10 in two minutes, and 12 in all.
    rates = by_minute((100, 9), (DAY + 605, 5), (DAY + 650, 5), (DAY + 800, 2))
    found = peaks(rates).set_index("span")
    assert found["filings"].to_dict() == {"minute": 9, "hour": 10, "day": 12}
    assert found["date"].to_dict() == {"minute": "2023-03-27", "hour": "2023-03-28", "day": "2023-03-28"}
    assert found["minute"].to_dict() == {"minute": 100, "hour": 600, "day": 0}


def test_arms_systems_and_replications_have_peaks_of_their_own() -> None:
    rates = pd.concat(
        [by_minute((5, 3)), by_minute((5, 7), system="portal"), by_minute((9, 4), replication=1)], ignore_index=True
    )
    found = peaks(rates)
    minutes = found[found["span"] == "minute"].set_index(["system", "replication"])["filings"].to_dict()
    assert minutes == {("relay", 0): 3, ("portal", 0): 7, ("relay", 1): 4}


def test_required_rates_are_quantiles_over_minutes() -> None:
    # An hour of 1, 2, …, 60 filings in its minutes; nothing else in two days.
    rates = by_minute(*((600 + minute, minute + 1) for minute in range(60)))
    found = required_rates(rates).set_index("period")
    hour = found.loc["busiest_hour"]
    assert (hour["p50"], hour["p95"]) == (30, 57)
    assert (hour["max"], hour["minutes_counted"]) == (60, 60)
    assert list(found.loc["month", ["p50", "p95", "max", "minutes_counted"]]) == [0, 0, 60, 2 * DAY]
    assert found.loc["busiest_day", "minutes_counted"] == DAY


def test_every_replication_adds_its_own_busiest_hour() -> None:
    rates = pd.concat([by_minute((600, 10)), by_minute((DAY + 700, 20), replication=1)], ignore_index=True)
    hour = required_rates(rates).set_index("period").loc["busiest_hour"]
    assert (hour["max"], hour["minutes_counted"]) == (20, 120)


def test_every_filing_passes_the_portal_and_the_relay_once_for_each_time_it_is_sent() -> None:
    run = runs()["without"]
    rates = minute_rates(run)
    start, end = run.horizon.window
    columns, log = run.demand.columns, run.log
    assert len(rates) == 2 * (end - start)
    sent = flag(run.demand, "files_out", "files_within")
    submitted = columns["submit_time"].astype(float)[sent]
    first = ((submitted >= start) & (submitted < end)).sum()
    portal, relay = (rates.loc[rates["system"] == system, "filings"].sum() for system in ("portal", "relay"))
    # Beside first filings there are duplicates and corrections, a few of a hundred each.
    assert first <= portal <= 1.12 * first
    assert abs(portal - relay) <= 3
    assert log.enter[0] == 0.0
