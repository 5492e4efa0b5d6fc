"""Expected filings of every kind on every day: month, week in it, weekday, day after a holiday, open Sunday."""

from __future__ import annotations

from calendar import SUNDAY, monthrange
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from scenarios.datatables import month_shares, season_multipliers, weekday_multipliers
from scenarios.opening import OpeningCalendar, fourth_sunday
from scenarios.schema import Scenario
from scenarios.schema.volumes import MoveKind
from sim.demand.horizon import LOOK_AHEAD_DAYS, Horizon
from sim.program import Floats
from sim.recall import OF_ALL, part_of

MOVES: tuple[MoveKind, ...] = ("move_in", "move_out", "move_within", "from_abroad")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def daily_moves(scenario: Scenario, horizon: Horizon, kind: MoveKind) -> Floats:
    """Expected filings of one kind of move on each day, shape (days + LOOK_AHEAD_DAYS,).

    A month's filings are its share of the year (national and ward statistics count filings in the month in which they
    are made: https://www.stat.go.jp/data/idou/2.htm), spread over its opening days by season, weekday and holidays.
    """
    return OF_ALL.recall(_daily_moves, part_of(scenario, "volumes", "opening.sunday"), horizon, kind)


def _daily_moves(scenario: Scenario, horizon: Horizon, kind: MoveKind) -> Floats:
    volumes = scenario.volumes
    shares = month_shares(kind, volumes.year)
    yearly = int(getattr(volumes, kind)) / float(volumes.persons_per_filing)
    weight = _weigher(scenario, horizon, kind)
    dates = [horizon.date_of(day) for day in range(horizon.days + LOOK_AHEAD_DAYS)]
    total = {
        (year, month): sum(weight(date(year, month, day)) for day in range(1, monthrange(year, month)[1] + 1))
        for year, month in {(day.year, day.month) for day in dates}
    }
    expected = np.array([yearly * shares[day.month] * weight(day) / total[day.year, day.month] for day in dates])
    return expected + _surges(scenario, kind, dates, weight)


def daily_certificates(scenario: Scenario, horizon: Horizon) -> Floats:
    """Expected other customers of all branch offices' windows on each day: even over the year, by weekday."""
    volumes = scenario.volumes
    persons = sum(int(getattr(volumes, kind)) for kind in MOVES if kind != "from_abroad")  # those go to the main office
    filings = persons / float(volumes.persons_per_filing)
    at_branches = filings / opening_days(volumes.year) * (1.0 - float(scenario.office.main_share))
    return at_branches * float(volumes.certificates_per_filing) * _weekday_factor(horizon)


def daily_card_customers(scenario: Scenario, horizon: Horizon) -> Floats:
    """Expected other customers of the main office's card desks on each day."""
    return float(scenario.volumes.card_customers_per_day) * _weekday_factor(horizon)


def opening_days(year: int) -> int:
    """Opening days of a year."""
    first, after = np.array([f"{year}-01-01"], "datetime64[D]"), np.array([f"{year + 1}-01-01"], "datetime64[D]")
    return int(OpeningCalendar(year, year + 1).open_days_between(first, after)[0])


def _weekday_factor(horizon: Horizon) -> Floats:
    days = horizon.days + LOOK_AHEAD_DAYS
    by_weekday = weekday_multipliers()
    factor = np.array([by_weekday[name] for name in WEEKDAYS] + [0.0, 0.0])[horizon.weekday()[:days]]
    return np.where(horizon.is_open[:days], factor, 0.0)


def _weigher(scenario: Scenario, horizon: Horizon, kind: MoveKind) -> Callable[[date], float]:
    """Relative number of filings on a date."""
    calendar = horizon.calendar
    by_weekday = weekday_multipliers()
    seasons = season_multipliers(scenario.volumes.year)
    lead = timedelta(days=int(scenario.volumes.moving_out_lead_days) if kind == "move_out" else 0)
    sunday = scenario.opening.sunday

    def season(day: date) -> float:
        if kind == "from_abroad":
            return 1.0  # arrivals from abroad follow terms and visas, not Japan's April
        return seasons.on(_in_year(day + lead, scenario.volumes.year))

    def weight(day: date) -> float:
        if calendar.is_open_day(day):
            name = "after_holiday" if calendar.is_after_holiday(day) else WEEKDAYS[day.weekday()]
            return season(day) * by_weekday[name]
        if (
            sunday is not None
            and day.weekday() == SUNDAY
            and day == fourth_sunday(day.year, day.month, sunday.week, sunday.december_week)
        ):
            return season(day) * float(scenario.volumes.sunday_share)
        return 0.0

    return weight


def _in_year(day: date, year: int) -> date:
    """Return the same day of the table's year: the crowded weeks come again every year."""
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def _surges(scenario: Scenario, kind: MoveKind, dates: list[date], weight: Callable[[date], float]) -> Floats:
    extra = np.zeros(len(dates))
    for surge in scenario.volumes.surges:
        if surge.flow != kind:
            continue
        length = (surge.last - surge.first).days + 1
        total = sum(weight(surge.first + timedelta(days=number)) for number in range(length))
        filings = int(surge.persons) / float(scenario.volumes.persons_per_filing)
        extra += [filings * weight(day) / total if surge.first <= day <= surge.last else 0.0 for day in dates]
    return extra
