"""The highest scale that keeps the rules: doubling, then halving the gap; how sure the rate is, and what limits it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from msgspec import Struct

from loadtests.burdens import Sample
from loadtests.gates import Gate
from loadtests.series import RESPONSE, Series, Span
from loadtests.verdict import Outcome, Verdict
from sim.streams import Streams

CLOSE: Final = 1.2
"""The search ends when the lowest scale that was too much is at most so many times the highest that was not."""
WINDOW_S: Final = 1
"""Rates are counted in windows of so many real seconds: the busiest quarter of a short run has few of them."""
DRAWS: Final = 10_000
BUSY: Final = 70.0
"""Percent of a core from which on a process is called busy: it is waited for, whatever the clock says."""
GENERATOR: Final = "generator"
ROOM: Final = 0.5
"""A scenario may ask for so much of what the fakes themselves carry; beyond it the fakes would be measured."""
_SELF: Final = frozenset(f"gate.{gate}" for gate in (Gate.LAG, Gate.OFFERED, Gate.CPU, Gate.WORKERS))
_ASIDE: Final = frozenset({"rule.headroom", "rule.growth"})
"""Say nothing about whether a rate is carried: what is required is another question, and short runs warm up."""


class Tried(Struct, frozen=True):
    """One run of the search.

    Attributes
    ----------
    carried_per_s
        Applications that were accepted a real second in the busiest quarter.
    kept
        Whether all rules were kept and nothing was wrong.
    reasons
        Names of the lines that were not well.
    """

    scale: float
    carried_per_s: float
    kept: bool
    reasons: tuple[str, ...] = ()

    @property
    def by_generator(self) -> bool:
        """Whether it was the generator that did not keep up: then the limit lies higher than can be said."""
        return any(name in _SELF for name in self.reasons)


def tried(scale: float, carried_per_s: float, verdict: Verdict) -> Tried:
    """Return what a run says about its scale."""
    reasons = tuple(row.name for row in verdict.reasons if row.name not in _ASIDE)
    return Tried(scale, carried_per_s, not reasons, reasons)


def faulty(verdict: Verdict) -> bool:
    """Whether data were wrong: then how fast it is does not matter."""
    return any(row.outcome is Outcome.FAULTY for row in verdict.rows)


@dataclass
class Search:
    """Which scale to try next.

    Parameters
    ----------
    first
        Scale to begin with.
    most
        Largest scale that can be tried.
    """

    first: float
    most: float
    tries: list[Tried] = field(default_factory=list)

    @property
    def best(self) -> Tried | None:
        """The highest scale that was carried, below all that were not."""
        below = self.too_much
        kept = [one for one in self.tries if one.kept and (below is None or one.scale < below.scale)]
        return max(kept, key=lambda one: one.scale, default=None)

    @property
    def too_much(self) -> Tried | None:
        """The lowest scale that was not."""
        return min((one for one in self.tries if not one.kept), key=lambda one: one.scale, default=None)

    def next(self) -> float | None:
        """Return the next scale; None when the search is over."""
        best, too_much = self.best, self.too_much
        if too_much is None:
            if best is None:
                return self.first
            return min(2 * best.scale, self.most) if best.scale < self.most else None
        if best is None:
            return too_much.scale / 2 if too_much.scale > self.first / 64 else None
        if too_much.scale <= CLOSE * best.scale:
            return None
        return round(float(np.sqrt(best.scale * too_much.scale)), 2)


class Sustained(Struct, frozen=True):
    """The rate that was carried, applications a real second, and what its mean lies between with 95 %."""

    mean: float
    low: float
    high: float
    windows: int


def rates_in(series: Series, peak: Iterable[Span]) -> list[float]:
    """Return applications a second that were accepted, in each window of the busiest quarter, by when they were due."""
    found = []
    for start, end in peak:
        for first in range(start, end - WINDOW_S + 1, WINDOW_S):
            signed = series.over(RESPONSE, "sign", [(first, first + WINDOW_S)])
            found.append((signed.seen.number - signed.failed) / WINDOW_S)
    return found


def sustained(runs: Sequence[Sequence[float]], seed: int) -> Sustained:
    """Return the mean of rates with the percentile interval of its bootstrap distribution (Efron).

    Windows of one run are alike, so runs are drawn first, and then windows of each (two-stage bootstrap; Davison and
    Hinkley, "Bootstrap Methods and their Application", 1997, 3.8).

    Parameters
    ----------
    runs
        Rates in windows of each run.

    Raises
    ------
    ValueError
        Without any rate.
    """
    values = [np.asarray(rates, dtype=np.float64) for rates in runs if len(rates)]
    if not values:
        raise ValueError("there is no rate")
    generator = Streams(seed, 0).generator("bootstrap of the sustained rate")
    drawn = np.empty((DRAWS, len(values)))
    weights = np.empty((DRAWS, len(values)))
    for place in range(len(values)):
        which = generator.integers(0, len(values), DRAWS)
        for number, own in enumerate(values):
            rows = np.flatnonzero(which == number)
            drawn[rows, place] = own[generator.integers(0, len(own), (len(rows), len(own)))].mean(axis=1)
            weights[rows, place] = len(own)
    means = np.average(drawn, axis=1, weights=weights)
    low, high = np.quantile(means, (0.025, 0.975))
    every = np.concatenate(values)
    return Sustained(float(every.mean()), float(low), float(high), len(every))


class Limit(Struct, frozen=True):
    """What limits: a server or the generator, and its processor time in percent of a core; or nothing that is seen."""

    component: str
    percent: float

    @property
    def busy(self) -> bool:
        """Whether its processor is what is waited for; else answers wait for something that takes no processor time."""
        return self.percent >= BUSY


def limiting(samples: Iterable[Sample], generator_percent: float, spans: Iterable[Span]) -> Limit:
    """Return the component with the most processor time in the busiest quarter of a run."""
    means = {**_used(samples, spans), GENERATOR: generator_percent}
    component = max(sorted(means), key=lambda name: means[name])
    return Limit(component, round(means[component], 1))


class Ceiling(Struct, frozen=True):
    """What the fakes themselves carry on this machine, applications a second, and which of them is full first."""

    component: str
    per_second: float

    def bears(self, per_second: float) -> bool:
        """Whether a rate leaves the fakes enough room to be believed."""
        return per_second <= ROOM * self.per_second


def ceiling_of(samples: Iterable[Sample], carried_per_s: float, spans: Iterable[Span]) -> Ceiling | None:
    """Return the asymptotic bound of throughput; None where nothing was carried, or no processor time was seen.

    By the utilisation law a server that takes a share U of its core at a throughput X takes D = U/X of processor time
    for an application, and none can go beyond 1 / max D (Denning and Buzen, "The Operational Analysis of Queueing
    Network Models", ACM Computing Surveys 10(3), 1978). What a server took before the run began is not counted; what
    towns ask it for meanwhile is, so the bound is low rather than high, but never below what was carried.

    Parameters
    ----------
    carried_per_s
        Applications a second that were accepted in the spans.
    """
    taken = list(samples)
    idle = _used(taken, [(min((int(own.second) for own in taken), default=0) - 1, 0)])
    means = {server: percent - idle.get(server, 0.0) for server, percent in _used(taken, spans).items()}
    component = max(sorted(means), key=lambda name: means[name], default="")
    if not component or means[component] <= 0 or not carried_per_s:
        return None
    return Ceiling(component, max(carried_per_s, 100 * carried_per_s / means[component]))


def _used(samples: Iterable[Sample], spans: Iterable[Span]) -> Mapping[str, float]:
    """Return the mean processor time of each server in spans, percent of a core."""
    within = list(spans)
    used: dict[str, list[float]] = {}
    for sample in samples:
        if any(start <= sample.second < end for start, end in within):
            used.setdefault(sample.server, []).append(sample.cpu_percent)
    return {server: sum(found) / len(found) for server, found in used.items()}
