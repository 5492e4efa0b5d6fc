"""Erlang's formulas against independent oracles: published tables, balance equations, and a tagged customer."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as law

from sim.program import Floats
from sim.theory.markov import (
    erlang_a,
    erlang_b,
    erlang_c,
    mmc_mean_wait,
    mmc_wait_quantile,
    mmc_wait_tail,
    number_in_system,
)
from tests.sim.balance import State, stationary


def queue_chain(servers: int, arrival: float, service: float, quits: float = 0.0) -> Floats:
    def moves(state: State) -> Iterable[tuple[State, float]]:
        (n,) = state
        yield (n + 1,), arrival
        yield (n - 1,), min(n, servers) * service + max(n - servers, 0) * quits

    return stationary([(n,) for n in range(400)], moves)


@pytest.mark.parametrize(
    ("servers", "load", "blocked"),
    # Traffic that gives 1 % and 0.1 % loss in the published Erlang B tables (four figures).
    [(1, 0.0101, 0.01), (5, 1.361, 0.01), (10, 4.461, 0.01), (20, 12.03, 0.01), (50, 37.90, 0.01), (10, 3.092, 0.001)],
)
def test_erlang_b_agrees_with_the_published_tables(servers: int, load: float, blocked: float) -> None:
    assert erlang_b(servers, load) == pytest.approx(blocked, rel=2e-3)


def test_erlang_b_survives_a_thousand_servers_and_no_load() -> None:
    assert 0 < erlang_b(1000, 1000.0) < 0.03
    assert erlang_b(3, 0.0) == 0.0
    assert erlang_b(0, 5.0) == 1.0


@pytest.mark.parametrize(("servers", "minutes"), [(3, 12.3), (4, 1.0), (5, 0.24)])
def test_the_teaching_example_of_a_ward_office_has_its_known_waits(servers: int, minutes: float) -> None:
    assert mmc_mean_wait(servers, 1.0, 1 / 2.8) == pytest.approx(minutes, rel=0.01)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (3, 0.9), (7, 0.5), (20, 0.8)])
def test_mmc_agrees_with_its_balance_equations(servers: int, load: float) -> None:
    rate = servers * load * 0.7
    share = queue_chain(servers, rate, 0.7)
    number = np.arange(len(share))
    assert erlang_c(servers, servers * load) == pytest.approx(share[servers:].sum(), rel=1e-9)
    waiting = np.maximum(number - servers, 0) @ share
    assert mmc_mean_wait(servers, rate, 0.7) == pytest.approx(waiting / rate, rel=1e-9)
    ours = number_in_system(servers, rate, 0.7)[:400]
    assert np.allclose(ours, share[: len(ours)], atol=1e-12)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (4, 0.8), (10, 0.95)])
def test_the_wait_quantile_inverts_the_distribution_given_the_number_found(servers: int, load: float) -> None:
    rate = servers * load
    share = number_in_system(servers, rate, 1.0)
    wait = mmc_wait_quantile(servers, rate, 1.0, 0.95)
    # Whoever finds n >= c waits for n - c + 1 departures, which come at rate c mu.
    departures = np.arange(len(share) - servers)
    longer = share[servers:] @ law.poisson.cdf(departures, servers * wait)
    assert longer == pytest.approx(0.05, rel=1e-9)
    assert mmc_wait_tail(servers, rate, 1.0, wait) == pytest.approx(0.05, rel=1e-12)


def test_the_wait_quantile_is_zero_where_fewer_wait() -> None:
    assert mmc_wait_quantile(50, 25.0, 1.0, 0.95) == 0.0


@pytest.mark.parametrize(
    ("servers", "load", "patience"), [(1, 0.5, 3.0), (5, 1.0, 2.0), (20, 1.3, 0.5), (50, 0.95, 4.0)]
)
def test_erlang_a_agrees_with_balance_equations_and_with_a_tagged_customer(
    servers: int, load: float, patience: float
) -> None:
    rate, theta = servers * load, 1 / patience
    share = queue_chain(servers, rate, 1.0, theta)
    # Mean wait of one who finds k waiting: the next event is a departure ahead or giving up.
    wait = np.zeros(len(share) - servers)
    for k in range(len(wait)):
        ahead = servers + k * theta
        wait[k] = (1 + (ahead * wait[k - 1] if k else 0.0)) / (ahead + theta)
    ours = erlang_a(servers, rate, 1.0, theta)
    assert ours.mean_wait == pytest.approx(float(share[servers:] @ wait), rel=1e-8)
    assert ours.wait_probability == pytest.approx(float(share[servers:].sum()), rel=1e-8)
    served = np.minimum(np.arange(len(share)), servers) @ share
    assert ours.abandonment == pytest.approx(1 - served / rate, rel=1e-6)


@pytest.mark.parametrize(("servers", "load"), [(500, 1.0), (2000, 1.2), (2000, 0.5)])
def test_erlang_a_is_stable_for_thousands_of_servers(servers: int, load: float) -> None:
    ours = erlang_a(servers, servers * load, 1.0, 1.0)
    # With patience as long as service the number present is Poisson, whatever the number of servers.
    number = law.poisson(servers * load)
    present = np.arange(servers, 3 * servers)
    waiting = (present - servers) @ number.pmf(present)
    assert ours.mean_wait == pytest.approx(waiting / (servers * load), rel=1e-6, abs=1e-30)


@given(st.integers(1, 60), st.floats(0.01, 0.99))
def test_waiting_is_more_likely_than_being_turned_away(servers: int, load: float) -> None:
    assert erlang_b(servers, servers * load) <= erlang_c(servers, servers * load) <= 1


@settings(max_examples=50)
@given(st.integers(1, 30), st.floats(0.1, 0.95))
def test_rare_impatience_is_nearly_no_impatience(servers: int, load: float) -> None:
    patient = mmc_mean_wait(servers, servers * load, 1.0)
    assert erlang_a(servers, servers * load, 1.0, 1e-9).mean_wait == pytest.approx(patient, rel=1e-4, abs=1e-12)
