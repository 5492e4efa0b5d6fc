"""Numbers of the answer as a terminal shows them: rounded like the report, with a plain minus so that columns stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

from report.findings import Change, Level, Verdict, signed
from report.words import MINUS, number, places, scale_of
from texts import Lang

MOST_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """One row in figures; `span` is the 95 % interval, empty where there is none."""

    before: str
    after: str
    difference: str
    span: str
    verdict: Verdict


def of_change(found: Change, lang: Lang) -> Figures:
    """Print a change. A range that excludes 0 is printed without 0, and figures that differ are printed so."""
    factor = scale_of(found.measure, found.unit).factor
    values = [value * factor for value in (found.before, found.after, found.difference, found.lo, found.hi)]
    before, after, difference, lo, hi = values
    decimals = places(before, after)
    if found.verdict in (Verdict.LOWER, Verdict.HIGHER):
        while decimals < MOST_DECIMALS and (
            number(before, decimals) == number(after, decimals) or _is_zero(min(abs(lo), abs(hi)), decimals)
        ):
            decimals += 1
    return Figures(
        _plain(number(before, decimals)),
        _plain(number(after, decimals)),
        _plain(signed(difference, decimals)),
        _span(signed(lo, decimals), signed(hi, decimals), lang) if math.isfinite(lo) and math.isfinite(hi) else "",
        found.verdict,
    )


def of_level(found: Level, lang: Lang) -> tuple[str, str]:
    """Print a level and its range, empty where there is none."""
    factor = scale_of(found.measure, found.unit).factor
    value, lo, hi = (value * factor for value in (found.estimate, found.lo, found.hi))
    decimals = places(value)
    known = math.isfinite(lo) and math.isfinite(hi)
    return _plain(number(value, decimals)), _span(number(lo, decimals), number(hi, decimals), lang) if known else ""


def unit_of(measure: str, unit: str, lang: Lang) -> str:
    """Return the unit in which a measure is printed."""
    return scale_of(measure, unit).unit.in_(lang)


def _span(low: str, high: str, lang: Lang) -> str:
    return _plain(low + {"ja": "〜", "en": " to "}[lang] + high)


def _is_zero(value: float, decimals: int) -> bool:
    return value != 0 and round(value, decimals) == 0


def _plain(text: str) -> str:
    return text.replace(MINUS, "-")
