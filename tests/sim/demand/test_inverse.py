"""Inverse distribution functions: the numbers that scipy.stats gives, and least of those that are probable enough."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.demand.inverse import binomial, normal, poisson, truncated_exponential
from sim.streams import Streams

UNIFORM = np.concatenate([[0.0, 2.0**-53, 0.5, 1 - 2.0**-53], Streams(1, 0).uniform("any", 50_000)])


def test_normal_numbers_are_those_of_scipy() -> None:
    assert np.array_equal(normal(UNIFORM), stats.norm.ppf(UNIFORM))


def test_poisson_numbers_are_those_of_scipy_for_every_mean() -> None:
    mean = np.resize([0.0, 0.3, 4.0, 57.2, 400.0], len(UNIFORM))
    assert np.array_equal(poisson(UNIFORM, mean), np.maximum(stats.poisson.ppf(UNIFORM, mean), 0))


@pytest.mark.parametrize("chance", [0.0, 0.3, 0.65, 1.0])
def test_binomial_numbers_are_those_of_scipy_for_every_number_of_trials(chance: float) -> None:
    trials = np.resize(np.arange(8), len(UNIFORM))
    assert np.array_equal(binomial(UNIFORM, trials, chance), np.maximum(stats.binom.ppf(UNIFORM, trials, chance), 0))


def test_nobody_and_no_trials_give_nothing() -> None:
    assert binomial(np.zeros(0), np.zeros(0, dtype=np.int64), 0.5).tolist() == []
    assert binomial(np.array([0.9]), np.array([0]), 0.5).tolist() == [0]


def test_truncated_exponential_numbers_are_those_of_scipy_and_stay_below_the_limit() -> None:
    found = truncated_exponential(UNIFORM, 6.0, 15.0)
    assert np.array_equal(found, stats.truncexpon.ppf(UNIFORM, b=2.5, scale=6.0))
    assert found.min() >= 0.0
    assert found.max() <= 15.0
