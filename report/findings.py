"""What the tables say about one measure: its level in one arm, its change between two, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from report.words import Both, Scale, both, number, places, scale_of

_MOST_DECIMALS = 4
GROUPS = ("kind", "users", "site", "weekday", "hour")


class Verdict(StrEnum):
    """What may be said of a change, given its 95 % interval."""

    LOWER = "lower"
    HIGHER = "higher"
    SAME = "same"
    """Not one replication differed; no sampling error is involved."""
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, slots=True)
class Level:
    """A measure in one arm, with its 95 % interval (NaN where there is none)."""

    measure: str
    unit: str
    estimate: float
    lo: float
    hi: float
    n: int


@dataclass(frozen=True, slots=True)
class Change:
    """A measure before and after, and the paired difference (after minus before) with its 95 % interval."""

    measure: str
    unit: str
    before: float
    after: float
    difference: float
    lo: float
    hi: float
    n: int

    @property
    def verdict(self) -> Verdict:
        """Return what may be said: nothing, unless the whole interval and both arms' figures point the same way."""
        moved = self.after - self.before
        if self.hi < 0 and self.difference < 0 and moved < 0:
            return Verdict.LOWER
        if self.lo > 0 and self.difference > 0 and moved > 0:
            return Verdict.HIGHER
        if self.n > 1 and self.lo == self.hi == self.difference == moved == 0:
            return Verdict.SAME
        return Verdict.CANNOT_SAY


def pick(frame: pd.DataFrame, measure: str, **groups: str) -> pd.DataFrame:
    """Return the rows of one measure; a group that is not named must be "all"; `hour="*"` takes every single hour."""
    frame = frame[frame["measure"] == measure]  # a few rows of many; the rest is quick
    chosen = pd.Series(True, index=frame.index)
    for group in GROUPS:
        wanted = groups.get(group, "all")
        chosen &= frame[group] != "all" if wanted == "*" else frame[group] == wanted
    return frame[chosen]


def level(summary: pd.DataFrame, arm: str, measure: str, **groups: str) -> Level | None:
    """Return one level from the summary table; None where it has no such row, or no value."""
    rows = pick(summary, measure, **groups)
    rows = rows[rows["arm"] == arm]
    if rows.empty or math.isnan(rows["estimate"].iloc[0]):
        return None
    row = rows.iloc[0]
    return Level(measure, str(row["unit"]), row["estimate"], row["lo95"], row["hi95"], int(row["n"]))


def change(comparison: pd.DataFrame, measure: str, **groups: str) -> Change | None:
    """Return one change from the comparison table; None where it has no such row, or no value in an arm."""
    rows = pick(comparison, measure, **groups)
    if rows.empty or rows[["before", "after"]].iloc[0].isna().any():
        return None
    row = rows.iloc[0]
    before, after, difference, lo, hi = (float(row[c]) for c in ("before", "after", "difference", "lo95", "hi95"))
    return Change(measure, str(row["unit"]), before, after, difference, lo, hi, int(row["n"]))


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """A change as it is printed: "41.6", "34.4", the unit, and the difference with its range in words."""

    before: str
    after: str
    unit: Both
    verdict: Verdict
    difference: Both
    alike: bool
    """Whether both figures are the same once they are printed."""


def in_words(found: Change) -> ChangeInWords:
    """Print a change so that its figures, its sign and its words agree."""
    scale = scale_of(found.measure, found.unit)
    decimals = places(found.before * scale.factor, found.after * scale.factor)
    if found.verdict in (Verdict.LOWER, Verdict.HIGHER):
        decimals = _enough_places(found, scale, decimals)
    return ChangeInWords(
        number(found.before * scale.factor, decimals),
        number(found.after * scale.factor, decimals),
        scale.unit,
        found.verdict,
        difference_in_words(found, decimals),
        _alike(found, scale, decimals),
    )


def _alike(found: Change, scale: Scale, decimals: int) -> bool:
    before, after = (f"{value * scale.factor:.{decimals}f}" for value in (found.before, found.after))
    return float(before) == float(after)


def _enough_places(found: Change, scale: Scale, decimals: int) -> int:
    """Add up to two decimals where two figures that differ would be printed as the same."""
    for more in range(3):
        if not _alike(found, scale, decimals + more):
            return decimals + more
    return decimals + 2


def difference_in_words(found: Change, decimals: int) -> Both:
    """Say the difference with its range: "7.2 fewer (95% range 6.3 to 8.0)", or that it cannot be told."""
    scale = scale_of(found.measure, found.unit)
    lo, hi = found.lo * scale.factor, found.hi * scale.factor
    verdict = found.verdict
    if verdict is Verdict.SAME:
        return both("report.change.same")
    if verdict is Verdict.CANNOT_SAY:
        if not (math.isfinite(lo) and math.isfinite(hi)):
            return both("report.change.no_range")
        return both("report.change.cannot_say", lo=signed(lo, decimals), hi=signed(hi, decimals), unit=scale.unit)
    small, large = sorted((abs(lo), abs(hi)))
    while (
        decimals < _MOST_DECIMALS and round(small, decimals) == 0
    ):  # a range that excludes 0 must not be printed with 0
        decimals += 1
    return both(
        f"report.change.{verdict}",
        amount=number(abs(found.difference) * scale.factor, decimals),
        lo=number(small, decimals),
        hi=number(large, decimals),
        unit=scale.unit,
    )


def signed(value: float, decimals: int) -> str:
    """Write a number with its sign; zero has none."""
    text = number(value, decimals)
    return text if value <= 0 or float(text.replace(",", "")) == 0 else f"+{text}"


def level_in_words(found: Level) -> tuple[str, Both, Both]:
    """Print a level: the figure, its unit, and its range in words."""
    scale = scale_of(found.measure, found.unit)
    decimals = places(found.estimate * scale.factor)
    if math.isfinite(found.lo) and math.isfinite(found.hi):
        lo, hi = number(found.lo * scale.factor, decimals), number(found.hi * scale.factor, decimals)
        span = both("report.level.range", lo=lo, hi=hi, unit=scale.unit)
    else:
        span = both("report.level.no_range")
    return number(found.estimate * scale.factor, decimals), scale.unit, span
