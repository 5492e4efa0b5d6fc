"""The season as a drawing: one line before, one after. By hand, because Vega takes longer than the answer."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from html import escape

from explore.answers import Curve
from report.svg import BLUE, FONT, GREY, INK, LINES
from report.words import both
from texts import Lang

_WIDTH, _HEIGHT = 540.0, 230.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 12.0, 24.0, 26.0
_MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class _Scale:
    """From days and minutes to places in the drawing."""

    first: dt.date
    days: int
    most: float

    def x(self, day: dt.date) -> float:
        return round(_LEFT + (day - self.first).days / max(self.days, 1) * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, minutes: float) -> float:
        return round(_HEIGHT - _BOTTOM - minutes / self.most * (_HEIGHT - _TOP - _BOTTOM), 1)


def season(curve: Curve, lang: Lang, named_by: str) -> str:
    """Draw the season as SVG; an empty text where there is no day to draw.

    Parameters
    ----------
    named_by
        The id of the element of the page that names the drawing.
    """
    values = [value for value in (*curve.before, *curve.after) if math.isfinite(value)]
    if not values:
        return ""
    width = _width(max(values))
    most = max(width, math.ceil(max(values) / width) * width)
    scale = _Scale(curve.dates[0], (curve.dates[-1] - curve.dates[0]).days, most)
    parts = [
        *_grid(scale, width, lang),
        _line(curve.dates, curve.before, scale, f'stroke="{GREY}" stroke-dasharray="5 3"'),
        _line(curve.dates, curve.after, scale, f'stroke="{BLUE}"'),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img"'
    return f'{head} aria-labelledby="{named_by}" font-family="{FONT}" font-size="13">{"".join(parts)}</svg>'


def _width(most: float) -> float:
    """Minutes between two lines of the grid: round, and few enough."""
    return next((float(width) for width in (1, 2, 5, 10, 20, 30, 60) if most <= 5 * width), 120.0)


def _grid(scale: _Scale, width: float, lang: Lang) -> list[str]:
    lines = [_text(0, 14, both("report.axis.minutes").in_(lang), "start")]
    for step in range(round(scale.most / width) + 1):
        y = scale.y(step * width)
        lines.append(f'<line x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{y:g}" y2="{y:g}" stroke="{LINES}"/>')
        lines.append(_text(_LEFT - 6, y + 4, f"{step * width:g}", "end"))
    every = math.ceil((scale.days + 1) / 7 / _MOST_TICKS) * 7
    monday = (-scale.first.weekday()) % 7
    for offset in range(monday, scale.days + 1, every):
        day = scale.first + dt.timedelta(days=offset)
        lines.append(_text(scale.x(day), _HEIGHT - 6, f"{day.month}/{day.day}", "middle"))
    return lines


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{INK}">{escape(words)}</text>'


def _line(dates: list[dt.date], values: list[float], scale: _Scale, look: str) -> str:
    points = [(scale.x(day), scale.y(value)) for day, value in zip(dates, values, strict=True) if math.isfinite(value)]
    way = "L".join(f"{x:g} {y:g}" for x, y in points)
    return f'<path d="M{way}" fill="none" stroke-width="2" {look}/>'
