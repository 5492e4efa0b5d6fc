"""Open Jackson networks: stations with exponential service, Poisson arrivals and routing by chance, rework included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.program import Floats, Ints
from sim.theory import require
from sim.theory.markov import mmc_mean_wait


@dataclass(frozen=True, slots=True)
class Jackson:
    """Stationary means of an open Jackson network; arrays have shape (stations,).

    Attributes
    ----------
    arrival_rates
        Visits per time unit, from outside and from other stations.
    numbers
        Mean number present, waiting or in service.
    sojourns
        Mean time at the station per visit.
    time_in_network
        Mean time from entering to leaving the network, over all visits.
    """

    arrival_rates: Floats
    numbers: Floats
    sojourns: Floats
    time_in_network: float


def jackson(external_rates: Floats, routing: Floats, servers: Ints, service_rates: Floats) -> Jackson:
    """Return the means of an open Jackson network.

    Each station behaves as M/M/c with the arrival rate that solves the traffic equations l = e + l R, though with
    rework its input is no Poisson process (Jackson 1957, *Operations Research* 5(4), 518-521; Gross et al.,
    *Fundamentals of Queueing Theory*, 4th ed., chapter 4).

    Parameters
    ----------
    external_rates, servers, service_rates
        Shape (stations,).
    routing
        Shape (stations, stations): the chance of going from one station to another (or itself) after service; what a
        row lacks to 1 leaves the network.

    Raises
    ------
    TheoryError
        Where some customer never leaves, or a station is loaded with its number of servers or more.
    """
    stations = len(external_rates)
    require(bool(np.all(np.abs(np.linalg.eigvals(routing)) < 1)), "some customers never leave the network")
    rates = np.linalg.solve(np.eye(stations) - routing.T, external_rates)
    sojourns = np.array(
        [
            mmc_mean_wait(int(c), float(r), float(mu)) + 1 / mu
            for c, r, mu in zip(servers, rates, service_rates, strict=True)
        ]
    )
    numbers = rates * sojourns
    return Jackson(np.asarray(rates, np.float64), numbers, sojourns, float(numbers.sum() / external_rates.sum()))
