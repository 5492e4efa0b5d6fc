"""As many move as the table says; each leaves one town and arrives in another, on a day on which offices are open."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.csvtable import DataTableError
from scenarios.datatables import monthly_inter_municipal_movers
from sim.demand.households import MOST_PERSONS
from sim.national.errors import NationalError
from sim.national.moves import Moves, draw_moves, filings_of_month, household_sizes, paired
from sim.national.sizes import populations, split
from sim.streams import Streams
from tests.sim.national.small_country import SEED, horizon, small, whole


@pytest.fixture(scope="module")
def country() -> Moves:
    scenario = whole()
    return draw_moves(scenario, horizon(scenario), populations(scenario.country), Streams(SEED, 0))


def part(moves: Moves, name: str) -> slice:
    """Rows of one block."""
    start = 0
    for block in moves.blocks:
        if block.name == name:
            return slice(start, start + len(block.kept))
        start += len(block.kept)
    raise KeyError(name)


def test_the_persons_of_march_are_those_of_the_table(country: Moves) -> None:
    march = part(country, "between/2023-03")
    assert country.persons[march].sum() == monthly_inter_municipal_movers()[2023, 3] == 915_800
    assert march.stop - march.start == round(915_800 / 1.35)
    within = part(country, "within/2023-03")
    assert within.stop - within.start == round(round(915_800 / 1.35) * 0.5)


def test_of_other_months_only_days_that_matter_are_in_the_model(country: Moves) -> None:
    days = country.day[part(country, "between/2023-02")]
    assert days.min() >= 0
    assert days.max() < 7
    assert country.blocks[0].filings == filings_of_month(whole(), 2023, 2)[0] > len(days)


def test_every_move_leaves_one_town_and_arrives_in_another(country: Moves) -> None:
    march, people = part(country, "between/2023-03"), populations(whole().country)
    expected = split(march.stop - march.start, people)
    assert (np.bincount(country.origin[march], minlength=1741) == expected).all()
    assert (np.bincount(country.destination[march], minlength=1741) == expected).all()
    assert (country.origin[march] != country.destination[march]).all()
    within = part(country, "within/2023-03")
    assert (country.origin[within] == country.destination[within]).all()


def test_origins_are_mixed_over_the_country(country: Moves) -> None:
    # The largest town gets its share of the moves from every group of towns, itself left out.
    march, people = part(country, "between/2023-03"), populations(whole().country)
    arriving = country.origin[march][country.destination[march] == 0]
    expected = people[1:101].sum() / people[1:].sum()
    assert (arriving <= 100).mean() == pytest.approx(expected, abs=0.02)


def test_days_follow_season_and_weekday_and_skip_holidays(country: Moves) -> None:
    scenario = whole()
    days = horizon(scenario)
    count = np.bincount(country.day[part(country, "between/2023-03")], minlength=days.days)
    assert count[~days.is_open[: days.days]].sum() == 0
    # 27 March: season 2.95, Monday 1.22. 2 March: season 1.3, Thursday 0.90.
    busy, quiet = count[33], count[8]
    assert busy / quiet == pytest.approx(2.95 * 1.22 / (1.3 * 0.90), rel=0.03)


def test_another_month_in_the_model_changes_no_draw() -> None:
    longer = small({"period.end": small().period.end.replace(month=5, day=1)})
    short, long = (
        draw_moves(own, horizon(own), populations(own.country), Streams(SEED, 0)) for own in (small(), longer)
    )
    first, second = part(short, "between/2023-03"), part(long, "between/2023-03")
    assert (short.origin[first] == long.origin[second]).all()
    assert (short.uniform("x")[first] == long.uniform("x")[second]).all()


def test_a_month_that_the_table_does_not_have_is_named() -> None:
    scenario = small({"period.start": small().period.start.replace(year=2031), "period.end": "2031-03-29"})
    with pytest.raises(DataTableError, match="2031-03"):
        draw_moves(scenario, horizon(scenario), populations(scenario.country), Streams(SEED, 0))


@given(st.lists(st.integers(0, 40), min_size=3, max_size=12), st.integers(0, 2**32))
def test_nobody_is_paired_with_their_own_town(counts: list[int], seed: int) -> None:
    destination = np.repeat(np.arange(len(counts)), counts)
    if 2 * max(counts) > sum(counts):
        with pytest.raises(NationalError, match="E-national-few"):
            paired(destination, np.random.default_rng(seed))
        return
    origin = paired(destination, np.random.default_rng(seed))
    assert (origin != destination).all()
    assert (np.bincount(origin, minlength=len(counts)) == counts).all()


def test_every_pair_of_towns_is_as_frequent_as_chance_has_it() -> None:
    destination = np.repeat(np.arange(10), 20_000)
    origin = paired(destination, np.random.default_rng(1))
    table = np.bincount(10 * origin + destination, minlength=100).reshape(10, 10)
    others = table[~np.eye(10, dtype=bool)]
    assert others.min() > 0.93 * 200_000 / 90
    assert others.max() < 1.07 * 200_000 / 90


@given(st.integers(1, 3000), st.floats(1.0, float(MOST_PERSONS)))
def test_household_sizes_meet_their_sum(households: int, mean: float) -> None:
    persons = max(households, int(households * mean))
    sizes = household_sizes(households, persons)
    assert sizes.sum() == persons
    assert sizes.min() >= 1
    assert sizes.max() <= MOST_PERSONS


def test_most_households_are_of_one_person_and_sizes_fall_off_geometrically() -> None:
    share = np.bincount(household_sizes(100_000, 135_000), minlength=4) / 100_000
    assert share[1] == pytest.approx(1 / 1.35, abs=0.002)
    assert share[2] / share[1] == pytest.approx(0.35 / 1.35, abs=0.005)
