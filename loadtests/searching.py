"""The search for the limit, run by run: which scale is played next, with which seed, and what is known so far.

The scale that was found is played again, each time with arrivals of its own. One repetition that misses a rule says
that it was too much after all, and the search goes on below it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from loadtests.capacity import Ceiling, Limit, Search, Sustained, Tried, sustained
from loadtests.required import Required

REPETITIONS: Final = 3
"""So often the scale that was found has to be carried; the interval is over all of these runs."""
MOST_RUNS: Final = 14


class Turn(NamedTuple):
    """A run to be played: its scale, and how often that scale was carried before, by which seeds differ."""

    scale: float
    repetition: int


@dataclass(frozen=True, slots=True)
class Played:
    """What a run of the search says.

    Attributes
    ----------
    rates
        Applications a second in each window of the busiest quarter.
    limit
        What limits, if it was too much.
    ceiling
        What the fakes themselves carry, as far as the run shows it.
    """

    tried: Tried
    rates: list[float]
    limit: Limit
    ceiling: Ceiling | None
    faulty: bool


@dataclass
class Found:
    """What the search has found out.

    Attributes
    ----------
    runs
        Of runs that kept the rules: scale, and applications a second in windows.
    limits
        What limited the runs that were too much, the newest last.
    ceiling
        What the fakes themselves carry, by the first run.
    """

    required: Required
    search: Search
    runs: list[tuple[float, list[float]]] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    faulty: bool = False
    ceiling: Ceiling | None = None

    @property
    def rates(self) -> list[list[float]]:
        """Windows of each run at the scale that was found."""
        best = self.search.best
        return [rates for scale, rates in self.runs if best is not None and scale == best.scale and rates]

    @property
    def refused(self) -> bool:
        """Whether the scenario asks for more than the fakes can be believed at."""
        return self.ceiling is not None and not self.ceiling.bears(self.required.per_second)

    @property
    def headroom(self) -> float | None:
        """The sustained rate over the required one."""
        rates = [rate for run in self.rates for rate in run]
        return sum(rates) / len(rates) / self.required.per_second if rates and self.required.most else None

    def sustained(self, seed: int) -> Sustained | None:
        """Return the rate that was carried; None where none was."""
        return sustained(self.rates, seed) if self.rates else None

    def turn(self) -> Turn | None:
        """Return what is to be played next; None when the search is over."""
        if self.faulty or self.refused or len(self.search.tries) >= MOST_RUNS:
            return None
        if (scale := self.search.next()) is not None:
            return Turn(scale, 0)
        best = self.search.best
        if best is None:
            return None
        carried = sum(scale == best.scale for scale, _ in self.runs)
        return Turn(best.scale, carried) if carried < REPETITIONS else None

    def note(self, played: Played) -> None:
        """Take what a run says."""
        if not self.search.tries:
            self.ceiling = played.ceiling
        self.search.tries.append(played.tried)
        self.faulty |= played.faulty
        if played.tried.kept:
            self.runs.append((played.tried.scale, played.rates))
        else:
            self.limits.append(played.limit)
