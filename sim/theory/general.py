"""Queues with general service times or priority classes: Pollaczek-Khinchine, Cobham, and Kella and Yechiali."""

from __future__ import annotations

import numpy as np

from sim.program import Floats
from sim.theory import require
from sim.theory.markov import erlang_c


def mg1_mean_wait(arrival_rate: float, mean_service: float, scv: float) -> float:
    """Return the mean wait in queue of M/G/1: lambda E[S^2] / (2 (1 - rho)), for rho < 1.

    Pollaczek-Khinchine (Gross et al., *Fundamentals of Queueing Theory*, 4th ed., chapter 5). The same for every
    order of service that ignores service times.

    Parameters
    ----------
    arrival_rate, mean_service
        In one time unit.
    scv
        Squared coefficient of variation of the service time: variance / mean^2, at least 0.
    """
    load = arrival_rate * mean_service
    require(0 <= load < 1 and scv >= 0, "Pollaczek-Khinchine needs a load below 1 and an scv of at least 0")
    return load * mean_service * (1 + scv) / (2 * (1 - load))


def cobham_mean_waits(arrival_rates: Floats, mean_services: Floats, second_moments: Floats) -> Floats:
    """Return the mean wait of each class of non-preemptive M/G/1, shape (classes,), the first class served first.

    W_k = W_0 / ((1 - s_{k-1}) (1 - s_k)), where W_0 = sum lambda_i E[S_i^2] / 2 and s_k is the load of classes 1 to k.
    Holds while all classes together load the server below 1 (Cobham 1954, *Operations Research* 2(1), 70-76; Gross et
    al., chapter 3).

    Parameters
    ----------
    arrival_rates, mean_services, second_moments
        Shape (classes,), in one time unit; second moments are E[S^2].
    """
    load = np.cumsum(arrival_rates * mean_services)
    require(bool(load[-1] < 1), "the classes together load the server with 1 or more")
    residual = float(arrival_rates @ second_moments) / 2
    before = np.concatenate(([0.0], load[:-1]))
    return np.asarray(residual / ((1 - before) * (1 - load)))


def priority_mmc_mean_waits(servers: int, arrival_rates: Floats, service_rate: float) -> Floats:
    """Return the mean wait of each class of non-preemptive M/M/c with one service rate for all, shape (classes,).

    W_k = (C / (c mu)) / ((1 - s_{k-1}) (1 - s_k)), where C is Erlang's delay formula for all classes together and s_k
    the load per server of classes 1 to k. Holds while all classes together load each server below 1 (Cobham 1954;
    Kella & Yechiali 1985, *Communications in Statistics. Stochastic Models* 1(2), 257-262).
    """
    speed = servers * service_rate
    load = np.cumsum(arrival_rates) / speed
    require(bool(load[-1] < 1), "the classes together load each server with 1 or more")
    before = np.concatenate(([0.0], load[:-1]))
    return np.asarray(erlang_c(servers, float(load[-1]) * servers) / speed / ((1 - before) * (1 - load)))
