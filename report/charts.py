"""The charts as Altair specifications; each takes a tidy frame whose words are already in the reader's language.

Every comparison is before (grey, dashed, squares) and after (blue, solid, circles), so it survives black and white.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from report.svg import BLUE, GREY, INK, WIDTH, room_for

Layered = alt.LayerChart | alt.FacetChart
HALO: dict[str, Any] = {"color": "#FFFFFF", "stroke": "#FFFFFF", "strokeWidth": 5, "fontWeight": "bold"}
"""Drawn first and in white, so that a line behind a text does not strike it through."""


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms in order, by the names that the reader sees; one name where there is nothing to compare."""

    names: list[str]

    @property
    def colours(self) -> alt.Scale:
        """Grey before, blue after; blue alone."""
        return alt.Scale(domain=self.names, range=[GREY, BLUE][-len(self.names) :])

    @property
    def dashes(self) -> alt.Scale:
        """Dashed before, solid after."""
        return alt.Scale(domain=self.names, range=[[5, 3], [1, 0]][-len(self.names) :])

    @property
    def shapes(self) -> alt.Scale:
        """Squares before, circles after."""
        return alt.Scale(domain=self.names, range=["square", "circle"][-len(self.names) :])


def curve(frame: pd.DataFrame, arms: Arms, x: alt.X, y_title: str, *, points: bool) -> Layered:
    """Draw lines with bands, one an arm, each named at its peak.

    Parameters
    ----------
    frame
        Columns x (as `x` reads it), arm, value, lo, hi; sorted by arm and x.
    """
    base = alt.Chart(frame).encode(x=x)
    y_axis = alt.Axis(title=y_title, tickCount=6)
    colour = alt.Color("arm:N", scale=arms.colours, legend=None)
    top = float(frame[["value", "hi"]].max().max()) * 1.08 or 1.0
    y_scale = alt.Scale(domain=[0, top], nice=False)
    band = base.mark_area(opacity=0.18).encode(y=alt.Y("lo:Q", axis=y_axis, scale=y_scale), y2="hi:Q", color=colour)
    line = base.mark_line(strokeWidth=2).encode(
        y=alt.Y("value:Q", axis=y_axis, scale=y_scale),
        color=colour,
        strokeDash=alt.StrokeDash("arm:N", scale=arms.dashes, legend=None),
    )
    layers: list[alt.Chart] = [band, line]
    if points:
        shape = alt.Shape("arm:N", scale=arms.shapes, legend=None)
        layers.append(base.mark_point(filled=True, size=50, opacity=1).encode(y="value:Q", color=colour, shape=shape))
    if len(arms.names) > 1:
        layers += _names_at_peaks(frame, x, colour)
    return alt.layer(*layers).properties(width=WIDTH, height=230)


def _names_at_peaks(frame: pd.DataFrame, x: alt.X, colour: alt.Color) -> list[alt.Chart]:
    """Write the name of the higher line above its peak, and of the lower one below the foot of its band."""
    peaks = frame.loc[frame.groupby("arm", sort=False)["value"].idxmax()].sort_values("value", ascending=False)
    peaks = peaks.assign(lo=peaks["lo"].fillna(peaks["value"]), hi=peaks["hi"].fillna(peaks["value"]))
    marks = []
    for row, (edge, shift) in zip(range(len(peaks)), (("hi", -10), ("lo", 16)), strict=False):
        peak, where = alt.Chart(peaks.iloc[[row]]), {"x": x, "y": f"{edge}:Q", "text": "arm:N"}
        marks.append(peak.mark_text(dy=shift, **HALO).encode(**where))
        marks.append(peak.mark_text(dy=shift, fontWeight="bold").encode(**where, color=colour))
    return marks


def bars(frame: pd.DataFrame, arms: Arms, x_title: str) -> Layered:
    """Draw a pair of bars per item, each with its arm and its figure at the end.

    Parameters
    ----------
    frame
        Columns item (in order), arm, value, text.
    """
    items = list(dict.fromkeys(frame["item"]))
    furthest = float(frame["value"].max()) or 1.0
    base = alt.Chart(frame).encode(
        x=alt.X(
            "value:Q",
            axis=alt.Axis(title=x_title, tickCount=5),
            scale=alt.Scale(domain=[0, furthest * 1.25], nice=False),
        ),
        y=alt.Y("item:N", sort=items, axis=_labels(items)),
        yOffset=alt.YOffset("arm:N", sort=arms.names),
    )
    colour = alt.Color("arm:N", scale=arms.colours, legend=None)
    text = base.mark_text(align="left", dx=5, color=INK).encode(text="text:N")
    return alt.layer(base.mark_bar(height={"band": 0.86}).encode(color=colour), text).properties(
        width=WIDTH - 110, height={"step": 21 if len(arms.names) > 1 else 28}
    )


def _labels(items: list[str]) -> alt.Axis:
    return alt.Axis(title=None, ticks=False, domain=False, labelPadding=8, minExtent=room_for(items) + 10)


def savings(panels: list[tuple[str, pd.DataFrame]], x_title: str) -> alt.VConcatChart:
    """Draw dots with their 95 % intervals around a zero line; a panel for each group of items, with its own axis.

    Parameters
    ----------
    panels
        Title and frame of each: item (in order), value, lo, hi, text.
    """
    room = max((room_for(list(frame["item"])) for _, frame in panels), default=0.0)
    return alt.vconcat(*(_panel(title, frame, x_title, room) for title, frame in panels), spacing=26)


def _panel(title: str, frame: pd.DataFrame, x_title: str, room: float) -> Layered:
    items = list(frame["item"])
    ends = [float(v) for v in pd.concat([frame["lo"], frame["hi"], frame["value"]]).dropna()]
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    margin = (high - low or 1.0) * 0.12
    x_scale = alt.Scale(domain=[low - margin, high + margin], nice=False)
    axis = _labels(items)
    axis["minExtent"] = room + 10
    base = alt.Chart(frame).encode(y=alt.Y("item:N", sort=items, axis=axis))
    x_axis = alt.Axis(title=x_title, tickCount=6, titlePadding=6)
    dots = base.mark_point(filled=True, size=80, opacity=1, color=BLUE).encode(
        x=alt.X("value:Q", axis=x_axis, scale=x_scale)
    )
    spans = base.mark_rule(strokeWidth=3, color=BLUE).encode(x=alt.X("lo:Q", axis=x_axis, scale=x_scale), x2="hi:Q")
    figure = {"x": alt.X("value:Q", scale=x_scale), "text": "text:N"}
    halo = base.mark_text(dy=-14, **HALO).encode(**figure)
    text = base.mark_text(dy=-14, color=INK).encode(**figure)
    zero = (
        alt.Chart(pd.DataFrame({"zero": [0.0]}))
        .mark_rule(color=INK, strokeWidth=1.5)
        .encode(x=alt.X("zero:Q", scale=x_scale))
    )
    heading = alt.TitleParams(title, anchor="start", fontSize=14, color=INK, offset=10)
    return alt.layer(zero, halo, spans, dots, text).properties(width=WIDTH - 110, height={"step": 40}, title=heading)
