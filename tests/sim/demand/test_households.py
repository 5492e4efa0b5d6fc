"""Who comes, when and where: Poisson days, profiles of hours, sites that are staffed, numbers that stay."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import sim.demand.hours
from scenarios.datatables import hourly_profile
from scenarios.schema import Scenario
from sim.demand.horizon import LOOK_AHEAD_DAYS, MINUTES_PER_DAY, Horizon, horizon_of
from sim.demand.hours import ArrivalHours
from sim.demand.households import KINDS, Households, draw_households
from sim.demand.intensity import MOVES, daily_moves
from sim.program import Bools, Floats, Ints
from sim.streams import Streams
from tests.sim.small import SEED, file, small

MAIN = 0
SURELY = 1e-5
"""Chance alone makes a test with this level fail once in 100,000 seeds; the seed is fixed."""


@cache
def launch() -> tuple[Households, Horizon]:
    scenario = file("launch")
    horizon = horizon_of(scenario)
    return draw_households(scenario, horizon, Streams(SEED, 0)), horizon


def drawn(scenario: Scenario, number: int = 0) -> Households:
    return draw_households(scenario, horizon_of(scenario), Streams(SEED, number))


def is_kind(people: Households, *kinds: str) -> Bools:
    return np.isin(people.kind, [KINDS.index(kind) for kind in kinds])


def minute(people: Households) -> Floats:
    return np.asarray(people.visit_time - people.day * float(MINUTES_PER_DAY))


def misfit(hours: Ints, shares: Floats) -> float:
    """Probability of hours at least as far from the shares, by chi-square."""
    counts = np.bincount(hours, minlength=24)
    used = shares > 0
    assert counts[~used].sum() == 0
    return float(stats.chisquare(counts[used], shares[used] / shares[used].sum() * counts.sum()).pvalue)


# --- how many --------------------------------------------------------------------------------------------------------


def test_the_number_a_day_is_poisson_around_its_expectation() -> None:
    scenario = small()
    horizon = horizon_of(scenario)
    days = horizon.days + LOOK_AHEAD_DAYS
    mean = np.array([daily_moves(scenario, horizon, kind) for kind in MOVES])
    squares, total, runs = 0.0, 0.0, 60
    for number in range(runs):
        people = drawn(scenario, number)
        counts = np.array([np.bincount(people.day[people.kind == kind], minlength=days) for kind in range(len(MOVES))])
        squares += float((((counts - mean) ** 2)[mean > 0] / mean[mean > 0]).sum())
        total += float(counts.sum())
    freedom = runs * int((mean > 0).sum())
    assert SURELY < stats.chi2.cdf(squares, freedom) < 1 - SURELY  # neither more nor less spread than Poisson
    assert abs(total - runs * mean.sum()) < 4.5 * np.sqrt(runs * mean.sum())


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(["move_in", "move_out", "move_within", "from_abroad"]), st.integers(4500, 9000))
def test_more_demand_only_adds_households_and_changes_nobody(kind: str, persons: int) -> None:
    few, many = drawn(small()), drawn(small({f"volumes.{kind}": persons}))

    def numbered(people: Households) -> dict[tuple[int, int, int], tuple[object, ...]]:
        first = np.flatnonzero(np.diff(people.kind * 10_000 + people.day, prepend=-1))
        nth = np.arange(len(people)) - first[np.searchsorted(first, np.arange(len(people)), side="right") - 1]
        columns = (people.visit_time, people.site, people.persons, people.cards, people.uniform("uptake"))
        who = zip(people.kind.tolist(), people.day.tolist(), nth.tolist(), strict=True)
        return dict(zip(who, zip(*(column.tolist() for column in columns), strict=True), strict=True))

    before, after = numbered(few), numbered(many)
    assert len(after) > len(before)
    # Certificates follow the number of filings; everybody who is there in both is the same.
    assert all(after[who] == drawn_before for who, drawn_before in before.items())


# --- when ------------------------------------------------------------------------------------------------------------


def test_hours_of_an_ordinary_weekday_follow_the_profile() -> None:
    people, horizon = launch()
    late_day = (horizon.weekday()[people.day] == 1) & (people.site == MAIN)
    ordinary = horizon.is_open[people.day] & ~late_day
    hours = (minute(people)[ordinary] // 60).astype(np.int64)
    assert len(hours) > 20_000
    assert misfit(hours, np.array(hourly_profile("B"))) > SURELY
    assert misfit(hours, np.array(hourly_profile("A"))) < SURELY


def test_hours_of_the_late_tuesday_and_of_the_open_sunday_follow_theirs() -> None:
    people, horizon = launch()
    late_day = (horizon.weekday()[people.day] == 1) & (people.site == MAIN) & (people.kind < len(MOVES))
    assert misfit((minute(people)[late_day] // 60).astype(np.int64), np.array(hourly_profile("C"))) > SURELY
    sunday = horizon.is_sunday_opening[people.day]
    assert sunday.sum() > 300
    assert misfit((minute(people)[sunday] // 60).astype(np.int64), np.array(hourly_profile("D"))) > SURELY


def test_everybody_comes_while_the_site_is_open() -> None:
    people, horizon = launch()
    sunday, tuesday = horizon.is_sunday_opening[people.day], horizon.weekday()[people.day] == 1
    came = minute(people)
    assert (horizon.is_open[people.day] | sunday).all()
    assert ((came >= 510) & (came < 1140)).all()
    assert ((came[sunday] >= 540) & (came[sunday] < 1020)).all()
    late = came >= 1020
    assert late.any()
    assert np.array_equal(late, people.is_evening)
    assert (tuesday & (people.site == MAIN) & (people.kind < len(MOVES)))[late].all()


def test_sunday_visitors_and_arrivals_from_abroad_are_at_the_main_office() -> None:
    people, horizon = launch()
    assert (people.site[horizon.is_sunday_opening[people.day]] == MAIN).all()
    assert (people.site[is_kind(people, "from_abroad", "card_only")] == MAIN).all()
    assert (people.site[is_kind(people, "certificate")] != MAIN).all()
    assert not horizon.is_sunday_opening[people.day[is_kind(people, "certificate", "card_only")]].any()


def test_an_hour_without_arrivals_stays_empty() -> None:
    """Profile D has nobody before nine; opened at eight, the office still sees nobody before nine."""
    profile = ArrivalHours("D", (480.0, 1020.0))
    assert profile.at(np.array([1e-12]))[0] == pytest.approx(540.0)
    assert profile.share_before(540.0) == 0.0
    assert profile.share_before(600.0) == pytest.approx(0.14)


def test_neighbours_do_not_spread_over_an_hour_without_arrivals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.demand.hours, "hourly_profile", lambda _: [0.0] * 11 + [0.5, 0.0, 0.5] + [0.0] * 10)
    came = ArrivalHours("closed at noon", (660.0, 840.0)).at(np.linspace(0.001, 0.999, 999))
    assert not ((came > 720.0) & (came < 780.0)).any()
    assert (came < 720.0).sum() == pytest.approx(500, abs=1)


# --- who -------------------------------------------------------------------------------------------------------------


def test_the_main_office_has_its_share_and_branches_theirs() -> None:
    people, horizon = launch()
    shared = horizon.is_open[people.day] & is_kind(people, "move_in", "move_out", "move_within")
    counts = np.bincount(people.site[shared], minlength=11)
    weights = np.array([float(site.population_weight) for site in file("launch").sites])
    share = np.where(np.arange(11) == MAIN, 0.45, 0.55 * weights / weights.sum())
    assert stats.chisquare(counts, share * counts.sum()).pvalue > SURELY


def test_households_are_as_large_as_the_scenario_says_and_cards_fit_in() -> None:
    people, _ = launch()
    error = people.persons.std() / np.sqrt(len(people))
    assert abs(people.persons.mean() - 1.3) < 4.5 * error
    assert abs(people.has_card.mean() - 0.60) < 4.5 * np.sqrt(0.24 / len(people))
    assert ((people.cards >= people.has_card) & (people.cards <= people.persons * people.has_card)).all()
