"""The hours that are played when nobody says: around the first incident, else the busiest morning of an open day."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import numpy as np

from loadtests.busiest import MORNING, busiest_morning, usual_window
from loadtests.crowd import filings_of
from loadtests.window import Window
from scenarios.loading import load
from scenarios.packaged import path_of
from scenarios.replacing import replace
from scenarios.schema import Scenario
from sim.streams import Streams

LAUNCH = load(path_of("launch"), Scenario)
FAILOVER = load(path_of("relay_failover"), Scenario)


def test_the_busiest_morning_is_one_in_which_the_network_is_open_and_no_such_morning_has_more() -> None:
    found = busiest_morning(LAUNCH, 1)
    assert (found.start.time(), found.end.time()) == MORNING
    assert found.start.weekday() < 5

    def filings(day: datetime) -> int:
        return len(filings_of(LAUNCH, Window(day + timedelta(hours=8.5), day + timedelta(hours=12.5)), Streams(1, 0)))

    most = filings(datetime.combine(found.start.date(), time()))
    assert most > 0
    first = datetime.combine(LAUNCH.period.start, time())
    days = [first + timedelta(days=number) for number in range((LAUNCH.period.end - LAUNCH.period.start).days + 1)]
    # Weekday mornings may be closed for a holiday; none of the open ones is busier, and closed ones are rare.
    busier = [day for day in days if day.weekday() < 5 and filings(day) > most]
    assert len(busier) <= 3
    assert np.all([day.date() != found.start.date() for day in busier])


def test_another_seed_may_have_another_busiest_morning_and_the_same_seed_has_the_same() -> None:
    assert busiest_morning(LAUNCH, 1) == busiest_morning(LAUNCH, 1)
    assert usual_window(LAUNCH, 2) == busiest_morning(LAUNCH, 2)


def test_a_scenario_with_an_incident_plays_the_morning_in_which_it_strikes() -> None:
    [incident] = FAILOVER.incidents
    assert incident.at is not None
    window = usual_window(FAILOVER, 1)
    assert (window.start.date(), window.start.time()) == (incident.at.date(), MORNING[0])
    assert window.start <= incident.at < window.end


def test_an_incident_outside_the_morning_is_played_with_the_time_before_it() -> None:
    [incident] = FAILOVER.incidents
    evening = replace(FAILOVER, {"incidents.relay_failover.at": datetime(2023, 3, 27, 17, 30)})
    window = usual_window(evening, 1)
    assert window.start == datetime(2023, 3, 27, 16, 0)
    assert window.end - window.start == timedelta(hours=4)
    assert incident.at != evening.incidents[0].at
