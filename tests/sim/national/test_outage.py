"""An outage delays what was in its way and nothing else; the arms are the same households with the same numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.national.outage import Morning, compare, days_of_incident, morning_of
from sim.national.reading import rows_named
from sim.national.replication import NationalRun
from tests.sim.national.small_country import horizon, runs, small

MONDAY = 14 * 1440.0
OUTAGE = (MONDAY + 600.0, MONDAY + 720.0)


@pytest.fixture(scope="module")
def without() -> NationalRun:
    return runs()["without"]


@pytest.fixture(scope="module")
def within() -> NationalRun:
    return runs()["with"]


def test_both_arms_are_one_program_under_two_calendars(without: NationalRun, within: NationalRun) -> None:
    assert without.compiled.program.value is within.compiled.program.value
    assert without.demand is within.demand
    mine, theirs = without.compiled.program.calendar, within.compiled.program.calendar
    assert len(theirs.time) > len(mine.time)


def test_nothing_differs_before_the_outage(without: NationalRun, within: NationalRun) -> None:
    for mine, theirs in ((without.log.enter, within.log.enter), (without.log.leave, within.log.leave)):
        before = (mine < OUTAGE[0]) | (theirs < OUTAGE[0])
        assert before.any()
        assert (mine == theirs)[before].all()


def test_the_outage_holds_up_exactly_who_reached_the_relay_while_it_was_down(
    without: NationalRun, within: NationalRun
) -> None:
    rows = rows_named(within, "reach_relay")
    came = without.log.enter[rows]
    delay = within.log.leave[rows] - without.log.leave[rows]
    caught = (came >= OUTAGE[0]) & (came < OUTAGE[1])
    assert caught.sum() > 5
    # The last of them wait for a free connection too: 30 of them, each 0.02 minutes.
    assert (delay[caught] >= OUTAGE[1] - came[caught] - 1e-6).all()
    assert delay.max() <= 120 + caught.sum() * 0.02
    resubmitted = np.array([name.endswith("_resubmit") for name in within.compiled.names.name])
    first = ~resubmitted[within.compiled.program.step[rows]]
    assert (delay[first & ~caught & (came < OUTAGE[0])] == 0).all()
    assert (delay[first & (came > OUTAGE[1] + 5)] == 0).all()


def test_no_message_comes_earlier_for_the_outage(without: NationalRun, within: NationalRun) -> None:
    days = days_of_incident(small(), within.horizon)
    assert days is not None
    mine, theirs = (morning_of(own, days).visible for own in (without, within))
    assert (theirs >= mine).all()
    # As many as could not reach the relay, and each by no more than the outage and the queue after it.
    table = compare(morning_of(without, days), morning_of(within, days), 0).set_index("measure")
    came = without.log.enter[rows_named(without, "relay")]
    assert float(table["with"]["filings_held_up"]) <= ((came >= OUTAGE[0]) & (came < OUTAGE[1] + 5)).sum()
    assert float(table["with"]["held_up_max"]) <= 121


def test_the_next_opening_day_is_measured() -> None:
    scenario = small()
    days = days_of_incident(scenario, horizon(scenario))
    assert days is not None
    assert (days.incident, days.next) == (14, 15)
    friday = small({"incidents": [{**scenario.incidents[0].model_dump(), "at": "2023-03-24T10:00:00"}]})
    days = days_of_incident(friday, horizon(friday))
    assert days is not None
    assert (days.incident, days.next) == (11, 14)
    quiet = small({"incidents": []})
    assert days_of_incident(quiet, horizon(quiet)) is None


def table_of(run: NationalRun) -> dict[tuple[str, str], float]:
    days = days_of_incident(small(), run.horizon)
    assert days is not None
    rows = morning_of(run, days).measures
    return dict(zip(zip(rows["measure"], rows["hour"], strict=True), rows["value"], strict=True))


def test_the_morning_is_measured_as_counted_by_hand(within: NationalRun) -> None:
    table, log = table_of(within), within.log
    seat, clerk = rows_named(within, "queue_back_seat"), rows_named(within, "queue_back_clerk")
    assert (clerk == seat + 1).all()
    opening = MONDAY + 1440 + 510
    waiting = (log.enter[seat] < opening) & (log.leave[clerk] >= opening)
    jobs = sum(table[f"jobs_at_opening_{kind}", "all"] for kind in ("check", "prepare", "post"))
    assert jobs == waiting.sum() > 0
    visitors = rows_named(within, "queue_window")
    came = log.enter[visitors]
    tuesday = (came >= MONDAY + 1440) & (came < MONDAY + 2880)
    fresh = np.array([not name.endswith("_after_answer") for name in within.compiled.names.name])
    tuesday &= fresh[within.compiled.program.step[visitors]]
    waits = log.leave[visitors + 1] - came
    assert table["wait_mean", "all"] == pytest.approx(waits[tuesday].mean())
    at_ten = tuesday & (came % 1440 >= 600) & (came % 1440 < 660)
    assert table["wait_mean", "10"] == pytest.approx(waits[at_ten].mean())


def test_early_visits_count_on_the_day_on_which_people_came(within: NationalRun) -> None:
    table = table_of(within)
    calls = within.log.enter[rows_named(within, "call_origin")]
    served_on = (calls >= MONDAY) & (calls < MONDAY + 1440)
    # Everybody is called on the day on which they came, however late.
    assert table["early_visits_same_day", "all"] == served_on.sum()
    assert table["early_visits_next_morning", "all"] <= table["early_visits_next_day", "all"]


def test_arms_are_set_side_by_side_and_subtracted() -> None:
    def morning(visible: list[float], value: float) -> Morning:
        rows = [("early_visits_same_day", "count", "all", value)]
        return Morning(np.array(visible), pd.DataFrame(rows, columns=["measure", "unit", "hour", "value"]))

    table = compare(morning([10.0, 20.0, 30.0], 4.0), morning([10.0, 50.0, 130.0], 7.0), 3).set_index("measure")
    assert table["difference"].to_dict() == {
        "filings_held_up": 2.0,
        "held_up_mean": 65.0,
        "held_up_max": 100.0,
        "early_visits_same_day": 3.0,
    }
    assert (table["replication"] == 3).all()
    assert list(table.loc["early_visits_same_day", ["without", "with"]]) == [4.0, 7.0]


def test_an_outage_that_catches_nobody_has_no_mean_delay() -> None:
    empty = pd.DataFrame({"measure": [], "unit": [], "hour": [], "value": []})
    same = Morning(np.array([1.0]), empty)
    table = compare(same, same, 0).set_index("measure")
    assert table.loc["filings_held_up", "with"] == 0
    assert table["with"].isna().to_dict() == {"filings_held_up": False, "held_up_mean": True, "held_up_max": True}
