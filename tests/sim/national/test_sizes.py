"""Municipalities are as large and as many as published, and parts add up to the whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.schema.national import Country
from sim.national.sizes import nearest_in_size, populations, split
from tests.sim.national.small_country import small, whole


def test_the_people_of_all_municipalities_are_those_of_the_country() -> None:
    people = populations(whole().country)
    assert len(people) == 1741
    assert people.sum() == 125_416_877
    assert people[0] == 3_769_595


def test_sizes_that_are_not_fitted_come_out_as_published() -> None:
    # Neither the smallest (156 in 2024, https://nippon.com/ja/japan-data/h02073) nor Shinjuku is put in.
    people = populations(whole().country)
    assert 100 <= people[-1] <= 250
    assert abs(people[nearest_in_size(people, 346_000)] - 346_000) < 5_000


def test_the_largest_comes_first() -> None:
    people = populations(small().country)
    assert (np.diff(people) <= 0).all()
    assert people[-1] > 0


@settings(max_examples=50)
@given(
    st.integers(3, 300),
    st.integers(1_000, 10_000_000),
    st.floats(0.02, 0.48),
)
def test_any_country_is_split_without_loss(towns: int, people: int, share: float) -> None:
    largest = min(max(round(people * share), people // towns + 1), (people - 1) // 2)
    country = Country.model_validate(
        {"municipalities": towns, "population": people, "largest": largest, "example": largest}
    )
    parts = populations(country)
    assert parts.sum() == people
    assert parts[0] == largest
    assert (parts[1:] <= largest + 1).all()


@given(st.integers(0, 10**9), st.lists(st.floats(0.001, 1e6), min_size=1, max_size=50))
def test_each_part_is_its_share_but_for_less_than_one(total: int, weights: list[float]) -> None:
    parts = split(total, np.array(weights))
    exact = total * np.array(weights) / np.sum(weights)
    assert parts.sum() == total
    assert (np.abs(parts - exact) < 1 + 1e-6).all()


def test_the_largest_remainders_are_served_first() -> None:
    assert split(10, np.array([1.45, 1.45, 7.1])).tolist() == [2, 1, 7]
    assert split(4, np.array([0.0, 1.0, 0.0])).tolist() == [0, 4, 0]
