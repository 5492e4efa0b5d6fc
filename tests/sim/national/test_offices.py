"""Offices that overflow: queues at closing, the last visitor, overtime; by brute force on a small country."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.national.offices import by_queue, office_table, size_table
from sim.national.reading import Tickets, jobs_of, tickets_of
from sim.national.replication import NationalRun
from tests.sim.national.small_country import runs


@pytest.fixture(scope="module")
def country() -> NationalRun:
    return runs()["without"]


@pytest.fixture(scope="module")
def offices(country: NationalRun) -> pd.DataFrame:
    return office_table(country)


def opening_days(run: NationalRun) -> list[int]:
    return [day for day in range(run.horizon.warm_up, run.horizon.days) if run.horizon.is_open[day]]


def of_town(tickets: Tickets, town: int) -> list[tuple[float, float, float]]:
    own = tickets.town == town
    return list(zip(tickets.came[own], tickets.called[own], tickets.left[own], strict=True))


@pytest.mark.parametrize("town", [0, 1, 7, 19])
def test_queues_and_overtime_are_those_counted_one_by_one(
    country: NationalRun, offices: pd.DataFrame, town: int
) -> None:
    row, turns = offices.iloc[town], of_town(tickets_of(country), town)
    start, end = country.horizon.window
    queues = dict.fromkeys(opening_days(country), 0)
    overtime, latest = 0.0, 0.0
    for came, called, left in turns:
        for day in queues:
            closing = day * 1440 + 1035
            queues[day] += came <= closing < called
        if start <= came < end:
            closing = int(came // 1440) * 1440 + 1035
            overtime += max(0.0, left - max(called, closing))
            latest = max(latest, left - closing)
    assert row["queue_at_closing"] == max(queues.values())
    assert row["days_over"] == sum(queue > 0 for queue in queues.values())
    assert row["overtime_h"] * 60 == pytest.approx(overtime, abs=1e-6)
    assert row["latest_min"] == pytest.approx(latest)
    if max(queues.values()) > 0:
        worst = country.horizon.date_of(max(queues, key=lambda day: queues[day])).isoformat()
        assert row["worst_day"] == worst
    else:
        assert row["worst_day"] == ""


def test_the_load_of_a_day_is_work_over_what_the_windows_can_do(country: NationalRun, offices: pd.DataFrame) -> None:
    # 12:00 to 13:30 is lunch: 435 minutes of all windows, 90 of seven in ten.
    windows = country.staffing.windows.peak[0]
    can_do = 435 * windows + 90 * round(0.7 * windows)
    turns = of_town(tickets_of(country), 0)
    work = {
        day: sum(left - called for came, called, left in turns if came // 1440 == day) for day in opening_days(country)
    }
    assert offices.loc[0, "load_max"] == pytest.approx(max(work.values()) / can_do)


def test_the_back_office_s_jobs_at_closing_are_those_counted_one_by_one(
    country: NationalRun, offices: pd.DataFrame
) -> None:
    jobs = jobs_of(country)
    most = 0
    for day in opening_days(country):
        closing = day * 1440 + 1035
        most = max(most, sum((jobs.town == 0) & (jobs.came <= closing) & (jobs.begun > closing)))
    assert offices.loc[0, "jobs_at_closing"] == most


def test_visits_of_all_offices_are_all_visits(country: NationalRun, offices: pd.DataFrame) -> None:
    tickets = tickets_of(country)
    start, end = country.horizon.window
    counted = (tickets.came >= start) & (tickets.came < end) & tickets.fresh
    assert offices["visits"].sum() == counted.sum()
    assert offices["people"].sum() == int(country.scenario.country.population)


def test_sizes_add_up_to_all_offices(offices: pd.DataFrame) -> None:
    marked = offices.assign(arm="without", replication=0)
    sizes = size_table(marked)
    assert sizes["towns"].sum() == len(offices)
    assert sizes["visits"].sum() == offices["visits"].sum()
    assert sizes["waiting"].sum() == (offices["days_over"] > 0).sum() > 0
    assert 0 < sizes["overflowing"].sum() == (offices["latest_min"] > 60).sum() < sizes["waiting"].sum()
    assert sizes["load_max"] @ sizes["towns"] == pytest.approx(offices["load_max"].sum())
    assert sizes["overtime_h"].sum() == pytest.approx(offices["overtime_h"].sum())
    large = sizes[sizes["people_from"] == 50_000].iloc[0]
    assert large["towns"] == ((offices["people"] >= 50_000) & (offices["people"] < 200_000)).sum()


def test_the_longest_queue_comes_first_and_replications_are_averaged(offices: pd.DataFrame) -> None:
    first = offices.assign(arm="without", replication=0)
    second = offices.assign(arm="without", replication=1, queue_at_closing=offices["queue_at_closing"] + 2)
    both = by_queue(pd.concat([first, second], ignore_index=True))
    assert (np.diff(both["queue_at_closing"]) <= 0).all()
    assert both["queue_at_closing"].iloc[0] == offices["queue_at_closing"].max() + 1
    assert sorted(both["rank"]) == list(range(1, 21))
    assert both.loc[both["rank"] == 1, "town"].tolist() == ["town_0001"]
