"""General service, priorities, networks and ample servers against balance equations, integrals and an ODE."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy import integrate
from scipy import stats as law

from sim.program import Floats
from sim.theory import TheoryError
from sim.theory.general import cobham_mean_waits, mg1_mean_wait, priority_mmc_mean_waits
from sim.theory.infinite import SinusoidalRate, busy_deterministic, busy_exponential
from sim.theory.markov import erlang_c, mmc_mean_wait
from sim.theory.network import jackson
from tests.sim.balance import State, stationary


@pytest.mark.parametrize(
    ("service", "scv"),
    [
        (law.gamma(4, scale=0.25), 0.25),
        (law.gamma(2, scale=0.5), 0.5),
        (law.expon(), 1.0),
        (law.lognorm(0.8, scale=np.exp(-0.32)), np.exp(0.64) - 1),
    ],
)
def test_pollaczek_khinchine_agrees_with_the_chain_at_departures(service: Any, scv: float) -> None:
    rate, size = 0.5, 200
    minutes = np.linspace(1e-9, 120, 120_001)
    density = service.pdf(minutes)
    arrivals = np.array(
        [integrate.simpson(law.poisson.pmf(k, rate * minutes) * density, x=minutes) for k in range(size)]
    )
    chain = np.zeros((size, size))
    for present in range(size):
        left = max(present - 1, 0)
        chain[present, left:] = arrivals[: size - left]
    chain[:, -1] += 1 - chain.sum(axis=1)
    share = np.linalg.lstsq(
        np.vstack([chain.T - np.eye(size), np.ones(size)]), np.concatenate([np.zeros(size), [1.0]]), rcond=None
    )[0]
    time_in_system = float(share @ np.arange(size)) / rate
    assert mg1_mean_wait(rate, 1.0, scv) == pytest.approx(time_in_system - 1, rel=1e-3)


def test_constant_service_halves_the_wait_of_exponential_service() -> None:
    assert mg1_mean_wait(0.8, 1.0, 0.0) == pytest.approx(mmc_mean_wait(1, 0.8, 1.0) / 2)


def test_cobham_agrees_with_balance_equations_of_two_classes_with_different_services() -> None:
    rates, speeds = np.array([0.2, 0.25]), np.array([1.0, 0.6])
    room = 40
    idle: State = (0, 0, 0)
    states = [idle, *((k, a, b) for k in (1, 2) for a, b in product(range(room), repeat=2))]

    def moves(state: State) -> Iterable[tuple[State, float]]:
        serving, first, second = state
        if serving == 0:
            yield (1, 0, 0), rates[0]
            yield (2, 0, 0), rates[1]
            return
        yield (serving, first + 1, second), rates[0]
        yield (serving, first, second + 1), rates[1]
        after = (1, first - 1, second) if first else (2, first, second - 1) if second else idle
        yield after, speeds[serving - 1]

    share = stationary(states, moves)
    waiting = share @ np.array([state[1:] for state in states])
    assert cobham_mean_waits(rates, 1 / speeds, 2 / speeds**2) == pytest.approx(waiting / rates, rel=1e-5)


@pytest.mark.parametrize("servers", [2, 4])
def test_priorities_with_several_servers_agree_with_balance_equations(servers: int) -> None:
    rates, room = servers * np.array([0.25, 0.35]), 45
    states: list[State] = [
        *((busy, 0, 0) for busy in range(servers)),
        *((servers, a, b) for a, b in product(range(room), repeat=2)),
    ]

    def moves(state: State) -> Iterable[tuple[State, float]]:
        busy, first, second = state
        if busy < servers:
            yield (busy + 1, 0, 0), rates.sum()
            yield (busy - 1, 0, 0), busy
            return
        yield (busy, first + 1, second), rates[0]
        yield (busy, first, second + 1), rates[1]
        after = (busy, first - 1, second) if first else (busy, first, second - 1) if second else (busy - 1, 0, 0)
        yield after, busy

    share = stationary(states, moves)
    waiting = share @ np.array([state[1:] for state in states])
    assert priority_mmc_mean_waits(servers, rates, 1.0) == pytest.approx(waiting / rates, rel=1e-5)


def test_priorities_move_waiting_about_without_changing_the_work_that_waits() -> None:
    rates, means, squares = np.array([0.2, 0.1, 0.15]), np.array([1.0, 2.0, 1.5]), np.array([1.0, 8.0, 3.0])
    loads = rates * means
    waits = cobham_mean_waits(rates, means, squares)
    # Kleinrock's conservation law: the load-weighted sum of waits is that of first come first served.
    total = loads.sum()
    assert loads @ waits == pytest.approx(total * (rates @ squares) / 2 / (1 - total))
    assert priority_mmc_mean_waits(1, rates, 1.0)[0] == pytest.approx(
        cobham_mean_waits(rates, np.ones(3), 2 * np.ones(3))[0]
    )


def test_a_jackson_network_with_rework_agrees_with_balance_equations() -> None:
    room, again = 28, 0.25
    rate, speeds = 0.3, np.array([0.5, 1.0])  # two servers at the first station, one at the second

    def moves(state: State) -> Iterable[tuple[State, float]]:
        first, second = state
        yield (first + 1, second), rate
        yield (first - 1, second + 1), min(first, 2) * speeds[0]
        yield (first + 1, second - 1), min(second, 1) * speeds[1] * again
        yield (first, second - 1), min(second, 1) * speeds[1] * (1 - again)

    states: list[State] = list(product(range(room), repeat=2))
    numbers = stationary(states, moves) @ np.array(states)
    ours = jackson(np.array([rate, 0.0]), np.array([[0.0, 1.0], [again, 0.0]]), np.array([2, 1]), speeds)
    assert ours.arrival_rates == pytest.approx([0.4, 0.4])
    assert ours.numbers == pytest.approx(numbers, rel=1e-4)
    assert ours.time_in_network == pytest.approx(numbers.sum() / rate, rel=1e-4)
    assert ours.sojourns == pytest.approx(numbers / 0.4, rel=1e-4)


RATE = SinusoidalRate(3.0, 2.0, 5.0)


@pytest.mark.parametrize("time", [0.0, 1.3, 2.5, 4.9, 17.0])
def test_ample_servers_hold_those_who_came_and_are_still_there(time: float) -> None:
    def arrived(ago: float) -> float:
        return float(RATE.at(np.array(time - ago)))

    still_there = integrate.quad(lambda ago: arrived(ago) * np.exp(-ago / 1.7), 0, 70, limit=400)[0]
    assert busy_exponential(RATE, 1.7, np.array([time]))[0] == pytest.approx(still_there, rel=1e-7)
    fixed = integrate.quad(arrived, 0, 1.7)[0]
    assert busy_deterministic(RATE, 1.7, np.array([time]))[0] == pytest.approx(fixed, rel=1e-9)


def test_the_number_in_service_varies_as_a_poisson_number_does() -> None:
    size = 40
    number = np.arange(size)

    def flow(time: float, share: Floats) -> Floats:
        up = float(RATE.at(np.array(time))) * share
        up[-1] = 0.0
        down = number / 1.7 * share
        change = -up - down
        change[1:] += up[:-1]
        change[:-1] += down[1:]
        return change

    start = np.zeros(size)
    start[0] = 1.0
    end = 8 * RATE.period + 1.1
    share = integrate.solve_ivp(flow, (0, end), start, method="LSODA", rtol=1e-9, atol=1e-12).y[:, -1]
    mean = number @ share
    target = busy_exponential(RATE, 1.7, np.array([end]))[0]
    assert mean == pytest.approx(target, rel=1e-6)
    assert (number - mean) ** 2 @ share == pytest.approx(target, rel=1e-6)


def test_formulas_refuse_queues_that_grow_for_ever() -> None:
    with pytest.raises(TheoryError):
        erlang_c(3, 3.0)
    with pytest.raises(TheoryError):
        mg1_mean_wait(1.0, 1.0, 1.0)
    with pytest.raises(TheoryError):
        cobham_mean_waits(np.array([0.5, 0.6]), np.ones(2), np.ones(2))
    with pytest.raises(TheoryError):
        priority_mmc_mean_waits(2, np.array([1.0, 1.5]), 1.0)
    with pytest.raises(TheoryError):
        jackson(np.array([1.0]), np.array([[1.0]]), np.array([1]), np.array([5.0]))
    with pytest.raises(TheoryError):
        SinusoidalRate(1.0, 1.5, 4.0)
