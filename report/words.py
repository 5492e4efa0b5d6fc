"""Numbers, dates and names as people read them, always in both languages at once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

from results.manifest import Label
from texts import Lang, catalogue, say

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Both:
    """One text in Japanese and in English."""

    ja: str
    en: str

    def in_(self, lang: Lang) -> str:
        """Return the text in one language."""
        return self.ja if lang == "ja" else self.en


def both(key: str, **values: object) -> Both:
    """Return a text of the catalogue in both languages; a value that is `Both` is put in per language."""
    return Both(say(key, "ja", **_in("ja", values)), say(key, "en", **_in("en", values)))


def _in(lang: Lang, values: Mapping[str, object]) -> dict[str, object]:
    return {name: value.in_(lang) if isinstance(value, Both) else value for name, value in values.items()}


def plain(text: str) -> Both:
    """Return a text that is the same in both languages: a number, an id, a source."""
    return Both(text, text)


def name_of(group: str, name: str, labels: Mapping[str, Label] | None = None) -> Both:
    """Return what an id of the tables is called: by the run's labels, by the catalogue (`kind.move_in`), or as is."""
    if labels and name in labels:
        return Both(labels[name].ja, labels[name].en)
    return both(f"{group}.{name}") if f"{group}.{name}" in catalogue() else plain(name)


@dataclass(frozen=True, slots=True)
class Scale:
    """How a measure is shown: multiplied by `factor`, with a unit written after the number."""

    factor: float
    unit: Both


_UNITS = {
    "wait_over_30_share": "people",
    "visits": "visits",
    "visits_per_move": "visits",
    "still_inside": "people",
}
"""Measures whose everyday unit differs from the unit in the tables."""


_IN_MINUTES = {"citizen_hours_per_move"}
"""Measures in hours that are mostly less than one."""


def scale_of(measure: str, unit: str) -> Scale:
    """Return how a measure is shown; shares become per cent, or people per 100."""
    if measure in _IN_MINUTES:
        return Scale(60.0, name_of("unit", "min"))
    factor = 100.0 if unit == "share" else 1.0
    return Scale(factor, name_of("unit", _UNITS.get(measure, "percent" if unit == "share" else unit)))


def places(*values: float) -> int:
    """Return the decimals that show the largest of some values with about three figures."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return 0 if largest >= 100 else 1 if largest >= 10 else 2


def number(value: float, decimals: int) -> str:
    """Write a number with thousands separated and a real minus; a dash where there is none."""
    if not math.isfinite(value):
        return "—"
    if value == 0:  # exactly none, as against 0.00
        return "0"
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:  # no minus before nothing
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def quantity(value: float) -> str:
    """Write a number from a scenario with the figures that it has, up to six."""
    return f"{value:,.6g}".replace("-", MINUS) if math.isfinite(value) else ""


_MONTHS = (
    *("", "January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""In English whatever the computer's own language is."""


def long_date(day: dt.date) -> Both:
    """2023年3月27日 and 27 March 2023."""
    return Both(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month]} {day.year}")


def short_date(day: dt.date) -> Both:
    """3月27日 and 27 March."""
    return Both(f"{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month]}")
