"""How many replications are enough: the rule of Hoad, Robinson & Davies, for all headline measures together.

K. Hoad, S. Robinson, R. Davies: Automated selection of the number of replications for a discrete-event simulation.
Journal of the Operational Research Society 61 (2010), 1632-1644.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, sqrt

from scipy.special import stdtrit

from sim.statistics import StatisticsError
from texts import Lang, say


@dataclass(frozen=True, slots=True)
class Precision:
    """What counts as precise enough.

    Attributes
    ----------
    target
        Half-width of the interval as a share of the absolute mean: 0.05 for 5 %.
    look_ahead
        kLimit: how many further replications must stay within the target. The paper recommends 5.
    minimum
        The first number of replications at which the rule may be met. The paper starts at 3.
    ceiling
        After this many replications the rule gives up.
    level
        Level of the t-intervals.
    """

    target: float = 0.05
    look_ahead: int = 5
    minimum: int = 3
    ceiling: int = 200
    level: float = 0.95

    def __post_init__(self) -> None:
        for name, allowed, fits in (
            ("target", "> 0", self.target > 0),
            ("look_ahead", ">= 0", self.look_ahead >= 0),
            ("minimum", ">= 2", self.minimum >= 2),
            ("ceiling", f">= {self.minimum}", self.ceiling >= self.minimum),
            ("level", "0 < level < 1", 0 < self.level < 1),
        ):
            if not fits:
                raise StatisticsError("E-precision-rule", name=name, found=getattr(self, name), allowed=allowed)

    def look_ahead_from(self, n: int) -> int:
        """How many replications after the n-th must stay within the target: kLimit, and in proportion above n = 100.

        The paper's f(kLimit, n) = kLimit max(n, 100) / 100, whole replications only. n is where the streak began.
        """
        return self.look_ahead * max(n, 100) // 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule says after some replications.

    Attributes
    ----------
    enough
        True where no further replication is to be run: the rule is met, or its ceiling reached.
    guaranteed
        True where the rule is met. False at the ceiling: `recommended` is then merely all there is.
    recommended
        The number of replications, None while it is not known. Every measure was within the target at that number and
        at all later ones up to `replications`.
    replications
        How many replications the verdict rests on.
    half_widths
        Relative half-width of each measure now; infinite where it has too few values, or a mean of 0 that varies.
    too_wide, unconfirmed
        Measures that are above the target now, or have fewer values than `minimum`; and those within the target, but
        not yet for the whole look-ahead.
    """

    enough: bool
    guaranteed: bool
    recommended: int | None
    replications: int
    half_widths: Mapping[str, float]
    too_wide: tuple[str, ...]
    unconfirmed: tuple[str, ...]

    def say(self, lang: Lang, rule: Precision, names: Mapping[str, str]) -> str:
        """Say the verdict in one language; `names` has a measure's name for the reader, where it is not its own."""
        if self.guaranteed:
            key = "precision_reached"
        elif not self.enough:
            key = "precision_going_on"
        else:
            key = "precision_too_wide" if self.too_wide else "precision_unconfirmed"
        waiting = self.too_wide if self.enough and self.too_wide else self.too_wide + self.unconfirmed
        return say(
            key,
            lang,
            recommended=self.recommended,
            replications=self.replications,
            percent=100 * rule.target,
            measures={"ja": "、", "en": ", "}[lang].join(names.get(name, name) for name in waiting),
        )


@dataclass(slots=True)
class _Series:
    """Running moments of one measure (Welford 1962) and the replication since which it is within the target."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0
    since: int | None = None

    def add(self, value: float) -> None:
        """Take in a value; NaN (nothing was observed) leaves the moments as they are."""
        if value == value:  # noqa: PLR0124  not NaN
            self.n += 1
            delta = value - self.mean
            self.mean += delta / self.n
            self.squares += delta * (value - self.mean)

    def half_width(self, level: float) -> float:
        """Half-width of the t-interval over the absolute mean; 0 for values that never vary, such as 0 throughout."""
        if self.n < 2:
            return inf
        half = -float(stdtrit(self.n - 1, (1 - level) / 2)) * sqrt(self.squares / (self.n - 1) / self.n)
        if half == 0:
            return 0.0
        return half / abs(self.mean) if self.mean else inf


@dataclass(slots=True)
class PrecisionWatch:
    """Is told the headline measures of each replication, in order, and says when there are enough.

    For one measure this is the paper's algorithm: n is recommended when the half-width is within the target at n and
    stays there for the look-ahead; where it widens again, the search starts afresh. For several the number is the
    maximum over the measures of where each one's present streak began, and all streaks must last through the
    look-ahead. So a measure that widens again while another still settles is waited for, and the recommended number
    serves all of them.
    """

    rule: Precision
    _series: dict[str, _Series] = field(init=False, default_factory=dict)
    _count: int = field(init=False, default=0)
    _last: Verdict | None = field(init=False, default=None)

    def add(self, measures: Mapping[str, float]) -> Verdict:
        """Take in the next replication.

        Once there are enough, the verdict stands and later replications are ignored: those that a batch ran too many
        change nothing.

        Raises
        ------
        StatisticsError
            Where a replication has other measures than the first, or the first has none.
        """
        if self._last is not None and self._last.enough:
            return self._last
        self._count += 1
        if self._count == 1:
            self._series = {name: _Series() for name in measures}
        if not measures or measures.keys() != self._series.keys():
            missing, extra = self._series.keys() - measures.keys(), measures.keys() - self._series.keys()
            raise StatisticsError(
                "E-precision-measures",
                replication=self._count,
                missing=", ".join(sorted(missing)) or "-",
                extra=", ".join(sorted(extra)) or "-",
            )
        widths = {name: self._follow(series, measures[name]) for name, series in self._series.items()}
        self._last = self._judge(widths)
        return self._last

    def _follow(self, series: _Series, value: float) -> float:
        series.add(value)
        width = series.half_width(self.rule.level)
        if width > self.rule.target or series.n < self.rule.minimum:
            series.since = None
        elif series.since is None:
            series.since = self._count
        return width

    def _judge(self, widths: Mapping[str, float]) -> Verdict:
        starts = {name: series.since for name, series in self._series.items()}
        too_wide = tuple(name for name, start in starts.items() if start is None)
        unconfirmed = tuple(
            name for name, start in starts.items() if start and self._count < start + self.rule.look_ahead_from(start)
        )
        met = not too_wide and not unconfirmed
        recommended = max((start for start in starts.values() if start), default=None) if met else None
        stop = met or self._count >= self.rule.ceiling
        if stop and not met:
            recommended = self._count
        return Verdict(stop, met, recommended, self._count, widths, too_wide, unconfirmed)
