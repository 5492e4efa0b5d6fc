"""One queue with Poisson arrivals and exponential service: Erlang B and C, M/M/c and, with impatience, Erlang A."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from sim.program import Floats
from sim.theory import require

_NEGLIGIBLE = 45.0
"""Probabilities below e^-45 (3e-20) of the largest one are left out: they are lost in the rounding of a float."""


def erlang_b(servers: int, load: float) -> float:
    """Return the share of customers that M/G/c/c turns away (Erlang's loss formula).

    Computed by the recursion B(k) = a B(k-1) / (k + a B(k-1)), which never overflows.

    Parameters
    ----------
    servers
        c, at least 0.
    load
        a, offered load in erlangs (arrival rate times mean service), at least 0; no upper limit.

    Notes
    -----
    Gross, Shortle, Thompson & Harris, *Fundamentals of Queueing Theory*, 4th ed., chapter 2.
    """
    require(servers >= 0 and load >= 0, "Erlang B needs servers and load of at least 0")
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Return the probability of having to wait in M/M/c (Erlang's delay formula), for 0 <= load < servers.

    C = c B / (c - a (1 - B)) with Erlang's B (Gross et al., chapter 2). Units as in `erlang_b`.
    """
    require(0 <= load < servers, "Erlang C needs a load below the number of servers")
    blocked = erlang_b(servers, load)
    return servers * blocked / (servers - load * (1 - blocked))


def mmc_mean_wait(servers: int, arrival_rate: float, service_rate: float) -> float:
    """Return the mean wait in queue of all customers of M/M/c, in the time unit of the rates.

    C / (c mu - lambda), for lambda < c mu (Gross et al., chapter 2).
    """
    return erlang_c(servers, arrival_rate / service_rate) / (servers * service_rate - arrival_rate)


def mmc_wait_tail(servers: int, arrival_rate: float, service_rate: float, wait: float) -> float:
    """Return P(W > wait) in first come first served M/M/c: C exp(-(c mu - lambda) wait), for wait >= 0.

    Gross et al., chapter 2 (distribution of the waiting time).
    """
    spare = servers * service_rate - arrival_rate
    return erlang_c(servers, arrival_rate / service_rate) * float(np.exp(-spare * wait))


def mmc_wait_quantile(servers: int, arrival_rate: float, service_rate: float, share: float) -> float:
    """Return the wait that a share (0 to below 1) of customers of first come first served M/M/c does not exceed.

    ln(C / (1 - share)) / (c mu - lambda), or 0 where 1 - share is at least C: the inverse of `mmc_wait_tail`.
    """
    require(0 <= share < 1, "a quantile needs a share from 0 to below 1")
    waits = erlang_c(servers, arrival_rate / service_rate)
    if waits <= 1 - share:
        return 0.0
    return log(waits / (1 - share)) / (servers * service_rate - arrival_rate)


def birth_death(births: Floats, deaths: Floats) -> Floats:
    """Return the stationary distribution of a birth-death chain, shape (n + 1,).

    Detailed balance in logarithms, so that hundreds of servers neither overflow nor underflow (Gross et al.,
    chapter 2).

    Parameters
    ----------
    births, deaths
        Shape (n,): the rate from state k to k + 1, and from k + 1 back to k; both positive.
    """
    weight = np.concatenate(([0.0], np.cumsum(np.log(births) - np.log(deaths))))
    share = np.exp(weight - weight.max())
    return np.asarray(share / share.sum())


def number_in_system(servers: int, arrival_rate: float, service_rate: float, abandonment_rate: float = 0.0) -> Floats:
    """Return the stationary distribution of the number present in M/M/c, or in M/M/c+M with impatience.

    Cut where what is left out has no weight in a float. Poisson arrivals see this distribution too (PASTA).

    Raises
    ------
    TheoryError
        Where nobody gives up and the load is not below the number of servers.
    """
    require(servers >= 1 and arrival_rate > 0 and service_rate > 0, "rates and servers are positive")
    require(abandonment_rate > 0 or arrival_rate < servers * service_rate, "this queue grows for ever")
    states = 2 * servers + 64
    while True:
        k = np.arange(1, states + 1)
        deaths = np.minimum(k, servers) * service_rate + np.maximum(k - servers, 0) * abandonment_rate
        share = birth_death(np.full(states, arrival_rate), deaths)
        if share[-1] < share.max() * np.exp(-_NEGLIGIBLE) * (1 - min(1.0, arrival_rate / deaths[-1])):
            return share
        states *= 2


@dataclass(frozen=True, slots=True)
class ErlangA:
    """Means of M/M/c+M: of the wait of all customers (served or not), and the share who give up or have to wait."""

    mean_wait: float
    abandonment: float
    wait_probability: float


def erlang_a(servers: int, arrival_rate: float, service_rate: float, abandonment_rate: float) -> ErlangA:
    """Return the performance of M/M/c+M (Erlang A), where each waiting customer gives up at the abandonment rate.

    From the stationary distribution: the mean wait by Little's law, and abandonment = theta times the mean wait. Holds
    for any load, for theta > 0 (Palm 1957; Garnett, Mandelbaum & Reiman 2002, *Manufacturing & Service Operations
    Management* 4(3), 208-227).
    """
    require(abandonment_rate > 0, "Erlang A needs an abandonment rate above 0")
    share = number_in_system(servers, arrival_rate, service_rate, abandonment_rate)
    queue = np.maximum(np.arange(len(share)) - servers, 0)
    mean_wait = float(queue @ share) / arrival_rate
    return ErlangA(mean_wait, abandonment_rate * mean_wait, float(share[servers:].sum()))
