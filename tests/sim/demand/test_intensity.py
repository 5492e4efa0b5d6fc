"""Expected filings a day: the months of the table, spread by season, weekday, holidays and open Sundays."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from scenarios.datatables import month_shares
from scenarios.schema import Scenario
from scenarios.schema.volumes import MoveKind
from sim.demand.horizon import LOOK_AHEAD_DAYS, Horizon, horizon_of
from sim.demand.intensity import MOVES, daily_card_customers, daily_certificates, daily_moves, opening_days
from sim.program import Floats
from tests.sim.small import file, small


def launch() -> tuple[Scenario, Horizon]:
    scenario = file("launch")
    return scenario, horizon_of(scenario)


def expected(kind: MoveKind, name: str = "launch") -> Floats:
    return daily_moves(file(name), horizon_of(file(name)), kind)


def on(kind: MoveKind, month: int, day: int, name: str = "launch") -> float:
    return float(expected(kind, name)[horizon_of(file(name)).day_of(date(2023, month, day))])


def in_month(values: Floats, horizon: Horizon, month: int) -> float:
    months = np.array([horizon.date_of(day).month for day in range(len(values))])
    return float(values[months == month].sum())


@pytest.mark.parametrize("kind", MOVES)
@pytest.mark.parametrize("month", [2, 3, 4, 5])
def test_the_filings_of_a_month_are_those_of_the_table(kind: MoveKind, month: int) -> None:
    scenario, horizon = launch()
    yearly = int(getattr(scenario.volumes, kind)) / float(scenario.volumes.persons_per_filing)
    wanted = yearly * month_shares(kind, 2023)[month]
    assert in_month(daily_moves(scenario, horizon, kind), horizon, month) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("kind", MOVES)
def test_nobody_files_on_a_closed_day_and_somebody_on_every_open_one(kind: MoveKind) -> None:
    scenario, horizon = launch()
    days = horizon.days + LOOK_AHEAD_DAYS
    takes_notices = horizon.is_open | horizon.is_sunday_opening
    assert np.array_equal(daily_moves(scenario, horizon, kind) > 0, takes_notices[:days])


def test_a_day_after_a_holiday_has_its_own_factor_and_mondays_theirs() -> None:
    """Tuesday 21 March 2023 was a holiday; the season is the same from 15 to 24 March."""
    assert on("move_in", 3, 22) / on("move_in", 3, 23) == pytest.approx(1.5 / 0.9)
    assert on("move_in", 3, 20) / on("move_in", 3, 23) == pytest.approx(1.22 / 0.9)


def test_the_season_lifts_the_turn_of_the_year_and_moving_out_a_week_earlier() -> None:
    """Thursdays: 16 March has the factor 1.9, 30 March 2.95; a week before them is 1.3 and 1.9."""
    assert on("move_in", 3, 30) / on("move_in", 3, 16) == pytest.approx(2.95 / 1.9)
    assert on("move_out", 3, 23) / on("move_out", 3, 16) == pytest.approx(2.95 / 1.9)


def test_the_crowded_weeks_come_again_in_another_year() -> None:
    """In 2024 the 14th and the 28th of March are Thursdays with the factors 1.3 and 2.95; 29 February has 0.86."""
    period = {"start": date(2024, 2, 5), "end": date(2024, 4, 30), "warm_up_days": 14}
    scenario = small({"period": period})
    horizon = horizon_of(scenario)
    filings = daily_moves(scenario, horizon, "move_in")
    second, fourth = (filings[horizon.day_of(date(2024, 3, day))] for day in (14, 28))
    assert fourth / second == pytest.approx(2.95 / 1.3)
    leap, before = (filings[horizon.day_of(date(2024, 2, day))] for day in (29, 22))
    assert leap == pytest.approx(before)


def test_arrivals_from_abroad_know_no_season() -> None:
    assert on("from_abroad", 3, 30) == pytest.approx(on("from_abroad", 3, 9))


def test_an_open_sunday_has_its_share_of_a_mean_weekday() -> None:
    assert on("move_within", 3, 26) / on("move_within", 3, 28) == pytest.approx(0.5 / 1.02)


def test_a_surge_comes_on_top_of_its_own_flow_and_days_alone() -> None:
    assert expected("move_in", "border_reopening") == pytest.approx(expected("move_in"))
    extra = expected("from_abroad", "border_reopening") - expected("from_abroad")
    _, horizon = launch()
    assert extra.sum() == pytest.approx(4095 / 1.3)
    assert in_month(extra, horizon, 3) == pytest.approx(4095 / 1.3)
    assert (extra >= -1e-9).all()
    wednesday, thursday = (horizon.day_of(date(2023, 3, day)) for day in (22, 23))
    assert extra[wednesday] / extra[thursday] == pytest.approx(1.5 / 0.9)  # the first day after a holiday


def test_opening_days_of_a_year_are_counted_from_the_calendar() -> None:
    """The multipliers of the season were fitted to the 245 opening weekdays of 2023."""
    assert opening_days(2023) == 245


def test_certificates_follow_the_filings_that_branch_offices_take() -> None:
    """Arrivals from abroad go to the main office alone, so nobody comes for a certificate along with them."""
    scenario, horizon = launch()
    certificates = daily_certificates(scenario, horizon)
    a_day = (35000 + 37300 + 10500) / 1.3 / 245 * (1 - 0.45) * 2.0
    week = [horizon.day_of(date(2023, 4, day)) for day in (10, 11, 12, 13, 14)]
    assert certificates[week].mean() == pytest.approx(a_day)
    more_from_abroad = small({"volumes.from_abroad": 9000})
    assert daily_certificates(more_from_abroad, horizon_of(more_from_abroad)) == pytest.approx(
        daily_certificates(small(), horizon_of(small()))
    )


def test_customers_of_the_card_desks_come_on_opening_days() -> None:
    scenario, horizon = launch()
    customers = daily_card_customers(scenario, horizon)
    week = [horizon.day_of(date(2023, 4, day)) for day in (10, 11, 12, 13, 14)]
    assert customers[week].mean() == pytest.approx(60.0)
    assert customers[horizon.day_of(date(2023, 3, 21))] == 0.0
    assert customers[horizon.day_of(date(2023, 3, 26))] == 0.0
