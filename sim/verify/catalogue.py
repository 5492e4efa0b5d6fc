"""The cases of the self-test, with run lengths.

How long is long enough: without controls a mean wait within 2 % takes (1.96 / 0.02)^2 x 2 (1 + scv) / (1 - rho)^2
customers in heavy traffic (Whitt 1989, "Planning queueing simulations", *Management Science* 35(11), 1341-1366):
150,000 at a load of 0.5, 15 million at 0.95, and more where few customers wait. The controls of
`sim.verify.surprises` take three quarters to 99 % off. The lengths below come from measuring what is left, for a
half-width of about 1.5 %; no replication of a queue is shorter than 20 relaxation times.
"""

from __future__ import annotations

from sim.theory.infinite import SinusoidalRate
from sim.verify.ample import Ample
from sim.verify.cases import Case, Level
from sim.verify.impatience import Impatience
from sim.verify.multiserver import Multiserver
from sim.verify.priorities import Priorities
from sim.verify.rework import Rework
from sim.verify.single_server import SingleServer

_WARD = 2.8
"""Mean service minutes of a teaching example of a ward office with one arrival a minute (NTT Data Mathematical Systems,
https://www.msiism.jp/article/psim-3-mm1.html): 3 desks 12.3 min of mean wait, 4 desks 1.0, 5 desks 0.24."""

_QUICK: tuple[Case, ...] = (
    Multiserver(1, 0.6, 1_000, 80),
    Multiserver(4, _WARD / 4, 2_500, 100, _WARD),
    Multiserver(6, 0.8, 4_000, 110),
    Impatience(5, 1.0, 2.0, 2_500, 70),
    Impatience(20, 1.2, 1.0, 2_500, 70),
    *(SingleServer(scv, 0.6, 1_000, 60) for scv in (0.0, 0.25, 0.5, 1.0)),
    *(SingleServer(scv, 0.6, 1_500, 100) for scv in (2.25, 4.0)),
    Priorities(1, (0.3, 0.3), (1.0, 1.0), (1.0, 1.0), 2_000, 80),
    Priorities(1, (0.2, 0.2, 0.3), (0.5, 1.0, 2.0), (0.0, 1.0, 1.0), 2_000, 120),
    Priorities(3, (0.2, 0.3, 0.2), (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 3_000, 130),
    Rework((2, 1, 3), 0.6, 0.25, 1_600, 80),
    Ample(0, SinusoidalRate(1.0, 0.8, 4.0), 800, 80),
    Ample(1, SinusoidalRate(1.0, 0.8, 4.0), 800, 80),
)

_FULL: tuple[Case, ...] = (
    Multiserver(1, 0.6, 1_000, 80),
    Multiserver(1, 0.8, 2_000, 100),
    Multiserver(1, 0.9, 7_000, 80),
    Multiserver(1, 0.95, 30_000, 60),
    Multiserver(2, 0.8, 2_000, 80),
    Multiserver(2, 0.95, 30_000, 100),
    Multiserver(3, _WARD / 3, 17_000, 80, _WARD),
    Multiserver(4, _WARD / 4, 2_500, 100, _WARD),
    Multiserver(5, _WARD / 5, 5_000, 120, _WARD),
    Multiserver(10, 0.8, 7_000, 120),
    Multiserver(10, 0.95, 30_000, 100),
    Multiserver(20, 0.9, 20_000, 100),
    Multiserver(50, 0.95, 60_000, 130),
    Impatience(5, 1.0, 2.0, 2_500, 70),
    Impatience(10, 0.9, 2.0, 5_000, 100),
    Impatience(20, 1.2, 1.0, 2_500, 70),
    Impatience(50, 1.0, 0.5, 10_000, 80),
    *(SingleServer(scv, 0.6, 1_000, 60) for scv in (0.0, 0.25, 0.5, 1.0)),
    *(SingleServer(scv, 0.6, 1_500, 100) for scv in (2.25, 4.0)),
    *(SingleServer(scv, 0.9, 7_000, 50) for scv in (0.0, 0.25, 0.5, 1.0)),
    SingleServer(2.25, 0.9, 12_000, 60),
    SingleServer(4.0, 0.9, 18_000, 80),
    Priorities(1, (0.3, 0.3), (1.0, 1.0), (1.0, 1.0), 2_000, 80),
    Priorities(1, (0.2, 0.2, 0.3), (0.5, 1.0, 2.0), (0.0, 1.0, 1.0), 2_000, 120),
    Priorities(1, (0.2, 0.2, 0.2, 0.2), (0.5, 1.0, 2.0, 1.0), (0.0, 1.0, 2.25, 0.25), 7_000, 100),
    Priorities(3, (0.2, 0.3, 0.2), (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 4_000, 100),
    Priorities(10, (0.3, 0.3, 0.3), (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 20_000, 80),
    Rework((2, 1, 3), 0.6, 0.25, 2_000, 80),
    Rework((3, 2, 5), 0.8, 0.25, 6_000, 100),
    Ample(0, SinusoidalRate(1.0, 0.8, 4.0), 800, 80),
    Ample(1, SinusoidalRate(1.0, 0.8, 4.0), 800, 80),
    Ample(1, SinusoidalRate(10.0, 5.0, 4.0), 450, 80),
)


def cases_of(level: Level) -> tuple[Case, ...]:
    """Return the cases of a level: "quick" for a check within a minute on any engine, "full" for all of them."""
    return _QUICK if level == "quick" else _FULL
